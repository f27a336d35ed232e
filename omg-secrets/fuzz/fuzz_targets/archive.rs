//! Archives of any kind.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use omg_secrets::archive::{Limits, members};

fuzz_target!(|bytes: &[u8]| {
    let mut limits = Limits::default();
    limits.bytes = 1 << 20;
    let _ = members(Cursor::new(bytes), limits, &mut |_, member| {
        std::io::copy(member, &mut std::io::sink()).map(|_| ())
    });
});
