//! What the integration tests share: tools and test data that may be missing.
// Each test binary uses a part of it, and clippy.toml allows the others in `#[test]` only.
#![allow(dead_code, clippy::print_stderr, clippy::unwrap_used)]

use std::{
    cmp::Ordering,
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use omg_sbom::inventory::PackageKind;

/// An order of versions for tests that need no manager's own: by the numbers in them.
pub(crate) fn order(_: &PackageKind, a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        let parts = text.split(|c: char| !c.is_ascii_digit());
        parts.filter_map(|part| part.parse().ok()).collect()
    };
    numbers(a).cmp(&numbers(b))
}

/// Whether a missing tool or missing test data is a failure.
fn is_strict() -> bool {
    env::var_os("OMG_REQUIRE_TOOLS").is_some_and(|value| value == "1")
}

/// Says why a test is skipped, or fails where everything has to be there.
pub(crate) fn skip(why: &str) {
    assert!(!is_strict(), "{why}, and OMG_REQUIRE_TOOLS is 1");
    eprintln!("skipped: {why}");
}

/// Whether all `tools` can be run.
pub(crate) fn have(tools: &[&str]) -> bool {
    for tool in tools {
        let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
            .any(|directory| directory.join(tool).is_file());
        if !found {
            skip(&format!("{tool} is not installed"));
            return false;
        }
    }
    true
}

/// The shared test data below `part`, if they are there.
pub(crate) fn data(part: &str) -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = env::var_os("OMG_TEST_DATA")
        .map_or_else(default, PathBuf::from)
        .join(part);
    if path.is_dir() {
        return Some(path);
    }
    skip(&format!("no test data at {}", path.display()));
    None
}

/// The files below `directory`, sorted.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in directory.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Runs a command with the C locale in UTC; it must succeed.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = output(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}: {errors}",
        output.status
    );
    output.stdout
}

/// Runs a command with the C locale in UTC.
pub(crate) fn output(command: &mut Command) -> Output {
    command
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .output()
        .unwrap()
}

/// The lines of `output`, sorted.
pub(crate) fn lines(output: &[u8]) -> Vec<String> {
    let mut lines: Vec<_> = String::from_utf8_lossy(output)
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// A file with its parent directories.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Builds the PKGBUILD in `build`, all of which belongs to nobody afterwards: makepkg refuses to
/// run as root, which tests often are. It asks pacman what is installed, and pacman cannot make its
/// database on a machine that never had one, unless root asks: it gets one of its own.
pub(crate) fn makepkg(build: &Path, extension: &str) -> PathBuf {
    std::fs::create_dir_all(build.join("db")).unwrap();
    let pacman = build.join("pacman.sh");
    write(
        &pacman,
        "#!/bin/sh\nexec pacman --dbpath \"$HOME/db\" \"$@\"\n",
    );
    run(Command::new("chmod").arg("755").arg(&pacman));
    let mut command = Command::new("makepkg");
    if is_root() {
        run(Command::new("chown").args(["-R", "65534:65534"]).arg(build));
        command = Command::new("setpriv");
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "makepkg",
        ]);
    }
    command.args(["--nodeps", "--force"]).current_dir(build);
    command.env("HOME", build).env("PKGDEST", build);
    command.env("PACMAN", pacman);
    command.env("PACKAGER", "Jane Doe <jane@omg.example>");
    run(command.env("PKGEXT", extension));
    let made = files(build).into_iter();
    let made = made.filter(|path| path.parent() == Some(build));
    let mut made = made.filter(|path| path.to_string_lossy().ends_with(extension));
    made.next().unwrap()
}

pub(crate) fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim_ascii() == b"0"
}
