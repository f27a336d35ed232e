//! Reads any bytes as tests of a policy, and runs them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_policy::{Policy, PolicyTests};

fuzz_target!(|data: &[u8]| {
    if let Ok(tests) = PolicyTests::parse("tests.toml", data) {
        let _ = tests.run(&Policy::default(), &|a, b| a.cmp(b));
    }
});
