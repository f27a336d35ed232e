//! A package file that is exchanged while the gate looks at it: no verdict about bytes that were
//! not checked. Evidence that cannot be read: no verdict about other evidence and files is lost. The program waits at each of its steps (`session::pause`, in debug builds only).
#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::Digest as _;
use support::pacman::{self, file, info};
use support::{Run, Sandbox};

const FEED: &str = r#"[{"name": "AVG-1", "packages": ["other"], "status": "Fixed", "severity": "High",
            "type": "arbitrary code execution", "affected": "1-1", "fixed": "2-1", "ticket": null,
            "issues": ["CVE-2026-1"], "advisories": []}]"#;
/// The steps of the gate, in their order.
const STEPS: [&str; 5] = ["opened", "read", "signature", "provenance", "scanned"];

/// A signed package, and another one that nobody signed.
struct Workshop {
    sandbox: Sandbox,
    gnupg: tempfile::TempDir,
    good: Vec<u8>,
    evil: Vec<u8>,
}

impl Workshop {
    /// Absent where there is no gpg.
    fn new() -> Option<Self> {
        support::tool("gpg")?;
        let mut sandbox = Sandbox::new();
        sandbox.arch_root(&[]);
        sandbox.write(
            "root/etc/omg/policy.toml",
            "schema = 1\nrequire_pgp = true\n",
        );
        sandbox.write("feed.json", FEED);
        let pause = sandbox.path("pause");
        fs::create_dir(&pause).unwrap();
        sandbox.env("OMG_TEST_PAUSE", pause.to_str().unwrap());
        // gpg-agent's socket has a short limit on its path.
        let gnupg = tempfile::Builder::new().prefix("gpg").tempdir_in("/tmp");
        let gnupg = gnupg.unwrap();
        fs::set_permissions(gnupg.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let about = info("foo", "2-1", "");
        let package =
            |content| pacman::package(&[file(".PKGINFO", &about), file("usr/share/foo", content)]);
        let workshop = Self {
            good: package("good"),
            evil: package("evil"),
            sandbox,
            gnupg,
        };
        let key = [
            "--quick-generate-key",
            "P <p@omg.example>",
            "ed25519",
            "sign",
            "never",
        ];
        workshop.gpg(&key);
        let ring = workshop.sandbox.path("ring.gpg");
        workshop.gpg(&["--output", ring.to_str().unwrap(), "--export"]);
        fs::write(workshop.package(), &workshop.good).unwrap();
        workshop.gpg(&["--detach-sign", workshop.package().to_str().unwrap()]);
        Some(workshop)
    }

    fn package(&self) -> PathBuf {
        self.sandbox.path("foo-2-1-any.pkg.tar.gz")
    }

    fn gpg(&self, args: &[&str]) {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.gnupg.path());
        command.args(["--batch", "--quiet", "--yes", "--pinentry-mode", "loopback"]);
        let run = command.args(["--passphrase", ""]).args(args).output();
        let run = run.unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{args:?}: {said}");
    }

    /// Asks the gate about files that stay as they are.
    fn ask(&self, files: &[&Path]) -> (Run, Value) {
        let path = |name: &str| self.sandbox.path(name).into_os_string();
        let mut command = self.sandbox.command(&["audit", "package", "-f", "json"]);
        command.arg("--root").arg(path("root"));
        command.arg("--advisories").arg(path("feed.json"));
        command.arg("--keyring").arg(path("ring.gpg")).args(files);
        let run = Run::from(command.output().unwrap());
        let said = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
        (run, said)
    }

    /// A file with the signature of the good package beside it.
    fn beside(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.sandbox.path(name);
        fs::write(&file, bytes).unwrap();
        let signature = |file: &Path| format!("{}.sig", file.display());
        fs::copy(signature(&self.package()), signature(&file)).unwrap();
        file
    }

