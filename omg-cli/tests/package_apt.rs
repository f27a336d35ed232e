//! What apt's lists say of a `.deb` is evidence.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use support::Sandbox;

const LIST: &str =
    "root/var/lib/apt/lists/deb.example_debian_dists_bookworm_main_binary-all_Packages";

struct Machine {
    sandbox: Sandbox,
    package: PathBuf,
    sha256: String,
}

impl Machine {
    fn new(policy: &str) -> Option<Self> {
        support::tool("dpkg-deb")?;
        let sandbox = Sandbox::new();
        sandbox.debian_root(&[("bash", "5.2-1")]);
        sandbox.write("root/etc/omg/policy.toml", policy);
        let control = "Package: tool\nVersion: 1.0\nArchitecture: all\n\
                       Maintainer: x <x@example.org>\nDescription: x\n";
        sandbox.write("deb/DEBIAN/control", control);
        let package = sandbox.path("tool_1.0_all.deb");
        let mut command = Command::new("dpkg-deb");
        command
            .args(["--root-owner-group", "-b"])
            .arg(sandbox.path("deb"))
            .arg(&package);
        assert!(command.output().unwrap().status.success());
        let sum = Command::new("sha256sum")
            .arg(&package)
            .output()
            .unwrap()
            .stdout;
        let sha256 = String::from_utf8(sum).unwrap()[..64].to_owned();
        Some(Self {
            sandbox,
            package,
            sha256,
        })
    }

    fn list(&self, version: &str, architecture: &str, sha256: &str) -> String {
        format!(
            "Package: other\nVersion: 1.0\nArchitecture: all\nSHA256: {}\n\n\
             Package: tool\nVersion: {version}\nArchitecture: {architecture}\nDepends: other,\n \
             SHA256: {}\nFilename: pool/main/t/tool_1.0_all.deb\nSHA256: {sha256}\n",
            self.sha256,
            "0".repeat(64),
        )
    }

    /// Exit code, the violated rules, the state of the checksum and its detail.
    fn ask(&self) -> (i32, Vec<String>, String, String) {
        let root = self.sandbox.path("root");
        let package = self.package.to_str().unwrap();
        let args = [
            "audit",
            "package",
            package,
            "--offline",
            "--root",
            root.to_str().unwrap(),
        ];
        let (code, document) = self.sandbox.json(&args);
        let decision = &document["decisions"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let checks = decision["checks"].as_array().unwrap();
        let check = checks
            .iter()
            .find(|check| check["name"] == "checksum")
            .unwrap();
        let reasons = decision["reasons"].as_array().unwrap();
        let rules = reasons.iter().map(|reason| text(&reason["rule"])).collect();
        (code, rules, text(&check["status"]), text(&check["detail"]))
    }
}

#[test]
fn a_list_of_apt_says_what_a_file_should_be() {
    let Some(machine) = Machine::new("schema = 1\n[checksum]\nrequire = 'match'\n") else {
        return;
    };
    let has = |rules: &[String], rule: &str| rules.iter().any(|r| r == rule);
    let (_, rules, status, _) = machine.ask();
    assert!(
        status == "missing" && has(&rules, "checksum.require"),
        "{rules:?}"
    );
    machine
        .sandbox
        .write(LIST, machine.list("1.0", "all", &machine.sha256));
    let (_, rules, status, detail) = machine.ask();
    assert!(
        status == "match" && !has(&rules, "checksum.require"),
        "{rules:?}"
    );
    assert!(
        detail.contains("bookworm_main") && detail.contains("not checked here"),
        "{detail}"
    );
    // Another file of this name and version.
    machine
        .sandbox
        .write(LIST, machine.list("1.0", "all", &"0".repeat(64)));
    let (code, rules, status, _) = machine.ask();
    assert!(
        code == 5 && status == "mismatch" && has(&rules, "integrity"),
        "{code} {rules:?}"
    );
    // What is said of other versions and architectures is said of them.
    for (version, architecture) in [("1.1", "all"), ("1.0", "amd64")] {
        machine
            .sandbox
            .write(LIST, machine.list(version, architecture, &machine.sha256));
        assert_eq!(machine.ask().2, "missing", "{version} {architecture}");
    }
    // What cannot be read is told, and is no match.
    machine.sandbox.write(LIST, "x".repeat(2 << 20));
    let (code, rules, status, _) = machine.ask();
    assert!(
        code == 3 && status == "missing" && has(&rules, "checksum.require"),
        "{code} {rules:?}"
    );
}

/// The signature of a list is not checked here, so it is no signed metadata.
#[test]
fn a_list_is_not_signed_metadata() {
    let Some(machine) = Machine::new("schema = 1\n[checksum]\nrequire = 'signed'\n") else {
        return;
    };
    machine
        .sandbox
        .write(LIST, machine.list("1.0", "all", &machine.sha256));
    let (_, rules, status, _) = machine.ask();
    assert!(
        status == "match" && rules.iter().any(|r| r == "checksum.require"),
        "{rules:?}"
    );
}
