//! Whose signatures count.

use std::time::Duration;

use omg_pgp::{Anchors, Error, Keyring, Policy, RefusalKind, Rejection, TrustModel, Verifier};
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation};

use super::maker::{BackSignature, DATA, Maker, NOW, Revoked, day, sign};
use super::{check, check_with, policy, reason};

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
            assert_eq!(refusal.kind(), RefusalKind::Untrusted);
            assert_eq!(refusal.signers().len(), 2);
        }
        other => panic!("{other:?}"),
    }
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
