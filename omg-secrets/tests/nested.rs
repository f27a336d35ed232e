//! Ten thousand directories within each other. Alone in its file, since it changes the
//! working directory: no path to the innermost one is short enough for the system.
#![cfg(feature = "walk")]
#![allow(clippy::unwrap_used)] // Helpers of tests.

use omg_secrets::{ProblemKind, Scanner, Walk};

const DEPTH: usize = 10_000;

#[test]
fn ten_thousand_nested_directories_end_in_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    std::fs::write("first", ["AKI", "AQYLPMN5HKZ3E7QWA"].concat()).unwrap();
    for _ in 0..DEPTH {
        std::fs::create_dir("d").unwrap();
        std::env::set_current_dir("d").unwrap();
    }
    std::fs::write("last", "text").unwrap();
    let scanner = Scanner::builder().build().unwrap();
    let tree = Walk::new().threads(2).scan(&scanner, folder.path());
    // What is removed from within needs no long path either.
    std::fs::remove_file("last").unwrap();
    for _ in 0..DEPTH {
        std::env::set_current_dir("..").unwrap();
        std::fs::remove_dir("d").unwrap();
    }
    std::env::set_current_dir("/").unwrap();
    assert_eq!(tree.findings.len(), 1);
    assert_eq!(tree.problems.len(), 1);
    assert_eq!(tree.problems[0].kind, ProblemKind::Unreadable);
}
