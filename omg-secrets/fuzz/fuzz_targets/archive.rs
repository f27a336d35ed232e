//! Archives of any kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_secrets::archive::{Limits, members};

fuzz_target!(|bytes: &[u8]| {
    let mut limits = Limits::default();
    limits.bytes = 1 << 20;
    let _ = members(bytes, limits, &mut |_, _| {});
});
