//! What the whole-command tests share: a run of the program with nothing ambient, and a small
//! server on loopback.
// Each test file uses a part of it, and a test may fail anywhere.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

pub mod makepkg;
pub mod pacman;
pub mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A home of its own for every test, removed afterwards.
pub struct Sandbox {
    pub dir: tempfile::TempDir,
    env: Vec<(String, String)>,
}

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            env: Vec::new(),
        }
    }

    pub fn env(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A root with these packages in pacman's local database.
    pub fn arch_root(&self, packages: &[(&str, &str)]) -> PathBuf {
        self.write("root/etc/os-release", "ID=arch\n");
        self.write("root/var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
        for (name, version) in packages {
            let desc = format!("%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%ARCH%\nx86_64\n\n");
            self.write(
                &format!("root/var/lib/pacman/local/{name}-{version}/desc"),
                desc,
            );
        }
        self.path("root")
    }

    /// A root with these packages in dpkg's status file.
    pub fn debian_root(&self, packages: &[(&str, &str)]) -> PathBuf {
        self.write("root/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        let stanza = |(name, version): &(&str, &str)| {
            format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n\
                 Version: {version}\nMaintainer: x <x@example.org>\n\n"
            )
        };
        self.write(
            "root/var/lib/dpkg/status",
            packages.iter().map(stanza).collect::<String>(),
        );
        self.path("root")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omg"));
        command.args(args).env_clear().current_dir(workspace());
        // Where an instrumented program writes which of its lines ran.
        let profile = "LLVM_PROFILE_FILE";
        command.envs(std::env::var_os(profile).map(|file| (profile, file)));
        command
            .env("HOME", self.dir.path())
            .env("PATH", "/usr/bin:/bin");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub fn run(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    /// Runs with `-f json` and reads the result.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let run = self.run(&[args, &["-f", "json"]].concat());
        let value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", run.stdout, run.stderr));
        (run.code, value)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A directory or file of the shared test data, or `None` after a line that says so; with
/// `OMG_REQUIRE_TOOLS=1` its absence fails the test.
pub fn shared_data(relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("OMG_TEST_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    present(root.join(relative), "test data")
}

/// A program on `PATH`, or in the folder `OMG_TEST_TOOLS`.
pub fn tool(name: &str) -> Option<PathBuf> {
    let extra = std::env::var_os("OMG_TEST_TOOLS").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = extra
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
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

/// The pairs of package and advisory of a scan's JSON, sorted, of all states.
pub fn pairs(scan: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = scan["findings"].as_array().unwrap().iter();
    let mut pairs: Vec<_> = findings
        .map(|f| (text(&f["package"]["name"]), text(&f["advisory"])))
        .collect();
    pairs.sort();
    pairs
}
