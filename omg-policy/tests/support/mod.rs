//! What the tests share.
#![allow(dead_code, unreachable_pub)] // No test uses all of it.

use std::path::PathBuf;

/// Says that a test was skipped and why; a failure where nothing may be missing.
pub fn skip(why: &str) {
    assert!(std::env::var_os("OMG_REQUIRE_TOOLS").is_none(), "{why}");
    println!("skipped: {why}");
}

/// A file of the shared test data.
pub fn data(path: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("OMG_TEST_DATA") {
        Some(root) => PathBuf::from(root),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
    };
    Some(root.join(path)).filter(|path| path.exists())
}
