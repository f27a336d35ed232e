//! `os-release` and what follows from it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::OsRelease;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(os) = OsRelease::parse(bytes) {
        let _ = os.distribution();
    }
});
