//! Signatures with bytes changed at random: none is accepted unless what changed is not signed,
//! and gpgv says the same, but for differences that are explained.
#![cfg(feature = "crypto-rust")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;
#[path = "common/maker.rs"]
mod maker;

use std::process::Command;

use maker::{DATA, Maker, NOW, day};
use omg_pgp::{Keyring, Policy, TrustModel, Verifier};

/// xorshift64*: which bytes change must be the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let wide = u128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d));
        usize::try_from((wide * limit as u128) >> 64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// A flipped bit, changed bytes, a cut, a repetition, or bytes put in.
fn mutate(sig: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = sig.to_vec();
    match random.below(6) {
        0 => out[random.below(sig.len())] ^= 1 << random.below(8),
        1 => {
            for _ in 0..=random.below(4) {
                let at = random.below(out.len());
                out[at] = random.byte();
            }
        }
        2 => out.truncate(random.below(sig.len())),
        3 => out.extend_from_slice(&sig[random.below(sig.len())..]),
        4 => out.insert(random.below(sig.len()), random.byte()),
        _ => drop(out.remove(random.below(sig.len()))),
    }
    out
}

/// Where in a version 4 signature the part that is hashed and the arithmetic's numbers lie.
fn signed_parts(sig: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = sig.get(2..)?;
    let hashed = 6 + usize::from(*body.get(4)?) * 256 + usize::from(*body.get(5)?);
    let unhashed = usize::from(*body.get(hashed)?) * 256 + usize::from(*body.get(hashed + 1)?);
    Some((body.get(..hashed)?, body.get(hashed + 2 + unhashed + 2..)?))
}

fn count(default: usize) -> usize {
    let set = std::env::var("OMG_MUTATIONS").ok();
    set.map_or(default, |n| n.parse().unwrap())
}

/// `OMG_MUTATIONS=1000000` runs a million; see the crate's documentation for the result.
#[test]
fn no_mutation_is_accepted() {
    let maker = Maker::new(1);
    let keyring = Keyring::from_bytes("test", &maker.cert()).unwrap();
    let verifier = Verifier::new(&keyring, TrustModel::Plain, Policy::at(day(NOW).into()));
    let sig = maker.sign();
    let (mut random, mut accepted) = (Random(7), 0);
    for _ in 0..count(10_000) {
        let mutant = mutate(&sig, &mut random);
        let Ok(evidence) = verifier.verify_detached(DATA, &mutant) else {
            continue;
        };
        accepted += 1;
        assert_eq!(evidence.signers().len(), 1);
        // The same signature, with something else in what nobody signs: the unhashed part, the
        // prefix of the digest, or another signature after it.
        let (same, other) = (signed_parts(&sig).unwrap(), signed_parts(&mutant));
        let kept = other.is_some_and(|(hashed, numbers)| {
            hashed == same.0 && (numbers == same.1 || numbers.starts_with(same.1))
        });
        assert!(kept, "{mutant:02x?}");
    }
    println!("{accepted} were accepted with nothing signed changed");
    assert!(accepted > 0);
}

/// What differs from gpgv, and why:
///
/// - gpgv reads past bytes after a signature, and past packets that do not belong there; here
///   such a file is refused as a whole.
/// - gpgv refuses a file with two signatures that differ in kind or are duplicated oddly; here
///   each is looked at for itself.
/// - gpgv refuses a wrong prefix of the digest as a quick check; here the arithmetic decides.
/// - gpgv looks the key up by the unhashed issuer and finds none where it was changed; here a
///   hashed fingerprint finds it.
#[test]
fn gpgv_says_the_same() {
    let Some(gpgv) = common::tool("gpgv") else {
        return;
    };
    let maker = Maker::new(1);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("cert.gpg"), maker.cert()).unwrap();
    std::fs::write(at("data"), DATA).unwrap();
    let theirs = |sig: &[u8]| {
        std::fs::write(at("sig"), sig).unwrap();
        Command::new(&gpgv)
            .env("GNUPGHOME", folder.path())
            .arg("--quiet")
            .arg("--keyring")
            .args([at("cert.gpg"), at("sig"), at("data")])
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap()
            .success()
    };
    let keyring = Keyring::from_bytes("test", &maker.cert()).unwrap();
    let verifier = Verifier::new(&keyring, TrustModel::Plain, Policy::at(day(NOW).into()));
    let sig = maker.sign();
    assert!(theirs(&sig) && verifier.verify_detached(DATA, &sig).is_ok());
    let mut random = Random(11);
    let (mut same, mut only_ours, mut only_theirs) = (0, 0, 0);
    for _ in 0..count(400).min(20_000) {
        let mutant = mutate(&sig, &mut random);
        let ours = verifier.verify_detached(DATA, &mutant);
        match (ours.is_ok(), theirs(&mutant)) {
            (true, false) => {
                only_ours += 1;
                // Nothing that is signed has changed.
                let (hashed, numbers) = signed_parts(&mutant).unwrap();
                let good = signed_parts(&sig).unwrap();
                assert!(
                    hashed == good.0 && numbers.starts_with(good.1),
                    "{mutant:02x?}"
                );
            }
            (false, true) => {
                only_theirs += 1;
                // The good signature is there, whole, and something stands beside it.
                let (hashed, numbers) = signed_parts(&sig).unwrap();
                let whole = |part: &[u8]| mutant.windows(part.len()).any(|w| w == part);
                assert!(whole(hashed) && whole(numbers), "{mutant:02x?} {ours:?}");
            }
            _ => same += 1,
        }
    }
    println!("{same} the same, {only_ours} only here, {only_theirs} only for gpgv");
}
