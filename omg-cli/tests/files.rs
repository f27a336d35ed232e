//! Files that the program writes: who may read them, and what a killed run leaves.

#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod support;

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use support::Sandbox;

const LEFT: &str = ".omg-new-0123456789abcdef";

/// Writes a result to a file in `out`, as with this umask.
fn write(sandbox: &Sandbox, umask: &str, name: &str, more: &[&str]) {
    let tree = sandbox.write("tree/a.conf", "password = \"k2J9sLq0Zt!xy\"\n");
    let out = sandbox.path("out");
    std::fs::create_dir_all(&out).unwrap();
    let output = format!("json={}", out.join(name).display());
    let tree = tree.parent().unwrap().display().to_string();
    let args = [&["audit", "secrets", "-p", &tree, "-o", &output], more].concat();
    let program = sandbox.command(&args);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    shell.env_clear().current_dir(support::workspace());
    for (name, value) in program.get_envs() {
        shell.envs(value.map(|value| (name, value)));
    }
    let run = shell.output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_file_has_the_mode_that_the_umask_leaves() {
    let sandbox = Sandbox::new();
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("027", 0o640)] {
        write(&sandbox, umask, umask, &[]);
        assert_eq!(mode(&sandbox.path("out").join(umask)), expected, "{umask}");
    }
    assert_eq!(names(&sandbox.path("out")), ["022", "027", "077"]);
}

#[test]
fn a_replaced_file_keeps_its_mode_unless_secrets_are_in_it() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("out/a.json", "old");
    for (more, expected) in [(&[][..], 0o664), (&["--reveal"][..], 0o600)] {
        std::fs::set_permissions(&file, Permissions::from_mode(0o664)).unwrap();
        write(&sandbox, "022", "a.json", more);
        assert_eq!(mode(&file), expected);
        assert_ne!(std::fs::read(&file).unwrap(), b"old");
    }
    assert_eq!(names(&sandbox.path("out")), ["a.json"]);
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let sandbox = Sandbox::new();
    let left = sandbox.write(&format!("out/{LEFT}"), "half");
    // Names of people are theirs.
    for name in [".omg-secrets", ".omg-new-notes", ".tmpAbC123"] {
        sandbox.write(&format!("out/{name}"), "theirs");
    }
    write(&sandbox, "022", "a.json", &[]);
    assert!(!left.exists());
    let kept = [".omg-new-notes", ".omg-secrets", ".tmpAbC123", "a.json"];
    assert_eq!(names(&sandbox.path("out")), kept);
}

#[test]
fn what_another_run_still_writes_stays() {
    let sandbox = Sandbox::new();
    let written = sandbox.write(&format!("out/{LEFT}"), "half");
    let lock = File::open(&written).unwrap();
    lock.try_lock().unwrap();
    write(&sandbox, "022", "a.json", &[]);
    assert_eq!(std::fs::read(&written).unwrap(), b"half");
    // The lock is gone with its process, and then the file with the next run.
    drop(lock);
    write(&sandbox, "022", "a.json", &[]);
    assert_eq!(names(&sandbox.path("out")), ["a.json"]);
}

#[test]
fn what_is_no_file_is_not_removed() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("elsewhere", "kept");
    std::fs::create_dir_all(sandbox.path("out")).unwrap();
    std::os::unix::fs::symlink(&file, sandbox.path("out").join(LEFT)).unwrap();
    let folder = sandbox.path("out/.omg-new-fedcba9876543210");
    std::fs::create_dir(&folder).unwrap();
    write(&sandbox, "022", "a.json", &[]);
    let kept = [LEFT, ".omg-new-fedcba9876543210", "a.json"];
    assert_eq!(names(&sandbox.path("out")), kept);
    assert!(file.exists());
}

/// A key is there whole or not at all, and nobody else's to read.
#[test]
fn a_signing_key_is_its_owners_alone_and_never_overwritten() {
    let sandbox = Sandbox::new();
    let key = sandbox.path("keys/log.key");
    let shown = key.display().to_string();
    let left = sandbox.write(&format!("keys/{LEFT}"), "half a key");
    let keygen = ["audit", "log", "keygen", "--key", &shown];
    assert_eq!(sandbox.run(&keygen).code, 0);
    assert!(!left.exists());
    assert_eq!(mode(&key), 0o600);
    assert_eq!(names(&sandbox.path("keys")), ["log.key", "log.pub"]);
    let before = std::fs::read(&key).unwrap();
    let again = sandbox.run(&keygen);
    assert_ne!(again.code, 0);
    assert!(
        again.stderr.contains("never overwritten"),
        "{}",
        again.stderr
    );
    assert_eq!(std::fs::read(&key).unwrap(), before);
    assert_eq!(names(&sandbox.path("keys")), ["log.key", "log.pub"]);
}

/// An export to a device or a pipe goes there, and the device stays.
#[test]
fn an_export_replaces_no_device_and_no_link() {
    let sandbox = Sandbox::new();
    let log = sandbox.path("log/audit.jsonl").display().to_string();
    write(&sandbox, "022", "a.json", &["--log", &log]);
    let export = |to: &Path| {
        let to = to.display().to_string();
        let args = [
            "audit", "log", "export", "-f", "jsonl", "--log", &log, "-o", &to,
        ];
        let run = sandbox.run(&args);
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    // By links, so that a test that fails replaces no device.
    let null = sandbox.path("null");
    std::os::unix::fs::symlink("/dev/null", &null).unwrap();
    let file = sandbox.write("exported", "old");
    let link = sandbox.path("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for to in [&null, &link] {
        export(to);
        assert!(std::fs::symlink_metadata(to).unwrap().is_symlink());
    }
    assert_ne!(std::fs::read(&file).unwrap(), b"old");
}
