//! What the program touches: every file that it writes, by the kernel's own account.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Sandbox, tool, workspace};

const DEMO: [&str; 4] = [
    "--root",
    "examples/demo-root",
    "--advisories",
    "examples/demo-root/advisories",
];

/// Calls by which something on disk comes into being, changes its name, or goes.
const CALLS: &str = "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,\
    unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,truncate,chmod,fchmodat,chown,fchownat,\
    mknod,mknodat,setuid,setresuid,connect";

/// The paths in a line of strace: what stands between quotes.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// Whether a line of strace is one that changes something.
fn changes(line: &str) -> bool {
    let Some((call, rest)) = line.split_once('(') else {
        return false;
    };
    let call = call.rsplit(' ').next().unwrap();
    if call.starts_with("open") {
        return ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]
            .iter()
            .any(|flag| rest.contains(flag));
    }
    !call.is_empty() && !rest.starts_with(")")
}

/// Runs a command under strace and gives what it changed, or `None` where strace may not trace.
fn trace(sandbox: &Sandbox, strace: &Path, args: &[&str]) -> Option<Vec<String>> {
    let log = sandbox.path("trace");
    let program = sandbox.command(args);
    let output = Command::new(strace)
        .args(["-f", "-qq", "-e", CALLS, "-o"])
        .arg(&log)
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .env("HOME", sandbox.dir.path())
        .env("PATH", "/usr/bin:/bin")
        .current_dir(workspace())
        .output()
        .unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(&log).unwrap();
    if text.contains("ptrace") && text.contains("not permitted") {
        println!("skipped: this machine does not let strace trace");
        return None;
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{stderr}"
    );
    Some(
        text.lines()
            .filter(|l| changes(l))
            .map(str::to_owned)
            .collect(),
    )
}

/// Everything below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn it_writes_below_the_user_s_folders_and_to_what_was_named_and_nowhere_else() {
    let Some(strace) = tool("strace") else { return };
    let sandbox = Sandbox::new();
    let named = sandbox.path("named");
    std::fs::create_dir_all(&named).unwrap();
    let out = |name: &str| named.join(name).to_str().unwrap().to_owned();
    let (json, html, bom, key) = (out("a.json"), out("a.html"), out("a.bom"), out("log.pub"));
    let commands: [Vec<&str>; 6] = [
        vec!["audit", "log", "keygen", "-o", &key],
        [&["audit", "scan", "-o", &json][..], &DEMO].concat(),
        [&["audit", "report", "-o", &html][..], &DEMO].concat(),
        [&["audit", "sbom", "-o", &bom][..], &DEMO].concat(),
        [&["audit", "policy", "check"][..], &DEMO].concat(),
        vec!["audit", "verify"],
    ];
    let home = sandbox.dir.path().to_str().unwrap();
    let allowed = [
        format!("{home}/.local/"),
        format!("{home}/.config/"),
        format!("{home}/.cache/"),
        format!("{home}/named/"),
        "/dev/null".to_owned(),
        // The file without a name that linkat(2) gives one.
        "/proc/self/fd/".to_owned(),
    ];
    for args in commands {
        let Some(changed) = trace(&sandbox, &strace, &args) else {
            return;
        };
        for line in changed {
            assert!(
                !line.contains("setuid") && !line.contains("connect("),
                "{line}"
            );
            for path in paths(&line).filter(|path| path.starts_with('/')) {
                let fine = allowed.iter().any(|allowed| {
                    path.starts_with(allowed.as_str()) || format!("{path}/") == *allowed
                });
                assert!(fine, "{args:?}: {line}");
            }
        }
    }
    let mut left = Vec::new();
    files(sandbox.dir.path(), &mut left);
    let names: Vec<_> = left
        .iter()
        .map(|p| p.file_name().unwrap().to_str().unwrap())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| !name.starts_with(".omg-") && !name.contains("tmp")),
        "temporary files are left: {names:?}"
    );
    assert!(names.contains(&"audit.jsonl") && names.contains(&"a.html"));
}

/// Nobody else reads what is kept of a machine.
#[test]
fn what_it_keeps_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    sandbox.run(&["audit", "log", "keygen"]);
    sandbox.run(&[&["audit", "scan"][..], &DEMO].concat());
    let mut kept = Vec::new();
    files(&sandbox.path(".local/share/omg"), &mut kept);
    files(&sandbox.path(".config/omg"), &mut kept);
    assert!(kept.len() >= 3, "{kept:?}");
    for path in kept
        .iter()
        .filter(|path| path.extension().is_none_or(|end| end != "pub"))
    {
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}
