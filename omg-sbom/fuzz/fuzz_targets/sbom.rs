//! CycloneDX and SPDX documents.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::sbom;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(inventory) = sbom::parse(bytes) {
        for package in inventory.packages() {
            let _ = package.purl(None);
        }
    }
});
