//! A keyring of any bytes, and a good signature: no panic, and nobody is trusted but the signer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_pgp::{Keyring, Policy, TrustModel, Verifier};

const SIGNATURE: &[u8] = include_bytes!("../../tests/vectors/good.sig");
const DATA: &[u8] = include_bytes!("../../tests/vectors/data.bin");

fuzz_target!(|bytes: &[u8]| {
    let Ok(keyring) = Keyring::from_bytes("fuzz", bytes) else {
        return;
    };
    let policy = Policy::at("2026-11-24T00:00:00Z".parse().unwrap());
    let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
    let _ = verifier.verify_detached(DATA, SIGNATURE);
    assert!(verifier.verify_detached(&b"other"[..], SIGNATURE).is_err());
});
