//! What the policy and `SigLevel` decide.

use omg_pgp::{
    Anchors, AtLevel, Error, Keyring, KeysAsOf, Policy, Rejection, SigLevel, TrustModel, Verifier,
};
use sequoia_openpgp::types::ReasonForRevocation;

use super::maker::{DATA, Maker, NOW, Revoked, SIGNED, day};
use super::{check, check_with, policy, reason};

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
