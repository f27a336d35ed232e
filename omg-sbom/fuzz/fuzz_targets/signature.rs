//! Signed documents. No input can carry a valid signature of a key that nobody has.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::signature::verify;

fuzz_target!(|bytes: &[u8]| assert!(verify(bytes, &[]).is_err()));
