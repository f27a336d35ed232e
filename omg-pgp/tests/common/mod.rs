//! Where the tests find data and programs that are not in the repository.
// Each test file uses a part of it, and a test may fail anywhere.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::{Path, PathBuf};

/// A directory of the shared test data, or `None` after a line that says so; with
/// `OMG_REQUIRE_TOOLS=1` its absence fails the test.
pub fn shared_data(relative: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("OMG_TEST_DATA").map_or(beside, PathBuf::from);
    present(root.join(relative), "test data")
}

/// A program on `PATH`.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|p| p.is_file()));
    present(found.unwrap_or_else(|| PathBuf::from(name)), "program")
}

fn present(path: PathBuf, what: &str) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("OMG_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(!required, "{what} {} is missing", path.display());
    println!("skipped: {what} {} is missing", path.display());
    None
}
