//! apk's `installed`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::apk;

fuzz_target!(|bytes: &[u8]| {
    let _ = apk::parse_installed(bytes);
});
