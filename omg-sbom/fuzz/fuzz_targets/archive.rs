//! Package files of pacman and dpkg.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::archive::{self, Limits};

fuzz_target!(|bytes: &[u8]| {
    let mut limits = Limits::default();
    // What a small input may unpack to is not what is looked for here.
    limits.unpacked_bytes = 16 << 20;
    if let Ok(read) = archive::read_within(bytes, limits) {
        assert!(!read.package.name.is_empty());
        let _ = (read.scripts().count(), read.build_info().count());
    }
});
