//! Who maintains a recipe of the AUR is evidence: asked of a server on loopback, compared with what
//! was seen before, and unknown whenever the answer is not whole.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::server::{Answer, Server};
use support::{Sandbox, pacman};

/// One group of the Arch tracker: version 2-1 fixes version 1-1.
const FEED: &str = r#"[{"name": "AVG-1", "packages": ["foo"], "status": "Fixed", "severity": "High",
            "type": "arbitrary code execution", "affected": "1-1", "fixed": "2-1", "ticket": null,
            "issues": ["CVE-2026-1"], "advisories": []}]"#;
const QUARANTINE: &str = "schema = 1\n[origin.aur]\nadoption_quarantine = '30d'\n";

/// An answer as the interface gives it (aurweb, RPC version 5, `info`).
fn info(maintainer: Option<&str>) -> String {
    json!({
        "resultcount": 1, "type": "multiinfo", "version": 5,
        "results": [{
            "ID": 1, "Name": "foo", "PackageBaseID": 2, "PackageBase": "foo", "Version": "2-1",
            "Description": "x", "URL": "https://example.org", "NumVotes": 7, "Popularity": 0.1,
            "OutOfDate": null, "Maintainer": maintainer, "Submitter": "alice",
            "FirstSubmitted": 1_500_000_000, "LastModified": 1_794_000_000,
            "URLPath": "/cgit/aur.git/snapshot/foo.tar.gz", "Depends": ["glibc"],
            "MakeDepends": [], "License": ["MIT"], "Keywords": [], "CoMaintainers": ["bob"],
        }],
    })
    .to_string()
}

const NOBODY: &str = r#"{"resultcount":0,"results":[],"type":"multiinfo","version":5}"#;

struct Machine {
    sandbox: Sandbox,
    server: Server,
    says: Arc<Mutex<String>>,
    package: String,
}

impl Machine {
    fn new(installed: &[(&str, &str)], policy: &str) -> Self {
        let says = Arc::new(Mutex::new(info(Some("alice"))));
        let answer = Arc::clone(&says);
        let server = Server::start(move |_| match &*answer.lock().unwrap().clone() {
            "500" => Answer::status(500),
            "404" => Answer::status(404),
            "cut" => Answer::Cut(info(Some("alice")).into_bytes()),
            "html" => Answer::Send(200, "text/html", Vec::new(), b"<html>".to_vec()),
            "away" => Answer::Send(
                302,
                "text/plain",
                vec![("Location".into(), "http://127.0.0.1:1/".into())],
                Vec::new(),
            ),
            "big" => Answer::json(vec![b' '; 2 << 20]),
            text => Answer::json(text),
        });
        let mut sandbox = Sandbox::new();
        sandbox.env("OMG_AUR_URL", server.url.clone());
        sandbox.arch_root(installed);
        sandbox.write("root/etc/omg/policy.toml", policy);
        sandbox.write("feed.json", FEED);
        let about = pacman::info("foo", "2-1", "");
        let made = pacman::package(&[
            pacman::file(".PKGINFO", &about),
            pacman::file("usr/share/foo", "x"),
        ]);
        let package = sandbox.write("foo-2-1-any.pkg.tar.gz", made);
        let package = package.to_str().unwrap().to_owned();
        Self {
            sandbox,
            server,
            says,
            package,
        }
    }

    fn says(&self, text: impl Into<String>) {
        *self.says.lock().unwrap() = text.into();
    }

    /// Exit code, verdict, the state of the AUR's check and its detail.
    fn ask(&self, day: &str, more: &[&str]) -> (i32, String, String, String) {
        let (root, feed) = (self.sandbox.path("root"), self.sandbox.path("feed.json"));
        let at = format!("{day}T12:00:00Z");
        let args = [
            "audit",
            "package",
            &self.package,
            "--aur",
            "--at",
            &at,
            "--root",
        ];
        let rest = [
            root.to_str().unwrap(),
            "--advisories",
            feed.to_str().unwrap(),
        ];
        let (code, document) = self.sandbox.json(&[&args[..], &rest, more].concat());
        let decision = &document["decisions"][0];
        let checks = decision["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == "aur").unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            code,
            text(&decision["verdict"]),
            text(&check["status"]),
            text(&check["detail"]),
        )
    }
}

