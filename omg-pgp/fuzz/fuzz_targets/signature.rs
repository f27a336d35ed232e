//! A file of signatures against a good keyring: whatever it holds, no panic, and no signer but the
//! one that there is.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use omg_pgp::{Keyring, Policy, TrustModel, Verifier};

const CERTIFICATE: &[u8] = include_bytes!("../../tests/vectors/good.cert");
const DATA: &[u8] = include_bytes!("../../tests/vectors/data.bin");

fuzz_target!(|signature: &[u8]| {
    static KEYRING: OnceLock<Keyring> = OnceLock::new();
    let keyring = KEYRING.get_or_init(|| Keyring::from_bytes("fuzz", CERTIFICATE).unwrap());
    let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
    let verifier = Verifier::new(keyring, TrustModel::Plain, policy);
    if let Ok(evidence) = verifier.verify_detached(DATA, signature) {
        assert_eq!(evidence.signers().len(), 1);
    }
    // Over other data nothing is good.
    assert!(verifier.verify_detached(&b"other"[..], signature).is_err());
});
