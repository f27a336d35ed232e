//! Trees that are made to hurt: each is walked to its end, and what was left out is reported.
#![cfg(feature = "walk")]
#![allow(clippy::unwrap_used)] // Helpers of tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use omg_secrets::{Archives, ProblemKind, Scanner, Tree, Walk};

fn secret() -> String {
    ["password = \"k2J9sLq0", "ZtVb!\"\n"].concat()
}

fn walk(root: &Path) -> Tree {
    let scanner = Scanner::builder().build().unwrap();
    Walk::new().threads(2).scan(&scanner, root)
}

#[test]
fn links_fifos_and_what_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("sub")).unwrap();
    fs::write(root.join("sub/a"), secret()).unwrap();
    std::os::unix::fs::symlink("..", root.join("sub/loop")).unwrap();
    std::os::unix::fs::symlink("sub/a", root.join("link")).unwrap();
    let made = Command::new("mkfifo").arg(root.join("fifo")).status();
    assert!(made.unwrap().success());
    let tree = walk(root);
    assert_eq!((tree.findings.len(), tree.files), (1, 1));
    let kinds: Vec<_> = tree.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::Special]);
}

#[test]
fn a_device_is_reported_and_not_read() {
    let tree = walk(Path::new("/dev/zero"));
    assert_eq!(tree.problems[0].kind, ProblemKind::Special);
    assert_eq!(tree.files, 0);
}

#[test]
fn a_long_line_of_many_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = vec![b' '; 5 << 20];
    text.extend(secret().into_bytes());
    let column = (5 << 20) + 13;
    fs::write(folder.path().join("line"), text).unwrap();
    let tree = walk(folder.path());
    assert_eq!(tree.findings.len(), 1);
    let found = &tree.findings[0].finding;
    assert_eq!((found.line, found.column), (1, column));
}

/// The length of a file in /proc is zero, whatever comes out of it.
#[test]
#[cfg(target_os = "linux")]
fn files_that_do_not_tell_their_length_are_read() {
    let tree = walk(Path::new("/proc/self/status"));
    assert_eq!(tree.files, 1);
    assert!(tree.bytes > 100);
}

#[cfg(feature = "archive")]
#[test]
fn archives_are_opened_and_bombs_reported() {
    use std::io::Write as _;

    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("a.gz")).unwrap();
    let mut out = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    out.write_all(secret().as_bytes()).unwrap();
    out.finish().unwrap();
    // The end of a zip file that promises a directory of a gigabyte.
    let mut bomb = b"PK\x03\x04".to_vec();
    bomb.extend(
        [
            b"PK\x05\x06".as_slice(),
            &[0; 8],
            &(1_u32 << 30).to_le_bytes(),
            &[0; 6],
        ]
        .concat(),
    );
    fs::write(folder.path().join("bomb.zip"), bomb).unwrap();
    let scanner = Scanner::builder().only(["jwt"]).build().unwrap();
    let tree = Walk::new()
        .archives(Archives::Open)
        .scan(&scanner, folder.path());
    assert_eq!(tree.problems.len(), 1);
    assert_eq!(tree.problems[0].kind, ProblemKind::Archive);
    assert!(tree.problems[0].path.ends_with("bomb.zip"));
    let tree = walk(folder.path());
    assert_eq!((tree.findings.len(), tree.binary), (0, 2));
}