    /// Asks the gate about a path, and exchanges the file while the program waits at a step.
    fn gate(&self, path: &Path, step: &str, swap: impl FnOnce()) -> (Run, Value) {
        let (root, feed) = (self.sandbox.path("root"), self.sandbox.path("feed.json"));
        let (ring, pause) = (self.sandbox.path("ring.gpg"), self.sandbox.path("pause"));
        fs::write(pause.join(format!("{step}.pause")), "").unwrap();
        let mut command = self.sandbox.command(&["audit", "package", "-f", "json"]);
        command
            .arg("--root")
            .arg(root)
            .arg("--advisories")
            .arg(feed);
        command.arg("--keyring").arg(ring).arg(path);
        let program = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let reached = pause.join(format!("{step}.reached"));
        for _ in 0..2_000 {
            if reached.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(reached.exists(), "the program never came to {step}");
        swap();
        fs::remove_file(reached).unwrap();
        fs::remove_file(pause.join(format!("{step}.pause"))).unwrap();
        let run = Run::from(program.unwrap().wait_with_output().unwrap());
        let said = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
        (run, said)
    }

    /// No verdict but about the bytes that were checked, and no way past a change.
    fn is_about_the_good_one(&self, name: &str, (run, said): &(Run, Value)) {
        let good = hex::encode(sha2::Sha256::digest(&self.good));
        for decision in said["decisions"].as_array().into_iter().flatten() {
            if decision["verdict"] != "reject" {
                assert_eq!(decision["sha256"], *good, "{name}: {}", run.stdout);
                assert_eq!(decision["package"]["sha256"], *good, "{name}");
            }
        }
        let is_decided = said["decisions"]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        assert!(is_decided || run.code != 0, "{name}: {}", run.stderr);
    }
}

#[test]
fn a_file_that_is_exchanged_under_its_name_is_not_decided_about() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let path = workshop.package();
    for step in STEPS {
        fs::write(&path, &workshop.good).unwrap();
        let found = workshop.gate(&path, step, || {
            let other = workshop.sandbox.write("other", &workshop.evil);
            fs::rename(other, &path).unwrap();
        });
        // The file that was opened is still the same.
        workshop.is_about_the_good_one(step, &found);
        assert_eq!(
            found.0.code, 0,
            "{step}: {}{}",
            found.0.stdout, found.0.stderr
        );
    }
}

#[test]
fn a_link_that_is_turned_is_not_followed_again() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let (evil, good) = (
        workshop.sandbox.write("evil", &workshop.evil),
        workshop.package(),
    );
    let link = workshop.sandbox.path("link.pkg.tar.gz");
    let signature = workshop.sandbox.path("link.pkg.tar.gz.sig");
    fs::copy(
        workshop.sandbox.path("foo-2-1-any.pkg.tar.gz.sig"),
        signature,
    )
    .unwrap();
    for step in STEPS {
        let _ = fs::remove_file(&link);
        symlink(&good, &link).unwrap();
        let found = workshop.gate(&link, step, || {
            fs::remove_file(&link).unwrap();
            symlink(&evil, &link).unwrap();
        });
        workshop.is_about_the_good_one(step, &found);
        assert_eq!(
            found.0.code, 0,
            "{step}: {}{}",
            found.0.stdout, found.0.stderr
        );
    }
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_an_alarm() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let path = workshop.package();
    let contents: [(&str, &[u8]); 3] = [
        ("other bytes", &workshop.evil),
        ("half", &workshop.good[..workshop.good.len() / 2]),
        ("nothing", b""),
    ];
    for step in STEPS {
        for (name, content) in contents {
            fs::write(&path, &workshop.good).unwrap();
            let found = workshop.gate(&path, step, || fs::write(&path, content).unwrap());
            let name = format!("{step}, {name}");
            workshop.is_about_the_good_one(&name, &found);
            let (run, said) = found;
            match step {
                // What was read is what was signed, or no package at all.
                "opened" => assert_ne!(run.code, 0, "{name}"),
                // The signature is checked after the archive was read.
                "read" => {
                    assert_eq!(run.code, 5, "{name}: {}{}", run.stdout, run.stderr);
                    assert_eq!(said["decisions"], serde_json::json!([]), "{name}");
                    assert_eq!(said["changed"][0], path.to_str().unwrap(), "{name}");
                }
                _ => assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr),
            }
        }
    }
    let log = fs::read_to_string(workshop.sandbox.path(".local/share/omg/audit/audit.jsonl"));
    assert!(log.unwrap().contains("changed while it was read"));
}

