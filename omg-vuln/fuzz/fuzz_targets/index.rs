//! Opens any bytes as an index, and reads all of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_vuln::Index;

fuzz_target!(|data: &[u8]| {
    if let Ok(index) = Index::open(data.to_vec()) {
        let _ = index.records();
    }
});
