//! The audit log from outside: what commands leave in it, and attacks on what the program wrote.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::PathBuf;

use serde_json::Value;
use support::Sandbox;

const SCAN: [&str; 8] = [
    "audit",
    "scan",
    "--root",
    "examples/demo-root",
    "--at",
    "2026-11-24T12:00:00Z",
    "--advisories",
    "examples/demo-root/advisories",
];

struct Logged {
    sandbox: Sandbox,
    log: PathBuf,
}

impl Logged {
    /// A log with the entries of so many scans.
    fn new(scans: usize) -> Self {
        let sandbox = Sandbox::new();
        let log = sandbox.path("logs/audit.jsonl");
        let logged = Self { sandbox, log };
        for _ in 0..scans {
            assert_eq!(logged.run(&SCAN), 1);
        }
        logged
    }

    fn run(&self, args: &[&str]) -> i32 {
        self.sandbox.run(&self.with_log(args)).code
    }

    fn with_log<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        [args, &["--log", self.log.to_str().unwrap()]].concat()
    }

    /// Makes a key and a checkpoint; where they are.
    fn checkpoint(&self) -> (String, String) {
        let file = |name: &str| self.sandbox.path(name).to_str().unwrap().to_owned();
        let (key, note) = (file("elsewhere.pub"), file("elsewhere.ckpt"));
        assert_eq!(self.run(&["audit", "log", "keygen", "-o", &key]), 0);
        assert_eq!(self.run(&["audit", "log", "checkpoint", "-o", &note]), 0);
        (key, note)
    }

    fn lines(&self) -> Vec<Vec<u8>> {
        let bytes = std::fs::read(&self.log).unwrap();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        lines.map(<[u8]>::to_vec).collect()
    }

    fn verify(&self, more: &[&str]) -> (i32, Value) {
        self.sandbox
            .json(&self.with_log(&[&["audit", "verify"], more].concat()))
    }
}

fn kinds(verified: &Value) -> Vec<(&str, u64, u64)> {
    let breaks = verified["breaks"].as_array().unwrap().iter();
    let place = |found: &Value| {
        (
            found["line"].as_u64().unwrap(),
            found["seq"].as_u64().unwrap(),
        )
    };
    breaks
        .map(|found| {
            (
                found["kind"].as_str().unwrap(),
                place(found).0,
                place(found).1,
            )
        })
        .collect()
}

#[test]
fn a_scan_leaves_its_verdict_and_its_findings() {
    let logged = Logged::new(1);
    let args = logged.with_log(&["audit", "log", "-f", "jsonl"]);
    let run = logged.sandbox.run(&args);
    let text = std::fs::read_to_string(&logged.log).unwrap();
    assert_eq!(run.stdout, text, "byte for byte");
    let entries: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<&str> = entries
        .iter()
        .map(|e| e["event"].as_str().unwrap())
        .collect();
    let detected = "VulnerabilityDetected";
    assert_eq!(
        events,
        ["LogOpened", detected, detected, detected, "SecurityAudit"]
    );
    assert_eq!(entries[4]["subject"]["exit"], 1);
    assert_eq!(entries[4]["outcome"], "failure");
    let args = logged.with_log(&["audit", "log", "-l", "2", "-s", "critical"]);
    let (code, shown) = logged.sandbox.json(&args);
    assert_eq!(code, 0);
    assert_eq!(shown["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn the_default_log_is_below_the_users_data() {
    let mut sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&SCAN).code, 1);
    assert!(sandbox.path(".local/share/omg/audit/audit.jsonl").is_file());
    let data = sandbox.path("data").to_str().unwrap().to_owned();
    sandbox.env("XDG_DATA_HOME", data);
    assert_eq!(sandbox.run(&SCAN).code, 1);
    assert!(sandbox.path("data/omg/audit/audit.jsonl").is_file());
    let (code, verified) = sandbox.json(&["audit", "verify"]);
    assert_eq!((code, verified["status"].as_str()), (0, Some("intact")));
}

#[test]
fn without_a_log_none_is_begun() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&[&SCAN[..], &["--no-log"]].concat()).code, 1);
    assert!(!sandbox.path(".local").exists());
    assert_eq!(sandbox.run(&["audit", "log"]).code, 3);
    assert!(!sandbox.path(".local").exists());
}