/// Good provenance of other bytes, which the file holds while its provenance is checked.
#[test]
fn provenance_of_other_bytes_counts_for_none() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let field = "field/cli/provenance-of-another-file/attested.build.slsa";
    let Some(attested) = support::shared_data(field) else {
        return;
    };
    let path = workshop.package();
    let beside = PathBuf::from(format!("{}.build.slsa", path.display()));
    fs::copy(attested, beside).unwrap();
    // The attested file is empty.
    let (run, said) = workshop.gate(&path, "signature", || fs::write(&path, b"").unwrap());
    assert_ne!(run.code, 0, "{}{}", run.stdout, run.stderr);
    for decision in said["decisions"].as_array().into_iter().flatten() {
        assert_eq!(decision["verdict"], "reject", "{}", run.stdout);
    }
}

#[test]
fn evidence_that_cannot_be_read_hides_no_verdict() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let evil = workshop.beside("evil-2-1-any.pkg.tar.gz", &workshop.evil);
    for ending in ["sig", "sigstore.json", "sigstore", "intoto.jsonl"] {
        let good = workshop.beside("good-2-1-any.pkg.tar.gz", &workshop.good);
        let folder = PathBuf::from(format!("{}.{ending}", good.display()));
        let _ = fs::remove_file(&folder);
        fs::create_dir(&folder).unwrap();
        let (run, said) = workshop.ask(&[&evil, &good]);
        assert_eq!(run.code, 5, "{ending}: {}", run.stderr);
        assert_eq!(said["decisions"].as_array().unwrap().len(), 2, "{ending}");
        let (run, said) = workshop.ask(&[&good]);
        assert!([1, 3].contains(&run.code), "{ending}: {}", run.stderr);
        assert_eq!(said["status"], "incomplete", "{ending}");
        fs::remove_dir(&folder).unwrap();
    }
    // A database that cannot be read, or whose signature cannot, is a problem beside the verdicts.
    let sync = workshop.sandbox.path("root/var/lib/pacman/sync");
    fs::create_dir_all(&sync).unwrap();
    let pipe = sync.join("core.db");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    let (run, said) = workshop.ask(&[&evil]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert_eq!(said["status"], "incomplete");
    fs::remove_file(&pipe).unwrap();
    // Nor does evidence of one kind hide what evidence of another kind proves.
    fs::create_dir(format!("{}.sigstore.json", evil.display())).unwrap();
    let (run, said) = workshop.ask(&[&evil]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert_eq!(said["decisions"][0]["verdict"], "reject");
}

#[test]
fn a_log_that_cannot_be_used_hides_no_verdict() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let evil = workshop.beside("evil-2-1-any.pkg.tar.gz", &workshop.evil);
    let folder = workshop.sandbox.path("folder");
    fs::create_dir(&folder).unwrap();
    let pipe = workshop.sandbox.path("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    for log in [Path::new("/dev/full"), &folder, &pipe] {
        let log_option = Path::new("--log");
        let (run, said) = workshop.ask(&[log_option, log, &evil]);
        assert_eq!(run.code, 5, "{}: {}", log.display(), run.stderr);
        assert_eq!(said["decisions"][0]["verdict"], "reject");
        let (run, _) = workshop.ask(&[log_option, log, &workshop.package()]);
        assert_eq!(run.code, 3, "{}: {}", log.display(), run.stderr);
    }
}

#[test]
fn a_signature_is_checked_whatever_the_file_holds() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    let longer = [workshop.good.as_slice(), &[7; 1000]].concat();
    let half = &workshop.good[..workshop.good.len() / 2];
    for bytes in [longer.as_slice(), half, b"no package"] {
        let file = workshop.beside("foo-3-1-any.pkg.tar.gz", bytes);
        let (run, said) = workshop.ask(&[&file]);
        assert_eq!(run.code, 5, "{}", run.stderr);
        let digest = hex::encode(sha2::Sha256::digest(bytes));
        let refused = &said["refused"][0];
        assert_eq!(refused["status"], "invalid");
        assert_eq!(refused["sha256"], digest.as_str());
        let log = fs::read_to_string(workshop.sandbox.path(".local/share/omg/audit/audit.jsonl"))
            .unwrap();
        assert!(log.contains(&digest), "{log}");
    }
    // Without an invalid signature the file is only not checked.
    let file = workshop.sandbox.path("bar-1-1-any.pkg.tar.gz");
    fs::write(&file, half).unwrap();
    assert_eq!(workshop.ask(&[&file]).0.code, 3);
}
