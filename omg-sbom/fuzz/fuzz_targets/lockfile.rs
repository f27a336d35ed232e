//! Lock files; the first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use omg_sbom::inventory::lockfile;

fuzz_target!(|bytes: &[u8]| {
    const NAMES: [&str; 7] = [
        "Cargo.lock",
        "package-lock.json",
        "requirements.txt",
        "poetry.lock",
        "uv.lock",
        "Pipfile.lock",
        "unknown",
    ];
    if let Some((choice, bytes)) = bytes.split_first() {
        let _ = lockfile::parse(NAMES[usize::from(*choice) % NAMES.len()], bytes);
    }
});
