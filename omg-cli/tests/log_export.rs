//! `omg audit log export`, `prune` and `rotate-key`, from outside.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::PathBuf;

use omg_auditlog::{Entry, export};
use serde_json::Value;
use support::{Run, Sandbox};

/// What the library makes of an entry.
type Form = fn(&Entry) -> String;

struct Logged {
    sandbox: Sandbox,
    log: PathBuf,
}

impl Logged {
    /// A signed log with the entries of so many scans, and where its public key is.
    fn new(scans: usize) -> (Self, String) {
        let sandbox = Sandbox::new();
        let key = sandbox.path("first.pub").to_str().unwrap().to_owned();
        let log = sandbox.path("logs/audit.jsonl");
        let logged = Self { sandbox, log };
        assert_eq!(logged.log(&["keygen", "-o", &key]).code, 0);
        for _ in 0..scans {
            logged.scan();
        }
        (logged, key)
    }

    fn scan(&self) {
        let data = "examples/demo-root";
        let feeds = "examples/demo-root/advisories";
        let run = self.run(&["scan", "--root", data, "--advisories", feeds]);
        assert_eq!(run.code, 1, "{}", run.stderr);
    }

    fn run(&self, args: &[&str]) -> Run {
        let log = ["--log", self.log.to_str().unwrap()];
        self.sandbox.run(&[&["audit"], args, &log].concat())
    }

    fn log(&self, args: &[&str]) -> Run {
        self.run(&[&["log"], args].concat())
    }

    fn verify(&self, more: &[&str]) -> (i32, Value) {
        let run = self.run(&[&["verify", "-f", "json"], more].concat());
        (run.code, serde_json::from_str(&run.stdout).unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.sandbox.path(name).to_str().unwrap().to_owned()
    }

    fn entries(&self) -> Vec<Entry> {
        let text = std::fs::read(&self.log).unwrap();
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| Entry::from_line(line).unwrap()).collect()
    }
}

#[test]
fn every_form_is_the_librarys_line_by_line() {
    let (logged, _) = Logged::new(2);
    let forms: [(&str, Form); 4] = [
        ("jsonl", |entry| entry.line().to_owned()),
        ("ocsf", export::ocsf),
        ("rfc5424", export::rfc5424),
        ("otlp", export::otlp),
    ];
    for (name, form) in forms {
        let expected: Vec<String> = logged.entries().iter().map(form).collect();
        let run = logged.log(&["export", "-f", name]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected, "{name}");
        let some = logged.log(&["export", "-f", name, "--since-seq", "7"]);
        assert_eq!(
            some.stdout.lines().collect::<Vec<_>>(),
            expected[7..],
            "{name}"
        );
        let file = logged.path("out");
        assert_eq!(logged.log(&["export", "-f", name, "-o", &file]).code, 0);
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            run.stdout,
            "{name}"
        );
    }
    for bad in [
        &["export"][..],
        &["export", "-f", "table"],
        &["export", "-f", "tiles"],
    ] {
        assert_eq!(logged.log(bad).code, 2, "{bad:?}");
    }
}

#[test]
fn a_cursor_gives_each_entry_once() {
    let (logged, _) = Logged::new(1);
    let cursor = logged.path("cursor");
    let next = || logged.log(&["export", "-f", "jsonl", "--cursor", &cursor]);
    let mut all = next().stdout;
    assert_eq!(all.lines().count(), 5);
    assert_eq!(next().stdout, "");
    logged.scan();
    assert_eq!(logged.log(&["rotate"]).code, 0);
    logged.scan();
    let more = next();
    assert_eq!(
        (more.code, more.stdout.lines().count()),
        (0, 9),
        "{}",
        more.stderr
    );
    all.push_str(&more.stdout);
    assert_eq!(all, logged.log(&["export", "-f", "jsonl"]).stdout);
}

#[test]
fn a_cursor_notices_a_log_that_is_not_the_one_it_was_made_of() {
    let (logged, _) = Logged::new(2);
    let cursor = logged.path("cursor");
    let next = || logged.log(&["export", "-f", "jsonl", "--cursor", &cursor]);
    assert_eq!(next().code, 0);
    let kept = std::fs::read(&cursor).unwrap();
    let whole = std::fs::read_to_string(&logged.log).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let broken = [
        ("cut off", lines[..6].concat(), "truncated"),
        ("changed", whole.replacen("success", "failure", 1), ""),
        (
            "changed last",
            whole.replace("\"exit\":1", "\"exit\":0"),
            "history_rewritten",
        ),
        ("garbage", format!("{whole}garbage\n"), "malformed"),
        ("again", format!("{whole}{}", lines[8]), "gap"),
    ];
    for (name, log, kind) in broken {
        std::fs::write(&logged.log, log).unwrap();
        let run = next();
        // What lies before the cursor is for a verification to look at.
        let exit = if kind.is_empty() { 0 } else { 5 };
        assert_eq!(run.code, exit, "{name}: {}", run.stderr);
        assert!(run.stderr.contains(kind), "{name}: {}", run.stderr);
        assert_eq!(
            std::fs::read(&cursor).unwrap(),
            kept,
            "{name}: the cursor has moved"
        );
    }
    std::fs::write(&cursor, "{}").unwrap();
    assert_eq!(next().code, 4);
}

