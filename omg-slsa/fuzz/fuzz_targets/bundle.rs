//! Bundles: whatever they hold, the answer is an error or evidence, in bounded time and memory.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use omg_slsa::{Algorithm, Digests, Domain, NpmAttestations, TrustRoot, Verifier, parse_bundles};

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let root = TrustRoot::embedded(Domain::PublicGood).expect("the embedded root is good");
    Verifier::new(&root).expect("the embedded root is good")
});

fuzz_target!(|data: &[u8]| {
    let algorithms = [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];
    let digests = Digests::of_reader(&b"a"[..], &algorithms).expect("memory can be read");
    let at = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    let _ = NpmAttestations::parse(data);
    for bundle in parse_bundles(data)
        .unwrap_or_default()
        .into_iter()
        .flatten()
    {
        let _ = VERIFIER.authenticate(&bundle, &digests, at);
    }
});
