//! pacman's sync databases, compressed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::pacman::SyncDatabase;

fuzz_target!(|bytes: &[u8]| {
    let _ = SyncDatabase::parse("core", bytes);
});
