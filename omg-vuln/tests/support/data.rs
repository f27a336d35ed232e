//! Test data that lives outside the repository.

// Shared by tests of which each uses a part.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, dead_code)]

use std::path::PathBuf;

/// A directory or file of the shared test data.
///
/// `None`, after a line that says so, where it is absent; with `OMG_REQUIRE_TOOLS=1`
/// its absence fails the test.
pub(crate) fn path(relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("OMG_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(relative);
    if path.exists() {
        return Some(path);
    }
    missing(&format!("test data {}", path.display()));
    None
}

/// Notes that something is missing, or fails where everything is required.
pub(crate) fn missing(what: &str) {
    let required = std::env::var_os("OMG_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(!required, "{what} is missing, and OMG_REQUIRE_TOOLS is set");
    println!("skipped: {what} is missing");
}

/// The lines that hold data, with their numbers.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let data =
        |line: &str| !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with("//");
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(move |(_, line)| data(line))
}
