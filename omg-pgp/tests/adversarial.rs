//! Certificates and signatures with one thing wrong each, and the reason each must get.
#![cfg(feature = "crypto-rust")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;
#[path = "common/maker.rs"]
mod maker;

use std::collections::BTreeSet;
use std::time::Duration;

use maker::{BackSignature, DATA, Maker, NOW, Revoked, SIGNED, day, sign};
use omg_pgp::{
    Anchors, AtLevel, Error, Keyring, KeyringError, KeysAsOf, Policy, RefusalKind, Rejection,
    SigLevel, TrustModel, Verification, Verifier,
};
use sequoia_openpgp::packet::signature::subpacket::{
    NotationDataFlags, Subpacket, SubpacketTag, SubpacketValue,
};
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};

fn policy() -> Policy {
    Policy::at(day(NOW).into())
}

fn check_with(
    cert: &[u8],
    sig: &[u8],
    data: &[u8],
    trust: TrustModel,
    policy: Policy,
) -> Result<Verification, Error> {
    let keyring = Keyring::from_bytes("test", cert).unwrap();
    Verifier::new(&keyring, trust, policy).verify_detached(data, sig)
}

fn check(cert: &[u8], sig: &[u8]) -> Result<Verification, Error> {
    check_with(cert, sig, DATA, TrustModel::Plain, policy())
}

/// The reason of the only or first rejection.
fn reason(answer: Result<Verification, Error>) -> Option<Rejection> {
    match answer {
        Ok(_) => None,
        Err(Error::NotASignature { reason, .. }) => Some(reason),
        Err(Error::Rejected(refusal)) => Some(refusal.rejected[0].reason),
        Err(error) => panic!("{error}"),
    }
}

struct Case {
    name: &'static str,
    cert: Vec<u8>,
    sig: Vec<u8>,
    expected: Option<Rejection>,
}

fn case(
    name: &'static str,
    cert: &Maker,
    sig: Vec<u8>,
    expected: impl Into<Option<Rejection>>,
) -> Case {
    Case {
        name,
        cert: cert.cert(),
        sig,
        expected: expected.into(),
    }
}

/// Signatures with something about them.
fn signatures() -> Vec<Case> {
    let good = Maker::new(1);
    let typed = |typ| good.sign_with(|b| b.set_type(typ));
    let hashed = |hash| good.sign_with(|b| b.set_hash_algo(hash));
    let made = |days| good.sign_with(|b| b.set_signature_creation_time(day(days)).unwrap());
    let expires = |days: u64| {
        let period = Duration::from_secs(days * 86_400);
        good.sign_with(|b| b.set_signature_validity_period(period).unwrap())
    };
    let notation = |critical| {
        let flags = NotationDataFlags::empty().set_human_readable();
        good.sign_with(|b| {
            b.set_notation("x@omg.example", b"x", flags, critical)
                .unwrap()
        })
    };
    let subpacket = |critical| {
        let value = SubpacketValue::Unknown {
            tag: SubpacketTag::Private(101),
            body: vec![1],
        };
        let subpacket = Subpacket::new(value, critical).unwrap();
        good.sign_with(|b| {
            b.modify_hashed_area(|mut area| {
                area.add(subpacket)?;
                Ok(area)
            })
            .unwrap()
        })
    };
    let skew = 4 * 60;
    let soon = day(NOW) + Duration::from_secs(skew);
    let soon = good.sign_with(|b| b.set_signature_creation_time(soon).unwrap());
    use Rejection as R;
    vec![
        case("good", &good, good.sign(), None),
        case(
            "by the primary key",
            &good,
            sign(&mut good.primary_pair(), DATA, |b| b),
            None,
        ),
        case("sha-384", &good, hashed(HashAlgorithm::SHA384), None),
        case("sha-512", &good, hashed(HashAlgorithm::SHA512), None),
        case("sha3-256", &good, hashed(HashAlgorithm::SHA3_256), None),
        case("sha3-512", &good, hashed(HashAlgorithm::SHA3_512), None),
        case(
            "sha-224",
            &good,
            hashed(HashAlgorithm::SHA224),
            R::WeakAlgorithm,
        ),
        case(
            "sha-1",
            &good,
            hashed(HashAlgorithm::SHA1),
            R::WeakAlgorithm,
        ),
        case("text", &good, typed(SignatureType::Text), R::WrongType),
        case(
            "standalone",
            &good,
            typed(SignatureType::Standalone),
            R::WrongType,
        ),
        case(
            "timestamp",
            &good,
            typed(SignatureType::Timestamp),
            R::WrongType,
        ),
        case(
            "confirmation",
            &good,
            typed(SignatureType::Confirmation),
            R::WrongType,
        ),
        case(
            "certification",
            &good,
            typed(SignatureType::GenericCertification),
            R::WrongType,
        ),
        case(
            "key revocation",
            &good,
            typed(SignatureType::KeyRevocation),
            R::WrongType,
        ),
        case(
            "subkey binding",
            &good,
            typed(SignatureType::SubkeyBinding),
            R::WrongType,
        ),
        case(
            "unknown type",
            &good,
            typed(SignatureType::Unknown(0x77)),
            R::WrongType,
        ),
        case("in the future", &good, made(NOW + 1), R::NotYetValid),
        case("within the skew", &good, soon, None),
        case("expired", &good, expires(1), R::Expired),
        case("not expired yet", &good, expires(NOW), None),
        case("unknown notation", &good, notation(false), None),
        case(
            "unknown critical notation",
            &good,
            notation(true),
            R::CriticalUnknown,
        ),
        case("unknown subpacket", &good, subpacket(false), None),
        case(
            "unknown critical subpacket",
            &good,
            subpacket(true),
            R::CriticalUnknown,
        ),
        case("by another", &good, Maker::new(50).sign(), R::MissingKey),
    ]
}