#[test]
fn a_damaged_end_is_an_alarm_for_who_writes_next() {
    let logged = Logged::new(1);
    let mut bytes = std::fs::read(&logged.log).unwrap();
    bytes.extend_from_slice(b"garbage\n");
    std::fs::write(&logged.log, &bytes).unwrap();
    assert_eq!(logged.run(&SCAN), 5);
    assert_eq!(std::fs::read(&logged.log).unwrap(), bytes);
}

#[test]
fn keys_sign_what_comes_after_them() {
    let logged = Logged::new(1);
    let (key, _) = logged.checkpoint();
    assert_eq!(logged.run(&SCAN), 1);
    let (code, verified) = logged.verify(&["--public-key", &key]);
    assert_eq!(
        (code, verified["unproved"].as_array().unwrap().len()),
        (0, 0)
    );
    let (code, _) = logged.verify(&["--public-key", &key, "--incremental"]);
    assert_eq!(code, 0);
    // A second key is not made over the first.
    assert_eq!(logged.run(&["audit", "log", "keygen"]), 4);
    let proof = logged
        .sandbox
        .run(&logged.with_log(&["audit", "log", "prove", "2"]));
    assert_eq!(proof.code, 0, "{}", proof.stderr);
    assert!(
        proof
            .stdout
            .starts_with("c2sp.org/tlog-proof@v1\nindex 2\n"),
        "{}",
        proof.stdout
    );
    std::fs::remove_file(logged.log.with_extension("jsonl.checkpoint")).unwrap();
    let (code, verified) = logged.verify(&["--public-key", &key]);
    assert_eq!((code, kinds(&verified)[0].0), (5, "unsigned"));
    // The same log that another key should have signed.
    let sandbox = Sandbox::new();
    let other = sandbox.path("other.pub").to_str().unwrap().to_owned();
    assert_eq!(
        sandbox.run(&["audit", "log", "keygen", "-o", &other]).code,
        0
    );
    assert_eq!(logged.run(&SCAN), 1);
    let (code, verified) = logged.verify(&["--public-key", &other]);
    assert_eq!((code, kinds(&verified)[0].0), (5, "wrong_key"));
}

#[test]
fn rotation_keeps_one_log() {
    let logged = Logged::new(2);
    let (key, note) = logged.checkpoint();
    assert_eq!(logged.run(&["audit", "log", "rotate"]), 0);
    assert_eq!(logged.run(&SCAN), 1);
    let (code, verified) = logged.verify(&["--public-key", &key, "--checkpoint", &note]);
    assert_eq!(
        (code, verified["entries"].as_u64()),
        (0, Some(14)),
        "{verified}"
    );
    let run = logged
        .sandbox
        .run(&logged.with_log(&["audit", "log", "-l", "100"]));
    assert_eq!(run.stdout.lines().count(), 14);
}

/// One attack: how the lines are changed, and what is found.
type Attack<'a> = (
    &'a str,
    Box<dyn Fn(&mut Vec<Vec<u8>>) + 'a>,
    i32,
    (&'a str, u64, u64),
);

fn replaced(line: &[u8], from: &str, to: &str) -> Vec<u8> {
    let changed = String::from_utf8(line.to_vec())
        .unwrap()
        .replacen(from, to, 1);
    assert_ne!(changed.as_bytes(), line, "nothing was changed");
    changed.into_bytes()
}