#[test]
fn a_new_maintainer_is_quarantined() {
    let machine = Machine::new(&[], QUARANTINE);
    let ask = |day| {
        let (_, verdict, status, _) = machine.ask(day, &[]);
        (verdict, status)
    };
    let seen = |verdict: &str, status: &str| (verdict.to_owned(), status.to_owned());
    // Since when alice maintains it is not known, and the first sight is no proof.
    assert_eq!(ask("2026-09-01"), seen("reject", "first"));
    assert_eq!(ask("2026-09-20"), seen("reject", "unchanged"));
    assert_eq!(ask("2026-10-02"), seen("allow", "unchanged"));
    machine.says(info(Some("mallory")));
    let (code, verdict, status, detail) = machine.ask("2026-10-10", &[]);
    assert_eq!((code, &*verdict, &*status), (1, "reject", "changed"));
    assert!(
        detail.contains("mallory") && detail.contains("before alice"),
        "{detail}"
    );
    assert_eq!(ask("2026-11-01"), seen("reject", "unchanged"));
    assert_eq!(ask("2026-11-10"), seen("allow", "unchanged"));
    // An orphan, and whoever adopts it.
    machine.says(info(None));
    assert_eq!(ask("2026-11-11"), seen("reject", "changed"));
    // A clock that was set back.
    assert_eq!(ask("2026-11-01"), seen("reject", "unknown"));
    // Not there is another thing than not asked.
    machine.says(NOBODY);
    assert_eq!(ask("2026-11-12"), seen("reject", "missing"));
    let asked = machine.server.requests();
    assert!(
        asked.iter().all(|r| r == "GET /rpc/v5/info?arg%5B%5D=foo"),
        "{asked:?}"
    );
}

#[test]
fn a_security_fix_need_not_wait() {
    let machine = Machine::new(&[("foo", "1-1")], QUARANTINE);
    let (_, verdict, status, _) = machine.ask("2026-09-01", &[]);
    assert_eq!((&*verdict, &*status), ("allow", "first"));
    machine.says(info(Some("mallory")));
    assert_eq!(machine.ask("2026-09-02", &[]).1, "allow");
    // Unless the policy says so.
    let strict = "schema = 1\n[origin.aur]\nadoption_quarantine = '30d'\n\
                  waive_for_security_fixes = false\n";
    machine.sandbox.write("root/etc/omg/policy.toml", strict);
    assert_eq!(machine.ask("2026-09-03", &[]).1, "reject");
}

#[test]
fn what_is_no_answer_is_unknown() {
    let machine = Machine::new(&[], QUARANTINE);
    machine.ask("2026-09-01", &[]);
    assert_eq!(machine.ask("2026-11-01", &[]).1, "allow");
    for fault in [
        "404",
        "cut",
        "html",
        "away",
        "big",
        "{}",
        "[]",
        r#"{"version":5}"#,
    ] {
        machine.says(fault);
        let (code, verdict, status, detail) = machine.ask("2026-11-02", &[]);
        let seen = (code, &*verdict, &*status);
        assert_eq!(seen, (3, "reject", "unknown"), "{fault}: {detail}");
    }
    let asked = machine.server.requests().len();
    let (code, verdict, status, detail) = machine.ask("2026-11-02", &["--offline"]);
    assert_eq!(
        (code, &*verdict, &*status),
        (3, "reject", "unknown"),
        "{detail}"
    );
    assert_eq!(
        machine.server.requests().len(),
        asked,
        "a socket was opened"
    );
    // What was seen before was kept.
    machine.says(info(Some("alice")));
    assert_eq!(machine.ask("2026-11-03", &[]).1, "allow");
}

#[test]
fn a_memory_that_others_can_write_is_not_believed() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new(&[], QUARANTINE);
    machine.ask("2026-09-01", &[]);
    let path = machine.sandbox.path(".local/state/omg/aur.json");
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o666);
    let (code, verdict, status, _) = machine.ask("2026-11-01", &[]);
    assert_eq!((code, &*verdict, &*status), (3, "reject", "unknown"));
    mode(0o644);
    assert_eq!(machine.ask("2026-11-01", &[]).1, "allow");
    std::fs::write(&path, "{}").unwrap();
    assert_eq!(machine.ask("2026-11-02", &[]).2, "unknown");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}");
}
