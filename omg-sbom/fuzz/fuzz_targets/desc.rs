//! pacman's `desc` files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::{Detail, pacman::LocalDatabase};

fuzz_target!(|bytes: &[u8]| {
    let mut database = LocalDatabase::new(Detail::Full);
    let _ = database.add(b"bash-5.2-1", Some(bytes));
    let _ = database.finish();
});
