//! What package managers record of installed files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::files::{parse_md5sums, parse_mtree};

fuzz_target!(|bytes: &[u8]| {
    for files in [parse_mtree(bytes), parse_md5sums(bytes)].into_iter().flatten() {
        for file in files {
            assert!(!file.path.is_empty() && !file.path.starts_with(b"/"));
            assert!(!file.path.split(|byte| *byte == b'/').any(|part| part == b".."));
        }
    }
});
