//! Reads any bytes as this kind of document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_vuln::Epss;

fuzz_target!(|data: &[u8]| {
    let _ = Epss::parse(data);
});