#[test]
fn tiles_are_a_whole_log_to_other_tools() {
    let (logged, _) = Logged::new(70); // 281 entries: a full tile and a partial one.
    let tiles = logged.path("tiles");
    let run = logged.log(&["export", "-f", "tiles", "-o", &tiles]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let read = |name: &str| std::fs::read(format!("{tiles}/{name}")).unwrap();
    let note = String::from_utf8(read("checkpoint")).unwrap();
    assert_eq!(note.lines().nth(1), Some("281"));
    let hashes = [read("tile/0/000"), read("tile/0/001.p/25")].concat();
    let expected: Vec<u8> = logged
        .entries()
        .iter()
        .flat_map(|entry| *entry.hash().as_bytes())
        .collect();
    assert_eq!(hashes, expected);
    assert_eq!(read("tile/1/000.p/1").len(), 32);
    // Bundles: each entry after its length in two bytes (C2SP tlog-tiles).
    let mut bundles = [read("tile/entries/000"), read("tile/entries/001.p/25")].concat();
    for entry in logged.entries() {
        let length = usize::from(bundles[0]) << 8 | usize::from(bundles[1]);
        assert_eq!(bundles[2..2 + length], *entry.leaf_bytes());
        bundles.drain(..2 + length);
    }
    assert!(bundles.is_empty());
}

#[test]
fn a_key_hands_over_and_the_first_one_stays_pinned() {
    let (logged, first) = Logged::new(1);
    let secret = logged.path(".config/omg/audit/log.key");
    let old = std::fs::read_to_string(&secret).unwrap();
    let run = logged.log(&["rotate-key"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let new = std::fs::read_to_string(&secret).unwrap();
    assert_ne!(old, new);
    logged.scan();
    let second = logged.path("second.pub");
    std::fs::write(&second, &run.stdout).unwrap();
    for more in [
        &[][..],
        &["--public-key", &first],
        &["--public-key", &first, "--incremental"],
    ] {
        let (code, verified) = logged.verify(more);
        assert_eq!(
            (code, verified["unproved"].as_array().unwrap().len()),
            (0, 0),
            "{verified}"
        );
    }
    // A handover that was interrupted: nothing is signed until it is finished.
    std::fs::write(format!("{secret}.next"), &old).unwrap();
    let stopped = logged.run(&["scan", "--root", "examples/demo-root", "--offline"]);
    assert!(stopped.stderr.contains("rotate-key"), "{}", stopped.stderr);
    assert_eq!(logged.log(&["rotate-key"]).code, 0);
    assert_eq!(logged.verify(&["--public-key", &first]).0, 0);
    // The old key signs nothing more that counts.
    std::fs::write(&secret, &new).unwrap();
    logged.scan();
    let (code, verified) = logged.verify(&["--public-key", &first]);
    assert_eq!(
        (code, verified["breaks"][0]["kind"].as_str()),
        (5, Some("wrong_key"))
    );
}

#[test]
fn pruning_removes_what_a_checkpoint_covers() {
    let (logged, key) = Logged::new(2);
    let prune = |before: &str| logged.log(&["prune", "--before", before]);
    assert!(prune("100").stdout.starts_with("nothing to remove"));
    assert_eq!(logged.log(&["rotate"]).code, 0);
    logged.scan();
    let cursor = logged.path("cursor");
    std::fs::write(&cursor, "").unwrap();
    std::fs::remove_file(&cursor).unwrap();
    let run = prune("2999-01-01T00:00:00Z");
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "removed 1 file; the first entry is 9\n")
    );
    let (code, verified) = logged.verify(&["--public-key", &key]);
    assert_eq!(
        (code, verified["status"].as_str()),
        (0, Some("intact")),
        "{verified}"
    );
    let pruned = &verified["unproved"];
    // The entry that says so is signed for too.
    assert_eq!(pruned.as_array().unwrap().len(), 1);
    assert_eq!(
        (&pruned[0]["claim"], &pruned[0]["count"]),
        (&"pruned".into(), &9.into())
    );
    logged.scan();
    assert_eq!(logged.verify(&["--public-key", &key]).0, 0);
    assert_eq!(logged.log(&["prove", "12"]).code, 0);
    assert_ne!(logged.log(&["prove", "3"]).code, 0);
    assert_eq!(
        logged
            .log(&["export", "-f", "tiles", "-o", &logged.path("t")])
            .code,
        3
    );
    let out = logged.log(&["export", "-f", "jsonl", "--cursor", &cursor]);
    assert!(out.stdout.contains("\"Pruned\""), "{}", out.stderr);
    // Without a checkpoint nothing goes.
    std::fs::remove_file(logged.log.with_extension("jsonl.checkpoint")).unwrap();
    assert_eq!(prune("100").code, 4);
}

#[test]
fn following_shows_what_is_added_also_after_a_rotation() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    let (logged, _) = Logged::new(1);
    let log = logged.log.to_str().unwrap();
    let args = [
        "audit", "log", "--follow", "-l", "1", "-f", "jsonl", "--log", log,
    ];
    let mut command = logged.sandbox.command(&args);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || Entry::from_line(lines.next().unwrap().unwrap().as_bytes()).unwrap();
    assert_eq!(next().seq(), 4);
    logged.scan();
    assert_eq!(
        (5..9).map(|_| next().seq()).collect::<Vec<_>>(),
        [5, 6, 7, 8]
    );
    assert_eq!(logged.log(&["rotate"]).code, 0);
    logged.scan();
    assert_eq!(
        (9..14).map(|_| next().seq()).collect::<Vec<_>>(),
        [9, 10, 11, 12, 13]
    );
    child.kill().unwrap();
    child.wait().unwrap();
    // Not with a form that has an end, and not into a file.
    assert_eq!(logged.log(&["--follow", "-f", "json"]).code, 2);
    assert_eq!(logged.log(&["--follow", "-o", &logged.path("f")]).code, 2);
}
