//! dpkg's `status`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::dpkg;

fuzz_target!(|bytes: &[u8]| {
    let _ = dpkg::parse_status(bytes);
    let _ = dpkg::parse_status_d([("x", bytes)]);
});