fn attacks<'a>() -> Vec<Attack<'a>> {
    let text = |from: &'a str, to: &'a str| {
        Box::new(move |lines: &mut Vec<Vec<u8>>| lines[5] = replaced(&lines[5], from, to))
    };
    vec![
        ("1", text("alpm", "alpn"), 5, ("hash_mismatch", 6, 5)),
        ("6", Box::new(|l| drop(l.remove(5))), 5, ("gap", 6, 6)),
        ("8, 9", Box::new(|l| l.truncate(7)), 5, ("truncated", 8, 7)),
        ("10", Box::new(Vec::clear), 5, ("truncated", 1, 0)),
        ("14", Box::new(|l| l.swap(5, 6)), 5, ("reordered", 6, 6)),
        (
            "15",
            Box::new(|l| l.insert(5, l[5].clone())),
            5,
            ("duplicate", 7, 5),
        ),
        (
            "16",
            Box::new(|l| l.push(l[12].clone())),
            5,
            ("duplicate", 14, 12),
        ),
        (
            "17",
            Box::new(|l| l.insert(5, replaced(&l[5], "AVG", "EVI"))),
            5,
            ("inserted", 6, 5),
        ),
        (
            "20",
            Box::new(|l| l.push(b"\xff\xfe garbage\n".to_vec())),
            5,
            ("malformed", 14, 13),
        ),
        (
            "21",
            Box::new(|l| l[12].truncate(300)),
            3,
            ("torn_tail", 13, 12),
        ),
        (
            "23",
            Box::new(|l| l.push([&[b'a'; 1 << 20][..], b"\n"].concat())),
            5,
            ("malformed", 14, 13),
        ),
        ("25", text(",", ", "), 5, ("not_canonical", 6, 5)),
        (
            "26",
            text("\"package\":", "\"package\":\"evil\",\"package\":"),
            5,
            ("not_canonical", 6, 5),
        ),
        (
            "27",
            text("{", "{\"_note\":\"approved by root\","),
            5,
            ("not_canonical", 6, 5),
        ),
        (
            "28",
            text("firefox", "\\u0066irefox"),
            5,
            ("not_canonical", 6, 5),
        ),
        (
            "29",
            text("\"seq\":5,", "\"seq\":5.0,"),
            5,
            ("not_canonical", 6, 5),
        ),
        (
            "30",
            Box::new(|l| l.insert(5, b"\n".to_vec())),
            5,
            ("not_canonical", 6, 5),
        ),
        (
            "31",
            Box::new(|l| l[0] = replaced(&l[0], "\n", "\r\n")),
            5,
            ("not_canonical", 1, 0),
        ),
        (
            "32",
            Box::new(|l| l.push(vec![0; 512])),
            3,
            ("torn_tail", 14, 13),
        ),
        (
            "36",
            Box::new(|l| drop(l[0].splice(0..0, *b"\xef\xbb\xbf"))),
            5,
            ("not_canonical", 1, 0),
        ),
        (
            "37",
            Box::new(|l| l[12].retain(|byte| *byte != b'\n')),
            3,
            ("torn_tail", 13, 12),
        ),
    ]
}

#[test]
fn attacks_on_what_the_program_wrote_are_found() {
    let logged = Logged::new(3);
    let (_, note) = logged.checkpoint();
    let before = logged.lines();
    assert_eq!(before.len(), 13);
    let beside = logged.log.with_extension("jsonl.checkpoint");
    for with_beside in [true, false] {
        for (name, change, code, found) in attacks() {
            let mut lines = before.clone();
            change(&mut lines);
            std::fs::write(&logged.log, lines.concat()).unwrap();
            let (seen, verified) = logged.verify(&["--checkpoint", &note]);
            assert_eq!(
                (seen, kinds(&verified).first()),
                (code, Some(&found)),
                "{name}: {verified}"
            );
        }
        if with_beside {
            std::fs::remove_file(&beside).unwrap();
        }
    }
    std::fs::write(&logged.log, before.concat()).unwrap();
    assert_eq!(logged.verify(&["--checkpoint", &note]).0, 0);
    std::fs::remove_file(&logged.log).unwrap();
    let (code, verified) = logged.verify(&["--checkpoint", &note]);
    assert_eq!((code, kinds(&verified)), (5, vec![("truncated", 1, 0)]));
}

#[test]
fn documents_are_what_their_schemas_say() {
    let logged = Logged::new(1);
    let (key, note) = logged.checkpoint();
    let check = |name: &str, document: &Value| {
        let path = support::workspace().join("omg-cli/schemas").join(name);
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    };
    let trust = ["--public-key", key.as_str(), "--checkpoint", note.as_str()];
    check("omg.verify.1.json", &logged.verify(&trust).1);
    let shown = logged.sandbox.json(&logged.with_log(&["audit", "log"])).1;
    check("omg.log.1.json", &shown);
    assert_eq!(logged.run(&["audit", "log", "rotate"]), 0);
    assert_eq!(logged.run(&SCAN), 1);
    assert_eq!(logged.run(&["audit", "log", "prune", "--before", "5"]), 0);
    let pruned = logged.verify(&trust).1;
    assert_eq!(pruned["unproved"][0]["claim"], "pruned");
    check("omg.verify.1.json", &pruned);
    std::fs::write(&logged.log, "garbage\n").unwrap();
    check("omg.verify.1.json", &logged.verify(&trust).1);
}