/// Certificates with something about them.
fn certificates() -> Vec<Case> {
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
fn revocations() -> Vec<Case> {
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

/// Files that are no file of detached signatures, or have something beside them.
fn files() -> Vec<Case> {
    use Rejection as R;
    let good = Maker::new(1);
    let sig = good.sign();
    let body = &sig[2..];
    let with = |before: &[u8], after: &[u8]| [before, &sig, after].concat();
    let packet = |tag: u8, body: &[u8]| {
        let mut packet = vec![0xc0 | tag, u8::try_from(body.len()).unwrap()];
        packet.extend(body);
        packet
    };
    let edited = |at: usize, value: u8| {
        let mut edited = sig.clone();
        edited[at] = value;
        edited
    };
    let mut tampered = sig.clone();
    *tampered.last_mut().unwrap() ^= 1;
    let many = sig.repeat(17);
    let mut stream = vec![0xc2, 0xe0 | 7];
    stream.extend(body);
    let mut old = vec![0x8b];
    old.extend(body);
    vec![
        case("marker before", &good, with(&packet(10, b"PGP"), b""), None),
        case(
            "padding before",
            &good,
            with(&packet(21, b"xxxx"), b""),
            None,
        ),
        case(
            "private packet after",
            &good,
            with(b"", &packet(60, b"x")),
            None,
        ),
        case("twice", &good, with(&sig, b""), None),
        case(
            "unknown version beside",
            &good,
            with(&packet(2, &[23, 0]), b""),
            None,
        ),
        case(
            "unknown version alone",
            &good,
            packet(2, &[23, 0]),
            R::UnsupportedVersion,
        ),
        case("version 3", &good, edited(2, 3), R::UnsupportedVersion),
        case("version 5", &good, edited(2, 5), R::UnsupportedVersion),
        case(
            "false marker",
            &good,
            with(&packet(10, b"GPG"), b""),
            R::NotDetached,
        ),
        case(
            "literal data",
            &good,
            with(&packet(11, b"b\0\0\0\0\0x"), b""),
            R::NotDetached,
        ),
        case(
            "one-pass signature",
            &good,
            with(&packet(4, &[3; 13]), b""),
            R::NotDetached,
        ),
        case("compressed data", &good, packet(8, &[0]), R::NotDetached),
        case(
            "a user ID",
            &good,
            with(b"", &packet(13, b"x")),
            R::NotDetached,
        ),
        case(
            "a trust packet",
            &good,
            with(b"", &packet(12, b"x")),
            R::NotDetached,
        ),
        case(
            "unknown critical packet",
            &good,
            with(b"", &packet(39, b"x")),
            R::NotDetached,
        ),
        case(
            "the certificate",
            &good,
            [good.cert(), sig.clone()].concat(),
            R::NotDetached,
        ),
        case("a NUL after", &good, with(b"", b"\0"), R::TrailingData),
        case("text after", &good, with(b"", b"\n"), R::TrailingData),
        case("text before", &good, with(b"\n", b""), R::Malformed),
        case(
            "cut off",
            &good,
            sig[..sig.len() - 1].to_vec(),
            R::Malformed,
        ),
        case("only a header", &good, sig[..2].to_vec(), R::Malformed),
        case("partial length", &good, stream, R::Malformed),
        case("indeterminate length", &good, old, R::Malformed),
        case(
            "four gigabytes",
            &good,
            [&[0xc2, 0xff, 0xff, 0xff, 0xff, 0xff], body].concat(),
            R::Malformed,
        ),
        case("hashed part too long", &good, edited(6, 0xff), R::Malformed),
        case("too many", &good, many, R::Limit),
        case(
            "too much padding",
            &good,
            {
                let padding = vec![0; 0x1_0000];
                [&[0xd5, 0xff, 0, 1, 0, 0][..], &padding, &sig].concat()
            },
            R::Limit,
        ),
        case(
            "too much armour",
            &good,
            {
                let begin = "-----BEGIN PGP SIGNATURE-----\nComment: ";
                [begin.as_bytes(), &vec![b'x'; 0x2_0001]].concat()
            },
            R::Limit,
        ),
        case("too large", &good, with(&vec![0xc2; 65_536], b""), R::Limit),
        case("signature edited", &good, tampered, R::BadSignature),
        case("type edited", &good, edited(3, 1), R::WrongType),
        case("hash edited", &good, edited(5, 10), R::BadSignature),
    ]
}

#[test]
fn every_case_has_its_reason() {
    let cases = [signatures(), certificates(), revocations(), files()].concat_all();
    assert!(cases.len() >= 80, "{}", cases.len());
    for case in &cases {
        let answer = check(&case.cert, &case.sig);
        let shown = format!("{answer:?}");
        assert_eq!(reason(answer), case.expected, "{}: {shown}", case.name);
    }
}

trait ConcatAll {
    fn concat_all(self) -> Vec<Case>;
}

impl<const N: usize> ConcatAll for [Vec<Case>; N] {
    fn concat_all(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}

/// The cases above, those below and the limits reach every reason that there is.
#[test]
fn every_reason_is_reached() {
    let cases = [signatures(), certificates(), revocations(), files()].concat_all();
    let mut seen: BTreeSet<Rejection> = cases.iter().filter_map(|case| case.expected).collect();
    // `no_creation_time`, and `anchors_certify` for the last two.
    seen.extend([
        Rejection::NoCreationTime,
        Rejection::Untrusted,
        Rejection::Disabled,
    ]);
    use Rejection as R;
    let all = [
        R::MissingKey,
        R::BadSignature,
        R::WeakAlgorithm,
        R::WrongType,
        R::UnsupportedVersion,
        R::NoCreationTime,
        R::Expired,
        R::NotYetValid,
        R::KeyExpired,
        R::KeyRevoked,
        R::NoBinding,
        R::NotSigningCapable,
        R::CriticalUnknown,
        R::Untrusted,
        R::Disabled,
        R::Malformed,
        R::NotDetached,
        R::TrailingData,
        R::Limit,
    ];
    assert_eq!(seen, all.into());
}

/// A creation time that is not signed is none.
#[test]
fn no_creation_time() {
    let good = Maker::new(1);
    let mut sig = good.sign();
    // The subpacket becomes one of a private type.
    let at = sig.windows(2).position(|w| w == [5, 0x82]).unwrap();
    sig[at + 1] = 100;
    assert_eq!(
        reason(check(&good.cert(), &sig)),
        Some(Rejection::NoCreationTime)
    );
}

#[test]
fn other_data_are_not_signed() {
    let good = Maker::new(1);
    for data in [
        &b""[..],
        b"Every byte of this is signed.",
        b"Every byte of this is signed.\r\n",
    ] {
        let answer = check_with(
            &good.cert(),
            &good.sign(),
            data,
            TrustModel::Plain,
            policy(),
        );
        assert_eq!(reason(answer), Some(Rejection::BadSignature));
    }
}

#[test]
fn an_empty_file_has_no_signature() {
    let good = Maker::new(1);
    for nothing in [&b""[..], &[0xca, 3, b'P', b'G', b'P'], &[0xd5, 1, 0]] {
        assert!(matches!(
            check(&good.cert(), nothing),
            Err(Error::NoSignature)
        ));
    }
}

/// What holds a key to be good only while it is good now.
#[test]
fn keys_as_of_now() {
    let mut expired = Maker::new(1);
    expired.valid = Some(SIGNED + 1);
    let retired = Maker::new(1).revoke(
        Revoked::Primary,
        ReasonForRevocation::KeyRetired,
        SIGNED + 1,
    );
    for (maker, expected) in [
        (expired, Rejection::KeyExpired),
        (retired, Rejection::KeyRevoked),
    ] {
        let mut now = policy();
        now.keys_as_of = KeysAsOf::ReferenceTime;
        let answer = check_with(&maker.cert(), &maker.sign(), DATA, TrustModel::Plain, now);
        assert_eq!(reason(answer), Some(expected));
        assert!(check(&maker.cert(), &maker.sign()).is_ok());
    }
}

#[test]
fn thresholds_count_certificates() {
    let (one, two) = (Maker::new(1), Maker::new(11));
    let cert = [one.cert(), two.cert()].concat();
    let both = [one.sign(), two.sign()].concat();
    let twice = [one.sign(), sign(&mut one.primary_pair(), DATA, |b| b)].concat();
    let need = |threshold, change: &dyn Fn(&mut Policy)| {
        let mut policy = policy();
        policy.threshold = threshold;
        change(&mut policy);
        policy
    };
    let ask = |sig: &[u8], policy| check_with(&cert, sig, DATA, TrustModel::Plain, policy);
    assert_eq!(ask(&both, need(2, &|_| ())).unwrap().signers().len(), 2);
    // Two keys of one certificate are one signer.
    assert!(ask(&twice, need(2, &|_| ())).is_err());
    assert!(ask(&both, need(3, &|_| ())).is_err());
    assert!(ask(&both, need(0, &|p| p.threshold_pqc = 1)).is_err());
    assert!(ask(&both, need(1, &|p| p.threshold_classical = 3)).is_err());
    // Nothing is accepted without a signature that counts, whatever the threshold.
    let stranger = Maker::new(50).sign();
    assert!(ask(&stranger, need(0, &|_| ())).is_err());
    let with_stranger = [one.sign(), stranger].concat();
    assert!(ask(&with_stranger, need(1, &|_| ())).is_ok());
    assert!(ask(&with_stranger, need(1, &|p| p.all_must_verify = true)).is_err());
    // Refused for want of numbers, good signatures are no alarm.
    match ask(&both, need(3, &|_| ())) {
        Err(Error::Rejected(refusal)) => {
            assert_eq!(refusal.kind, RefusalKind::Untrusted);
            assert_eq!(refusal.signers.len(), 2);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn armour_is_by_policy() {
    let good = Maker::new(1);
    let armored = {
        use std::io::Write as _;
        let mut out = Vec::new();
        let kind = sequoia_openpgp::armor::Kind::Signature;
        let mut writer = sequoia_openpgp::armor::Writer::new(&mut out, kind).unwrap();
        writer.write_all(&good.sign()).unwrap();
        writer.finalize().unwrap();
        out
    };
    assert!(check(&good.cert(), &armored).is_ok());
    let pacman = Policy::pacman(day(NOW).into());
    let answer = check_with(&good.cert(), &armored, DATA, TrustModel::Plain, pacman);
    assert_eq!(reason(answer), Some(Rejection::NotDetached));
}

/// Anchors whose certifications count, and those that do not.
#[test]
fn anchors_certify() {
    let anchors: Vec<Maker> = (0..4).map(|n| Maker::new(100 + 2 * n)).collect();
    let fingerprint = |maker: &Maker| maker.primary.fingerprint().to_hex();
    let list: String = anchors
        .iter()
        .map(|a| format!("{}:4:\n", fingerprint(a)))
        .collect();
    let anchored = |revoked: &str| TrustModel::Anchored(Anchors::parse(&list, revoked).unwrap());
    let ask = |signer: &Maker, anchors: &[Maker], revoked: &str| {
        let mut keyring: Vec<u8> = anchors.iter().flat_map(Maker::cert).collect();
        keyring.extend(signer.cert());
        check_with(&keyring, &signer.sign(), DATA, anchored(revoked), policy())
    };
    let by = |count: usize| {
        let all = anchors.iter().take(count);
        all.fold(Maker::new(1), |maker, anchor| {
            maker.certified_by(anchor, |b| b)
        })
    };
    assert!(ask(&by(3), &anchors, "").is_ok());
    assert!(ask(&by(4), &anchors, "").is_ok());
    assert_eq!(
        reason(ask(&by(2), &anchors, "")),
        Some(Rejection::Untrusted)
    );
    assert_eq!(
        reason(ask(&by(0), &anchors, "")),
        Some(Rejection::Untrusted)
    );
    let signer = by(3);
    let disabled = ask(&signer, &anchors, &fingerprint(&signer));
    assert_eq!(reason(disabled), Some(Rejection::Disabled));
    // An anchor signs by itself.
    assert!(ask(&anchors[0], &anchors, "").is_ok());
    // Certifications that do not count.
    let two_and = |change: &dyn Fn(Maker) -> Maker| change(by(2));
    let expired = two_and(&|m| {
        let day = Duration::from_secs(86_400);
        m.certified_by(&anchors[2], |b| {
            b.set_signature_validity_period(day).unwrap()
        })
    });
    let weak = two_and(&|m| m.certified_by(&anchors[2], |b| b.set_hash_algo(HashAlgorithm::SHA1)));
    let later = two_and(&|m| {
        m.certified_by(&anchors[2], |b| {
            b.set_signature_creation_time(day(NOW + 9)).unwrap()
        })
    });
    let stranger = two_and(&|m| m.certified_by(&Maker::new(50), |b| b));
    for signer in [&expired, &weak, &later, &stranger] {
        assert_eq!(
            reason(ask(signer, &anchors, "")),
            Some(Rejection::Untrusted)
        );
    }
    // The name of an anchor on somebody else's word.
    let forged = two_and(&|m| {
        let name = anchors[2].primary.fingerprint();
        m.certified_by(&Maker::new(50), |b| {
            let b = b.set_issuer_fingerprint(name.clone()).unwrap();
            b.set_issuer(name.into()).unwrap()
        })
    });
    assert_eq!(
        reason(ask(&forged, &anchors, "")),
        Some(Rejection::Untrusted)
    );
    // A word of a later time does not take away the one that holds now.
    let again = by(3).certified_by(&anchors[2], |b| {
        b.set_signature_creation_time(day(NOW + 9)).unwrap()
    });
    assert!(ask(&again, &anchors, "").is_ok());
    // An anchor takes its word back, and gives it again.
    let taken_back = by(3).user_id_revoked_by(&anchors[2], 20);
    assert_eq!(
        reason(ask(&taken_back, &anchors, "")),
        Some(Rejection::Untrusted)
    );
    let given_again = taken_back.certified_by(&anchors[2], |b| {
        b.set_signature_creation_time(day(30)).unwrap()
    });
    assert!(ask(&given_again, &anchors, "").is_ok());
    // The name that was certified is no longer the signer's.
    let renamed = by(3);
    let renamed = renamed.clone().user_id_revoked_by(&renamed, 20);
    assert!(ask(&renamed, &anchors, "").is_err());
    // Anchors that do not count.
    let revoked_anchor = {
        let mut changed = anchors.clone();
        let code = ReasonForRevocation::KeyRetired;
        changed[0] = changed[0].clone().revoke(Revoked::Primary, code, 50);
        changed
    };
    assert_eq!(
        reason(ask(&by(3), &revoked_anchor, "")),
        Some(Rejection::Untrusted)
    );
    let expired_anchor = {
        let mut changed = anchors.clone();
        changed[0].valid = Some(50);
        changed
    };
    assert_eq!(
        reason(ask(&by(3), &expired_anchor, "")),
        Some(Rejection::Untrusted)
    );
    let missing = &anchors[1..];
    assert_eq!(reason(ask(&by(3), missing, "")), Some(Rejection::Untrusted));
    let disabled_anchor = ask(&by(3), &anchors, &fingerprint(&anchors[0]));
    assert_eq!(reason(disabled_anchor), Some(Rejection::Untrusted));
}

/// A key that another certificate claims, too: the one that it belongs to is found.
#[test]
fn a_stolen_subkey_is_its_owners() {
    let owner = Maker::new(1);
    let mut thief = Maker::new(21);
    thief.subkey = owner.subkey.clone();
    thief.back_signature = BackSignature::Missing;
    for cert in [
        [owner.cert(), thief.cert()].concat(),
        [thief.cert(), owner.cert()].concat(),
    ] {
        let evidence = check(&cert, &owner.sign()).unwrap();
        assert_eq!(
            evidence.signers()[0].certificate,
            owner.primary.fingerprint().to_hex()
        );
    }
}

#[test]
fn hostile_names_do_not_reach_a_terminal() {
    let mut maker = Maker::new(1);
    maker.user_id = "\u{1b}[2Jroot\n".to_owned();
    let evidence = check(&maker.cert(), &maker.sign()).unwrap();
    assert_eq!(
        evidence.signers()[0].user_id.as_deref(),
        Some("\\u{1b}[2Jroot\\n")
    );
}

/// Keyrings that are none.
#[test]
fn keyrings() {
    let good = Maker::new(1).cert();
    let limit = vec![0; omg_pgp::MAX_KEYRING_BYTES + 1];
    let too_large = Keyring::from_bytes("bad", &limit);
    assert!(matches!(too_large, Err(KeyringError::TooLarge { .. })));
    // A certificate that somebody flooded is left out, and the others are not.
    let flood = [&[0xfc, 0xff, 0, 0x11, 0, 0][..], &vec![0; 0x11_0000]].concat();
    let keyring = Keyring::from_bytes("flood", &[&good[..], &flood, &good].concat()).unwrap();
    assert_eq!((keyring.len(), keyring.skipped().len()), (1, 1));
    for bad in [&b""[..], b"garbage", &[0xc6, 2, 4, 0], &good[..20]] {
        assert!(Keyring::from_bytes("bad", bad).is_err(), "{bad:?}");
    }
    let beside = [&good[..], b"garbage", &good].concat();
    let keyring = Keyring::from_bytes("beside", &beside).unwrap();
    assert_eq!((keyring.len(), keyring.skipped().len()), (2, 1));
    assert_eq!(keyring.skipped()[0].offset, good.len());
}

/// What pacman does at each `SigLevel`, with and without a signature, good and bad.
#[test]
fn levels_of_pacman() {
    let (signer, stranger) = (Maker::new(1), Maker::new(50));
    let keyring = Keyring::from_bytes("test", &signer.cert()).unwrap();
    let anchors = Anchors::new([stranger.primary.fingerprint().to_hex()]);
    let verifier = Verifier::new(&keyring, TrustModel::Anchored(anchors), policy());
    let (good, bad) = (signer.sign(), stranger.sign());
    let ask = |words: &str, sig: Option<&[u8]>| {
        let level: SigLevel = words.parse().unwrap();
        verifier.verify_at_level(level.package, DATA, sig)
    };
    assert_eq!(ask("Never", Some(&bad)).unwrap(), AtLevel::NotAsked);
    assert_eq!(ask("Optional", None).unwrap(), AtLevel::Unsigned);
    assert!(matches!(ask("Required", None), Err(Error::NoSignature)));
    for level in ["Optional", "Required"] {
        // The signer is known, and nobody vouches for it.
        assert!(ask(&format!("{level} TrustedOnly"), Some(&good)).is_err());
        let verified = ask(&format!("{level} TrustAll"), Some(&good));
        assert!(matches!(verified, Ok(AtLevel::Verified(_))));
        assert!(ask(&format!("{level} TrustAll"), Some(&bad)).is_err());
        assert!(ask(&format!("{level} TrustAll"), Some(b"")).is_err());
    }
}

/// No number of certifications that are needed makes a stranger trusted.
#[test]
fn at_least_one_anchor_must_vouch() {
    let (signer, stranger) = (Maker::new(1), Maker::new(50));
    let keyring = Keyring::from_bytes("test", &signer.cert()).unwrap();
    let mut anchors = Anchors::new([stranger.primary.fingerprint().to_hex()]);
    anchors.needed = 0;
    let verifier = Verifier::new(&keyring, TrustModel::Anchored(anchors), policy());
    assert!(verifier.verify_detached(DATA, &signer.sign()).is_err());
}

/// The signature of a package in a sync database is the one beside its file.
#[test]
fn signatures_in_sync_databases() {
    use base64::Engine as _;
    let maker = Maker::new(1);
    let text = base64::engine::general_purpose::STANDARD.encode(maker.sign());
    let sig = omg_pgp::decode_pgpsig(&format!("{text}\n")).unwrap();
    assert!(check(&maker.cert(), &sig).is_ok());
    assert!(omg_pgp::decode_pgpsig("%%%").is_err());
}

/// Many files at once: the answers are in the order of the jobs, and a file that cannot be read
/// is an error of its own.
#[test]
fn batches_keep_their_order() {
    let maker = Maker::new(1);
    let keyring = Keyring::from_bytes("test", &maker.cert()).unwrap();
    let verifier = Verifier::new(&keyring, TrustModel::Plain, policy());
    let jobs: Vec<usize> = (0..50).collect();
    let threads = std::num::NonZeroUsize::new(4).unwrap();
    let answers = verifier.verify_batch(&jobs, threads, |job| match job % 3 {
        0 => Ok((DATA, maker.sign())),
        1 => Ok((&b"other"[..], maker.sign())),
        _ => Err(std::io::Error::other("gone")),
    });
    assert_eq!(answers.len(), jobs.len());
    for (job, answer) in answers.iter().enumerate() {
        match job % 3 {
            0 => assert!(answer.is_ok()),
            1 => assert!(matches!(answer, Err(Error::Rejected(_)))),
            _ => assert!(matches!(answer, Err(Error::Io(_)))),
        }
    }
}

/// RSA keys of sizes that the policy does not take, and one that anybody could sign with.
#[test]
fn sizes_of_rsa() {
    use sequoia_openpgp::packet::key::{Key4, PrimaryRole, PublicParts};
    use sequoia_openpgp::packet::{Key, Packet, UserID};
    use sequoia_openpgp::serialize::SerializeInto as _;
    let ask = |bits: usize, exponent: u8, change: &dyn Fn(&mut Policy)| {
        let mut modulus = vec![0xff; bits / 8];
        modulus[0] = 0x80;
        let key =
            Key4::<PublicParts, PrimaryRole>::import_public_rsa(&[exponent], &modulus, day(0));
        let key = Key::from(key.unwrap());
        let name = key.fingerprint();
        let sig = Maker::new(1).sign_with(|b| {
            let b = b.set_issuer_fingerprint(name.clone()).unwrap();
            b.set_issuer(name.into()).unwrap()
        });
        let packets = [Packet::from(key), Packet::from(UserID::from("rsa"))];
        let cert: Vec<u8> = packets.iter().flat_map(|p| p.to_vec().unwrap()).collect();
        let mut policy = policy();
        change(&mut policy);
        reason(check_with(&cert, &sig, DATA, TrustModel::Plain, policy))
    };
    // Without a signature of its own, a key of a good size is not bound.
    assert_eq!(ask(2048, 3, &|_| ()), Some(Rejection::NoBinding));
    assert_eq!(ask(2040, 3, &|_| ()), Some(Rejection::WeakAlgorithm));
    assert_eq!(
        ask(1024, 3, &|p| p.min_rsa_bits = 1024),
        Some(Rejection::NoBinding)
    );
    assert_eq!(ask(8200, 3, &|_| ()), Some(Rejection::WeakAlgorithm));
    assert_eq!(ask(2048, 1, &|_| ()), Some(Rejection::WeakAlgorithm));
}
