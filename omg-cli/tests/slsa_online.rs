//! `omg audit slsa --rekor` and `--refresh-root` against a loopback server: a recorded entry of the
//! public log, and everything that a network can do instead.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::server::{Answer, Server};
use support::{Sandbox, shared_data};

const UUID: &str =
    "24296fb24b8ad77a0000000000000000000000000000000000000000000000000000000000000001";
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";

/// The log's answer for the recorded bundle.
fn entries(folder: &std::path::Path) -> String {
    let bundle = std::fs::read(folder.join("happy-path-v0.3/bundle.sigstore.json")).unwrap();
    let bundle: Value = serde_json::from_slice(&bundle).unwrap();
    let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
    let proof = &entry["inclusionProof"];
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let hex = |value: &Value| {
        let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let hashes: Vec<_> = proof["hashes"]
        .as_array()
        .unwrap()
        .iter()
        .map(hex)
        .collect();
    json!([{ UUID: {
        "body": entry["canonicalizedBody"],
        "integratedTime": number(&entry["integratedTime"]),
        "logID": hex(&entry["logId"]["keyId"]),
        "logIndex": number(&entry["logIndex"]),
        "verification": {
            "inclusionProof": {
                "checkpoint": proof["checkpoint"]["envelope"],
                "hashes": hashes,
                "logIndex": number(&proof["logIndex"]),
                "rootHash": hex(&proof["rootHash"]),
                "treeSize": number(&proof["treeSize"]),
            },
            "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        },
    }}])
    .to_string()
}

struct Log {
    sandbox: Sandbox,
    artifact: String,
    _server: Server,
}

impl Log {
    fn new(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Option<Self> {
        let folder = shared_data("slsa/conformance")?;
        let server = Server::start(move |request| answer(&request.path));
        let mut sandbox = Sandbox::new();
        sandbox.env("OMG_REKOR_URL", server.url.clone());
        sandbox.env("OMG_TUF_URL", server.url.clone());
        Some(Self {
            sandbox,
            artifact: folder.join("a.txt").to_string_lossy().into_owned(),
            _server: server,
        })
    }

    fn run(&self, more: &[&str]) -> (i32, Value, String) {
        let at = ["--at", "2026-11-24T00:00:00Z", "-f", "json"];
        let mut args = vec!["audit", "slsa", &self.artifact];
        args.extend(at.iter().chain(more));
        let run = self.sandbox.run(&args);
        let document = serde_json::from_str(&run.stdout).unwrap_or_default();
        (run.code, document, run.stderr)
    }
}

#[test]
fn an_entry_is_found_and_verified() {
    let Some(folder) = shared_data("slsa/conformance") else {
        return;
    };
    let entries = entries(&folder);
    let log = Log::new(move |path| match path {
        "/api/v1/index/retrieve" => Answer::json(json!([UUID]).to_string()),
        "/api/v1/log/entries/retrieve" => Answer::json(entries.clone()),
        _ => Answer::status(404),
    });
    let log = log.unwrap();
    let who = ["--rekor", "--certificate-identity", IDENTITY];
    let issuer = [
        "--certificate-oidc-issuer",
        "https://token.actions.githubusercontent.com",
    ];
    let (code, document, _) = log.run(&[&who[..], &issuer].concat());
    assert_eq!((code, &document["status"]), (0, &"verified".into()));
    // Found is not expected.
    let (code, document, _) = log.run(&["--rekor"]);
    assert_eq!((code, &document["status"]), (3, &"missing".into()));
    let other = ["--rekor", "--certificate-identity", "somebody@example.org"];
    let (code, document, _) = log.run(&[&other[..], &issuer].concat());
    assert_eq!((code, &document["status"]), (1, &"unmet".into()));
    let (code, _, stderr) = log.run(&["--rekor", "--offline"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn what_is_not_found() {
    let Some(log) = Log::new(|_| Answer::json("[]")) else {
        return;
    };
    let (code, document, _) = log.run(&["--rekor", "--certificate-identity", IDENTITY]);
    assert_eq!((code, &document["status"]), (3, &"missing".into()));
}

type Fault = fn() -> Answer;

#[test]
fn what_a_network_can_do() {
    let faults: [(&str, Fault); 6] = [
        ("404", || Answer::status(404)),
        ("500", || Answer::status(500)),
        ("cut", || Answer::json("[\"24296f")),
        ("not a list", || Answer::json("{}")),
        ("not JSON", || Answer::json("<html>")),
        ("a path", || Answer::json("[\"../../etc/passwd\"]")),
    ];
    for (name, fault) in faults {
        let Some(log) = Log::new(move |_| fault()) else {
            return;
        };
        let (code, document, stderr) = log.run(&["--rekor", "--certificate-identity", IDENTITY]);
        assert_eq!((code, document), (3, Value::Null), "{name}: {stderr}");
        assert!(stderr.contains("127.0.0.1"), "{name}: {stderr}");
        // The same server as a repository of roots: nothing of it is taken.
        let (code, document, stderr) = log.run(&["--refresh-root"]);
        assert_eq!((code, document), (3, Value::Null), "{name}: {stderr}");
        assert!(stderr.contains("trusted root"), "{name}: {stderr}");
    }
}

/// The roots of a release grow old, and the program says so.
#[test]
fn old_roots_are_told_of() {
    let Some(log) = Log::new(|_| Answer::status(404)) else {
        return;
    };
    let args = [
        "audit",
        "slsa",
        &log.artifact,
        "--at",
        "2027-11-24T00:00:00Z",
    ];
    let run = log.sandbox.run(&args);
    assert!(run.stderr.contains("days old"), "{}", run.stderr);
    let args = [
        "audit",
        "slsa",
        &log.artifact,
        "--at",
        "2026-11-24T00:00:00Z",
    ];
    let run = log.sandbox.run(&args);
    assert!(!run.stderr.contains("days old"), "{}", run.stderr);
}

/// A root that was fetched before this release is not used in the place of the release's own, and
/// one that was fetched later and is no root is said so.
#[test]
fn kept_roots_are_used_only_if_they_are_newer() {
    let Some(log) = Log::new(|_| Answer::status(404)) else {
        return;
    };
    let look = || {
        let args = [
            "audit",
            "slsa",
            &log.artifact,
            "--at",
            "2026-11-24T00:00:00Z",
        ];
        log.sandbox.run(&args).stderr
    };
    let update = log.sandbox.run(&["audit", "db", "path"]);
    let folder = std::path::PathBuf::from(update.stdout.trim());
    std::fs::create_dir_all(&folder).unwrap();
    let kept = folder.join("sigstore-public-good.json");
    std::fs::write(&kept, "{}").unwrap();
    let file = std::fs::File::options().write(true).open(&kept).unwrap();
    let day = |seconds| std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    file.set_modified(day(1_795_000_000)).unwrap();
    assert!(look().contains("is not used"));
    file.set_modified(day(1_700_000_000)).unwrap();
    assert!(!look().contains("is not used"));
}
