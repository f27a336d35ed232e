//! Rules files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_secrets::{Baseline, Config};

fuzz_target!(|text: &str| {
    let _ = Config::parse(text);
    if let Ok(baseline) = Baseline::parse(text) {
        assert_eq!(Baseline::parse(&baseline.to_string()), Ok(baseline));
    }
});
