//! Reads any bytes as a policy.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_policy::{Layer, LayerKind};

fuzz_target!(|data: &[u8]| {
    let _ = Layer::parse(LayerKind::System, "policy.toml", data);
});
