//! apt's `Packages`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::apt::Packages;

fuzz_target!(|bytes: &[u8]| {
    let _ = Packages::new(bytes).count();
});
