//! The 37 attacks of `auditlog/attack.py`, made on a log that the program wrote and seen by the
//! program: exit code, kind, line, entry and byte. The checkpoint of the last commit is held
//! elsewhere; the first one is what the attacker who rolls both back has kept.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::PathBuf;

use omg_auditlog::{Actor, Chain, Entry, Event, Machine};
use serde_json::Value;
use support::Sandbox;

/// The entry that is attacked: a VulnerabilityDetected one.
const AT: usize = 21;

const SCANS: usize = 16;

struct Attack {
    /// The number in `attack.py`.
    number: u32,
    log: Vec<u8>,
    beside: Beside,
    exit: i32,
    kind: &'static str,
    line: usize,
}

/// What the attacker leaves as the checkpoint beside the log.
#[derive(Clone, Copy)]
enum Beside {
    AsItWas,
    Old,
    None,
}

struct Written {
    sandbox: Sandbox,
    log: PathBuf,
    key: String,
    held: String,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Written {
    /// A signed log of 65 entries.
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let file = |name: &str| sandbox.path(name).to_str().unwrap().to_owned();
        let (key, held, log) = (
            file("log.pub"),
            file("held"),
            sandbox.path("logs/audit.jsonl"),
        );
        let at = log.to_str().unwrap();
        assert_eq!(
            sandbox
                .run(&["audit", "log", "keygen", "-o", &key, "--log", at])
                .code,
            0
        );
        let data = "examples/demo-root";
        let feeds = "examples/demo-root/advisories";
        let scan = [
            "audit",
            "scan",
            "--root",
            data,
            "--advisories",
            feeds,
            "--log",
            at,
        ];
        let beside = log.with_extension("jsonl.checkpoint");
        let mut old = Vec::new();
        for n in 0..SCANS {
            let run = sandbox.run(&scan);
            assert_eq!(run.code, 1, "{}", run.stderr);
            if n == 3 {
                old = std::fs::read(&beside).unwrap();
            }
        }
        let new = std::fs::read(&beside).unwrap();
        std::fs::write(&held, &new).unwrap();
        Self {
            sandbox,
            log,
            key,
            held,
            old,
            new,
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn verify(&self, attack: &Attack, more: &[&str]) -> (i32, Value) {
        std::fs::write(&self.log, &attack.log).unwrap();
        let beside = self.log.with_extension("jsonl.checkpoint");
        match attack.beside {
            Beside::AsItWas => std::fs::write(&beside, &self.new).unwrap(),
            Beside::Old => std::fs::write(&beside, &self.old).unwrap(),
            Beside::None => drop(std::fs::remove_file(&beside)),
        }
        let log = self.log.to_str().unwrap();
        let args = ["audit", "verify", "--log", log, "--checkpoint", &self.held];
        self.sandbox.json(&[&args, more].concat())
    }
}

fn bytes<S: AsRef<str>>(lines: &[S]) -> Vec<u8> {
    let lines = lines.iter().map(|line| format!("{}\n", line.as_ref()));
    lines.collect::<String>().into_bytes()
}

fn entry(line: &str) -> Entry {
    Entry::from_line(line.as_bytes()).unwrap()
}

/// `rehash_from`: numbers, links and hashes made anew from a line on.
fn rehash(lines: &[String], from: usize, change: impl Fn(Event) -> Event) -> Vec<String> {
    rehash_at(lines, from, change, |_, entry| entry.at())
}

fn rehash_at(
    lines: &[String],
    from: usize,
    change: impl Fn(Event) -> Event,
    time: impl Fn(usize, &Entry) -> chrono::DateTime<chrono::Utc>,
) -> Vec<String> {
    let mut out = lines[..from].to_vec();
    let mut chain = Chain::after(&entry(&out[from - 1]));
    for (index, line) in lines.iter().enumerate().skip(from) {
        let old = entry(line);
        let event = old.event().clone();
        let event = if index == from { change(event) } else { event };
        let new = chain.append(event, old.actor(), old.machine(), time(index, &old));
        out.push(new.unwrap().to_string());
    }
    out
}

/// Another log from its start.
fn rewritten(lines: &[String]) -> Vec<u8> {
    let first = entry(&lines[0]);
    let origin = first.event().subject["origin"]
        .as_text()
        .unwrap()
        .parse()
        .unwrap();
    let (mut chain, opened) =
        Chain::open(&origin, &Machine::new("h", "b"), &Actor::uid(0), first.at()).unwrap();
    let mut out = vec![opened.to_string()];
    for line in &lines[1..] {
        let old = entry(line);
        let event = old.event().clone().with("version", "1000");
        let new = chain
            .append(event, old.actor(), old.machine(), old.at())
            .unwrap();
        out.push(new.to_string());
    }
    bytes(&out)
}

/// One line changed as text, and not hashed anew.
fn text(lines: &[String], at: usize, from: &str, to: &str) -> Vec<u8> {
    let mut lines = lines.to_vec();
    let changed = lines[at].replacen(from, to, 1);
    assert_ne!(changed, lines[at], "nothing was changed");
    lines[at] = changed;
    bytes(&lines)
}

fn forged(line: &str) -> String {
    let package = entry(line).event().subject["package"]
        .as_text()
        .unwrap()
        .to_owned();
    line.replacen(
        &format!("\"package\":\"{package}\""),
        "\"package\":\"evil\"",
        1,
    )
}

#[rustfmt::skip] // One attack a line.
fn attacks(l: &[String]) -> Vec<Attack> {
    let n = l.len();
    let whole = bytes(l);
    let nine = |event: Event| event.with("version", "9");
    let same = |event: Event| event;
    let mut all = Vec::new();
    let mut add = |number: u32, log: Vec<u8>, kind: &'static str, line: usize| {
        let exit = if kind == "torn_tail" { 3 } else { 5 };
        all.push(Attack { number, log, beside: Beside::AsItWas, exit, kind, line });
    };
    let version = entry(&l[AT]).event().subject["version"].as_text().unwrap().to_owned();
    add(1, text(l, AT, &version, &format!("{}x", &version[..version.len() - 1])), "hash_mismatch", AT + 1);
    let mut one = l.to_vec();
    one[AT] = rehash(&l[..=AT], AT, nine)[AT].clone();
    add(2, bytes(&one), "chain_broken", AT + 2);
    let last = rehash(l, n - 1, nine);
    add(3, bytes(&last), "history_rewritten", 1);
    add(4, bytes(&rehash(l, AT, nine)), "history_rewritten", 1);
    add(5, rewritten(l), "history_rewritten", 1);
    let cut = [&l[..AT], &l[AT + 1..]].concat();
    add(6, bytes(&cut), "gap", AT + 1);
    add(7, bytes(&rehash(&cut, AT, same)), "truncated", n);
    add(8, bytes(&l[..n - 10]), "truncated", n - 9);
    add(9, bytes(&l[..n - 30]), "truncated", n - 29);
    add(10, Vec::new(), "truncated", 1);
    add(11, bytes(&l[..20]), "truncated", 21);
    add(12, bytes(&l[..20]), "rolled_back", 21);
    add(13, rewritten(l), "history_rewritten", 1);
    let swapped = [&l[..AT], &[l[AT + 1].clone(), l[AT].clone()], &l[AT + 2..]].concat();
    add(14, bytes(&swapped), "reordered", AT + 1);
    add(15, bytes(&[&l[..=AT], &l[AT..]].concat()), "duplicate", AT + 2);
    add(16, bytes(&[l, &l[n - 1..]].concat()), "duplicate", n + 1);
    add(17, bytes(&[&l[..AT], &[forged(&l[AT])], &l[AT..]].concat()), "inserted", AT + 1);
    let early = chrono::DateTime::from_timestamp(1_577_836_800, 0).unwrap();
    let back = rehash_at(l, 50, same, |index, old| if index == 50 { early } else { old.at() });
    add(19, bytes(&back), "history_rewritten", 1);
    let with = |end: &[u8]| [&whole[..], end].concat();
    add(20, with(b"\xff\xfe garbage\n"), "malformed", n + 1);
    add(21, whole[..whole.len() - 100].to_vec(), "torn_tail", n);
    let mut utf8 = whole.clone();
    let at = l[..AT].iter().map(|line| line.len() + 1).sum::<usize>() + l[AT].find(&version).unwrap();
    utf8[at] = 0xff;
    add(22, utf8, "malformed", AT + 1);
    add(23, with(&[&b"{"[..], &[b'a'; 1 << 20], b"}\n"].concat()), "malformed", n + 1);
    let rest = l[AT].strip_suffix(",\"v\":1}").unwrap();
    let mut keys = l.to_vec();
    keys[AT] = format!("{{\"v\":1,{}}}", &rest[1..]);
    add(24, bytes(&keys), "not_canonical", AT + 1);
    add(25, text(l, AT, ",", ", "), "not_canonical", AT + 1);
    add(26, text(l, AT, "\"package\":", "\"package\":\"evil\",\"package\":"), "not_canonical", AT + 1);
    add(27, text(l, AT, "{", "{\"_note\":\"approved by root\","), "not_canonical", AT + 1);
    add(28, text(l, AT, "alpm", "\\u0061lpm"), "not_canonical", AT + 1);
    let seq = format!("\"seq\":{AT},");
    add(29, text(l, AT, &seq, &format!("\"seq\":{AT}.0,")), "not_canonical", AT + 1);
    let as_text = String::from_utf8(whole.clone()).unwrap();
    add(30, as_text.replacen('\n', "\n\n", 3).into_bytes(), "not_canonical", 2);
    add(31, as_text.replace('\n', "\r\n").into_bytes(), "not_canonical", 1);
    add(32, with(&[0; 512]), "torn_tail", n + 1);
    let mut page = whole.clone();
    page[4096..4608].fill(0);
    add(33, page, "malformed", as_text[..4096].lines().count());
    let fork = forged(&l[41]);
    add(34, bytes(&[&l[..41], &[fork], &l[41..]].concat()), "inserted", 42);
    add(35, as_text.replacen(&format!("{}\n", l[30]), &l[30][..100], 1).into_bytes(), "malformed", 31);
    add(36, [b"\xef\xbb\xbf", &whole[..]].concat(), "not_canonical", 1);
    add(37, whole[..whole.len() - 1].to_vec(), "torn_tail", n);
    for attack in &mut all {
        attack.beside = match attack.number {
            12 => Beside::Old,
            13 => Beside::None,
            _ => Beside::AsItWas,
        };
    }
    all
}

/// The byte where a line starts.
fn offset(log: &[u8], line: usize) -> usize {
    let ends = log.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let mut starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
    starts.nth(line - 1).unwrap()
}

/// The number of the entry that stands in this line or should.
fn seq(attack: &Attack) -> usize {
    match attack.number {
        // A gap is where the entry after it stands; the others stand for the one before.
        6 | 14 => attack.line,
        15 | 16 => attack.line - 2,
        _ => attack.line - 1,
    }
}

#[test]
fn thirty_six_of_thirty_seven_are_found_by_kind_and_place() {
    let written = Written::new();
    let lines = written.lines();
    assert_eq!(lines.len(), 1 + 4 * SCANS);
    let attacks = attacks(&lines);
    let numbers: Vec<u32> = attacks.iter().map(|attack| attack.number).collect();
    let all: Vec<u32> = (1..=37).filter(|number| *number != 18).collect();
    assert_eq!(numbers, all);
    let mut wrong = Vec::new();
    for attack in &attacks {
        for more in [&[][..], &["--public-key", &written.key]] {
            let (exit, verified) = written.verify(attack, more);
            let first = &verified["breaks"][0];
            let number = |name: &str| first[name].as_u64().unwrap_or(u64::MAX);
            let place = ["line", "seq", "offset"].map(number);
            let expected = [attack.line, seq(attack), offset(&attack.log, attack.line)];
            let seen = (exit, first["kind"].as_str().unwrap_or_default(), place);
            let expected = (
                attack.exit,
                attack.kind,
                expected.map(|number| number as u64),
            );
            if seen != expected {
                wrong.push(format!("{}: {seen:?}, not {expected:?}", attack.number));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And the log itself is intact.
    let itself = Attack {
        number: 0,
        log: bytes(&lines),
        beside: Beside::AsItWas,
        exit: 0,
        kind: "",
        line: 1,
    };
    let (exit, verified) = written.verify(&itself, &["--public-key", &written.key]);
    assert_eq!(
        (exit, verified["status"].as_str()),
        (0, Some("intact")),
        "{verified}"
    );
    assert_eq!(verified["unproved"].as_array().unwrap().len(), 0);
}

/// Attack 18: an entry that is well chained, made with the writer's authority. It is not seen,
/// and the report says that no checkpoint covers it.
#[test]
fn the_eighteenth_is_only_unanchored() {
    let written = Written::new();
    let mut lines = written.lines();
    let last = lines.len() - 1;
    lines.push(lines[last].clone());
    let forged = rehash(&lines, last + 1, |event| event.with("package", "evil"));
    let attack = Attack {
        number: 18,
        log: bytes(&forged),
        beside: Beside::AsItWas,
        exit: 0,
        kind: "",
        line: 1,
    };
    let (exit, verified) = written.verify(&attack, &["--public-key", &written.key]);
    assert_eq!(
        (exit, verified["status"].as_str()),
        (0, Some("intact")),
        "{verified}"
    );
    let unproved = &verified["unproved"][0];
    assert_eq!(
        (&unproved["claim"], &unproved["from"]),
        (&"unanchored".into(), &65.into())
    );
}

/// The list above is the one of the model.
#[test]
fn the_model_has_the_same_attacks() {
    let Some(model) = support::shared_data("auditlog/attack.py") else {
        return;
    };
    let model = std::fs::read_to_string(model).unwrap();
    for number in 1..=37 {
        assert!(model.contains(&format!("(\"{number} ")), "{number}");
    }
    assert!(!model.contains("(\"38 "));
}
