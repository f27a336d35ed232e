//! RSA keys of more than 4,096 bits: GnuPG made the vectors, with a primary key and with a subkey
//! of 5,120 bits (`gpg --enable-large-rsa`).
#![cfg(feature = "aws-lc")]
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

use omg_pgp::{Error, Keyring, Policy, Rejection, TrustModel, Verification, Verifier};

const VECTORS: [(&[u8], &[u8]); 2] = [
    (
        include_bytes!("vectors/large-primary.cert"),
        include_bytes!("vectors/large-primary.sig"),
    ),
    (
        include_bytes!("vectors/large-subkey.cert"),
        include_bytes!("vectors/large-subkey.sig"),
    ),
];

const DATA: &[u8] = include_bytes!("vectors/data.bin");

fn check(cert: &[u8], signature: &[u8], data: &[u8]) -> Result<Verification, Error> {
    let keyring = Keyring::from_bytes("large", cert).unwrap();
    let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
    Verifier::new(&keyring, TrustModel::Plain, policy).verify_detached(data, signature)
}

fn rejection(answer: Result<Verification, Error>) -> Rejection {
    match answer {
        Err(Error::Rejected(refusal)) => refusal.rejected()[0].reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_large_key_signs() {
    for (cert, signature) in VECTORS {
        let evidence = check(cert, signature, DATA).unwrap();
        assert_eq!(evidence.signers()[0].algorithm, "RSA5120");
        // What was accepted once says nothing of other bytes, or of another key.
        let other = check(cert, signature, b"other data");
        assert_eq!(rejection(other), Rejection::BadSignature);
    }
    let crossed = check(VECTORS[0].0, VECTORS[1].1, DATA);
    assert_eq!(rejection(crossed), Rejection::MissingKey);
}

/// Every byte of the signature's number counts.
#[test]
fn a_changed_signature_is_refused() {
    for (cert, signature) in VECTORS {
        for from_end in [1, 2, 100, 400, 639] {
            let mut changed = signature.to_vec();
            let at = changed.len() - from_end;
            changed[at] ^= 1;
            assert_eq!(
                rejection(check(cert, &changed, DATA)),
                Rejection::BadSignature
            );
        }
    }
}

/// A certificate whose own signatures are broken binds no key, small or large.
#[test]
fn a_changed_certificate_binds_nothing() {
    for (cert, signature) in VECTORS {
        // The last packet is the binding of the key that signs; its number is at the end.
        let mut changed = cert.to_vec();
        let at = changed.len() - 3;
        changed[at] ^= 1;
        let reason = rejection(check(&changed, signature, DATA));
        assert!(
            matches!(reason, Rejection::NoBinding | Rejection::MissingKey),
            "{reason:?}"
        );
    }
}
