//! Links, `.BUILDINFO` and files of several bundles: nothing panics, and nobody's link counts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_slsa::{Algorithm, BuildInfo, Digests, PublicKey, Rebuilder, Rebuilds, parse_bundles};

const KEY: &str = "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

fuzz_target!(|bytes: &[u8]| {
    let _ = BuildInfo::parse(bytes);
    let _ = parse_bundles(bytes);
    let key = PublicKey::from_base64(KEY).unwrap();
    let rebuilder = Rebuilder::new("nobody", &key).unwrap();
    let digests = Digests::of_reader(&b"it"[..], &[Algorithm::Sha256]).unwrap();
    assert!(Rebuilds::verify(&[bytes], &[rebuilder], &digests, 1).is_err());
});
