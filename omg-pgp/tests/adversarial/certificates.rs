//! Certificates with something about them.

use omg_pgp::Rejection;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation};

use super::maker::{self, BackSignature, DATA, Maker, Revoked, SIGNED};
use super::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    use Rejection as R;
    let with = |change: &dyn Fn(&mut Maker)| {
        let mut maker = Maker::new(1);
        change(&mut maker);
        maker
    };
    let sign = |maker: &Maker| maker.sign();
    let late = Maker::made_on(1, SIGNED + 1);
    let mut cases = vec![case(
        "made after it signed",
        &late,
        sign(&late),
        R::KeyExpired,
    )];
    let named: [(&'static str, Maker, Option<Rejection>); 13] = [
        (
            "expired before it signed",
            with(&|m| m.valid = Some(SIGNED - 1)),
            Some(R::KeyExpired),
        ),
        (
            "expired after it signed",
            with(&|m| m.valid = Some(SIGNED + 1)),
            None,
        ),
        (
            "subkey expired before",
            with(&|m| m.subkey_valid = Some(SIGNED - 1)),
            Some(R::KeyExpired),
        ),
        (
            "subkey expired after",
            with(&|m| m.subkey_valid = Some(SIGNED + 1)),
            None,
        ),
        (
            "self-signatures with SHA-1",
            with(&|m| m.hash = HashAlgorithm::SHA1),
            Some(R::NoBinding),
        ),
        (
            "subkey may only encrypt",
            with(&|m| m.subkey_flags = KeyFlags::empty().set_transport_encryption()),
            Some(R::NotSigningCapable),
        ),
        (
            "subkey may only certify",
            with(&|m| m.subkey_flags = KeyFlags::empty().set_certification()),
            Some(R::NotSigningCapable),
        ),
        (
            "subkey may only authenticate",
            with(&|m| m.subkey_flags = KeyFlags::empty().set_authentication()),
            Some(R::NotSigningCapable),
        ),
        (
            "no back signature",
            with(&|m| m.back_signature = BackSignature::Missing),
            Some(R::NoBinding),
        ),
        (
            "back signature by another",
            with(&|m| m.back_signature = BackSignature::ByAnother),
            Some(R::NoBinding),
        ),
        (
            "back signature expired",
            with(&|m| m.back_signature = BackSignature::Expired),
            Some(R::NoBinding),
        ),
        (
            "back signature with SHA-1",
            with(&|m| m.back_signature = BackSignature::Sha1),
            Some(R::NoBinding),
        ),
        (
            "hostile user ID",
            with(&|m| m.user_id = "\u{1b}[2Jroot\n".to_owned()),
            None,
        ),
    ];
    for (name, maker, expected) in named {
        let sig = sign(&maker);
        cases.push(case(name, &maker, sig, expected));
    }
    let certify_only = with(&|m| m.flags = KeyFlags::empty().set_certification());
    let sig = maker::sign(&mut certify_only.primary_pair(), DATA, |b| b);
    cases.push(case(
        "primary key may only certify",
        &certify_only,
        sig,
        R::NotSigningCapable,
    ));
    cases
}

/// Hard revocations are for ever; soft ones for what was signed later.
pub(crate) fn revocations() -> Vec<Case> {
    let mut cases = Vec::new();
    for what in [Revoked::Primary, Revoked::Subkey] {
        for (code, hard) in [
            (ReasonForRevocation::Unspecified, true),
            (ReasonForRevocation::KeyCompromised, true),
            (ReasonForRevocation::Unknown(99), true),
            (ReasonForRevocation::Private(101), true),
            (ReasonForRevocation::KeySuperseded, false),
            (ReasonForRevocation::KeyRetired, false),
        ] {
            for (on, before) in [(SIGNED - 1, true), (SIGNED + 1, false)] {
                let maker = Maker::new(1).revoke(what, code, on);
                let expected = (hard || before).then_some(Rejection::KeyRevoked);
                cases.push(case("revoked", &maker, maker.sign(), expected));
            }
        }
    }
    cases
}
