//! Decides about any evidence; both forms say the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_policy::{Evidence, Facts, Layer, LayerKind, Policy};

const POLICY: &[u8] = include_bytes!("../../tests/vectors/policy.toml");

fuzz_target!(|data: &[u8]| {
    let Ok(evidence) = serde_json::from_slice::<Facts>(data) else { return };
    let Ok(layer) = Layer::parse(LayerKind::System, "policy.toml", POLICY) else { return };
    let policy = Policy::new([layer]);
    let Some(now) = chrono::DateTime::from_timestamp(1_795_521_600, 0) else { return };
    let order = |a: &str, b: &str| a.cmp(b);
    let (long, short) = (policy.decide(&Evidence::simulated(evidence.clone()), now, &order), policy.verdict(&Evidence::simulated(evidence.clone()), now, &order));
    assert_eq!((long.verdict, long.grade), (short.verdict, short.grade));
});
