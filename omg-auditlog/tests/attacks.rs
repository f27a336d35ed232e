//! The 37 attacks of the matrix, on a log that this crate wrote: kind, line, entry and byte of
//! what is found, with a checkpoint for every entry of which the last is held elsewhere.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::{bytes, checkpoint, key, log, rehash, rehash_one};
use omg_auditlog::{BreakKind, Report, SignedCheckpoint, Signer as _, Status, Trust, Verifier};

use BreakKind as K;

/// A changed log, the checkpoint that the attacker leaves beside it, and what must be found.
struct Attack {
    name: &'static str,
    log: Vec<u8>,
    beside: Option<SignedCheckpoint>,
    kind: BreakKind,
    line: u64,
    seq: u64,
}

const SIZE: u64 = 64;

struct Corpus {
    lines: Vec<String>,
    whole: Vec<u8>,
    beside: SignedCheckpoint,
    attacks: Vec<Attack>,
}

impl Corpus {
    fn new() -> Self {
        let lines = log(SIZE, 0);
        let mut corpus = Self {
            whole: bytes(&lines),
            beside: checkpoint(&lines, &key(1)),
            lines,
            attacks: Vec::new(),
        };
        corpus.values();
        corpus.lines_moved();
        corpus.ends();
        corpus.forms();
        corpus
    }

    fn add(&mut self, name: &'static str, log: Vec<u8>, found: (BreakKind, u64, u64)) {
        let (kind, line, seq) = found;
        let beside = Some(self.beside.clone());
        self.attacks.push(Attack {
            name,
            log,
            beside,
            kind,
            line,
            seq,
        });
    }

    /// The log with one line changed.
    fn one(&self, at: usize, change: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            if index == at {
                let changed = change(line);
                assert_ne!(changed, line.as_bytes(), "nothing was changed");
                out.extend(changed);
            } else {
                out.extend_from_slice(line.as_bytes());
            }
            out.push(b'\n');
        }
        out
    }

    fn text(&self, at: usize, from: &str, to: &str) -> Vec<u8> {
        self.one(at, |line| line.replacen(from, to, 1).into_bytes())
    }

    fn values(&mut self) {
        let l = self.lines.clone();
        let nine = |event: omg_auditlog::Event| event.with("version", "9");
        self.add(
            "1 one byte",
            self.text(20, "1.20-1", "1.21-1"),
            (K::HashMismatch, 21, 20),
        );
        self.add(
            "2 edit, rehash one",
            bytes(&rehash_one(&l, 20)),
            (K::ChainBroken, 22, 21),
        );
        self.add(
            "3 edit, rehash last",
            bytes(&rehash_one(&l, 63)),
            (K::HistoryRewritten, 1, 0),
        );
        self.add(
            "4 edit, rehash suffix",
            bytes(&rehash(&l, 20, nine)),
            (K::HistoryRewritten, 1, 0),
        );
        self.add(
            "5 full rewrite",
            bytes(&log(SIZE, 1000)),
            (K::HistoryRewritten, 1, 0),
        );
        let back = rehash(&l, 50, |event| event);
        let mut back: Vec<String> = back[..50].to_vec();
        let old = common::entry(&l[50]);
        let mut chain = omg_auditlog::Chain::after(&common::entry(&back[49]));
        for (n, line) in l.iter().enumerate().skip(50) {
            let event = common::entry(line).event().clone();
            let time = if n == 50 {
                common::at(-200_000_000)
            } else {
                old.at()
            };
            let new = chain
                .append(event, old.actor(), old.machine(), time)
                .unwrap();
            back.push(new.to_string());
        }
        self.add(
            "19 time backwards",
            bytes(&back),
            (K::HistoryRewritten, 1, 0),
        );
    }

    fn lines_moved(&mut self) {
        let l = self.lines.clone();
        let cut = [&l[..20], &l[21..]].concat();
        self.add("6 delete", bytes(&cut), (K::Gap, 21, 21));
        let rehashed = rehash(&cut, 20, |event| event);
        self.add("7 delete, rehash", bytes(&rehashed), (K::Truncated, 64, 63));
        let swapped = [&l[..20], &[l[21].clone(), l[20].clone()], &l[22..]].concat();
        self.add("14 swap", bytes(&swapped), (K::Reordered, 21, 21));
        self.add(
            "15 duplicate",
            bytes(&[&l[..21], &l[20..]].concat()),
            (K::Duplicate, 22, 20),
        );
        let twice = [&l[..], &l[63..]].concat();
        self.add("16 duplicate last", bytes(&twice), (K::Duplicate, 65, 63));
        let forged = |at: usize| l[at].replace("lib-", "evil-");
        let inserted = [&l[..20], &[forged(20)], &l[20..]].concat();
        self.add("17 insert", bytes(&inserted), (K::Inserted, 21, 20));
        let fork = [&l[..40], &[forged(40)], &l[40..]].concat();
        self.add("34 two writers", bytes(&fork), (K::Inserted, 41, 40));
    }

    fn ends(&mut self) {
        let l = self.lines.clone();
        self.add("8 cut off 10", bytes(&l[..54]), (K::Truncated, 55, 54));
        self.add("9 cut off 30", bytes(&l[..34]), (K::Truncated, 35, 34));
        self.add("10 empty", Vec::new(), (K::Truncated, 1, 0));
        self.add("11 old log", bytes(&l[..20]), (K::Truncated, 21, 20));
        self.add(
            "12 old log and checkpoint",
            bytes(&l[..20]),
            (K::RolledBack, 21, 20),
        );
        let old = checkpoint(&l[..16], &key(1));
        self.attacks.last_mut().unwrap().beside = Some(old);
        let rewritten = bytes(&log(SIZE, 1000));
        self.add(
            "13 no checkpoint, rewrite",
            rewritten,
            (K::HistoryRewritten, 1, 0),
        );
        self.attacks.last_mut().unwrap().beside = None;
        let with = |end: &[u8]| [&self.whole[..], end].concat();
        let long = [&b"{"[..], &vec![b'a'; 1 << 20], b"}\n"].concat();
        let (garbage, long) = (with(b"\xff\xfe garbage\n"), with(&long));
        let zeros = with(&[0; 512]);
        let whole = self.whole.clone();
        self.add("20 garbage", garbage, (K::Malformed, 65, 64));
        self.add(
            "21 partial last",
            whole[..whole.len() - 100].to_vec(),
            (K::TornTail, 64, 63),
        );
        self.add("23 1 MiB line", long, (K::Malformed, 65, 64));
        self.add("32 zeros", zeros, (K::TornTail, 65, 64));
        self.add(
            "37 no line feed",
            whole[..whole.len() - 1].to_vec(),
            (K::TornTail, 64, 63),
        );
    }

    fn forms(&mut self) {
        let not = (K::NotCanonical, 21, 20);
        let utf8 = self.one(20, |line| {
            let at = line.find("alice").unwrap() + 2;
            let mut line = line.as_bytes().to_vec();
            line[at] = 0xff;
            line
        });
        self.add("22 UTF-8", utf8, (K::Malformed, 21, 20));
        let reversed = self.one(20, |line| {
            let rest = line.strip_suffix(",\"v\":1}").unwrap();
            format!("{{\"v\":1,{}}}", &rest[1..]).into_bytes()
        });
        self.add("24 key order", reversed, not);
        self.add("25 space", self.text(20, ",", ", "), not);
        let (from, to) = ("\"package\":", "\"package\":\"evil\",\"package\":");
        self.add("26 duplicate key", self.text(20, from, to), not);
        let note = self.text(20, "{", "{\"_note\":\"approved by root\",");
        self.add("27 unknown field", note, not);
        self.add("28 escape", self.text(20, "\u{fc}", "\\u00fc"), not);
        self.add(
            "29 fraction",
            self.text(20, "\"seq\":20,", "\"seq\":20.0,"),
            not,
        );
        let text = String::from_utf8(self.whole.clone()).unwrap();
        let blank = text.replacen('\n', "\n\n", 3).into_bytes();
        self.add("30 blank lines", blank, (K::NotCanonical, 2, 1));
        let crlf = text.replace('\n', "\r\n").into_bytes();
        self.add("31 CRLF", crlf, (K::NotCanonical, 1, 0));
        let mut page = self.whole.clone();
        page[4096..4608].fill(0);
        let line = self.whole[..4096]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64
            + 1;
        self.add("33 zeros within", page, (K::Malformed, line, line - 1));
        let splice = format!("{}\n", self.lines[30]);
        let spliced = text.replace(&splice, &self.lines[30][..100]).into_bytes();
        self.add("35 splice", spliced, (K::Malformed, 31, 30));
        let bom = [b"\xef\xbb\xbf", &self.whole[..]].concat();
        self.add("36 byte order mark", bom, (K::NotCanonical, 1, 0));
    }
}

fn verify(log: &[u8], beside: Option<&SignedCheckpoint>, held: &SignedCheckpoint) -> Report {
    let mut trust = Trust::none().hold(held.clone());
    if let Some(beside) = beside {
        trust = trust.beside(beside.clone());
    }
    trust = trust.recognise(key(1).verifying_key().clone());
    Verifier::new(trust).verify(log).unwrap()
}

fn offset_of(log: &[u8], line: u64) -> u64 {
    let starts = log.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let starts: Vec<usize> = starts.map(|(at, _)| at + 1).collect();
    match line {
        1 => 0,
        line => starts[usize::try_from(line).unwrap() - 2] as u64,
    }
}

#[test]
fn thirty_six_attacks_are_found_by_kind_and_place() {
    let corpus = Corpus::new();
    assert_eq!(corpus.attacks.len(), 36);
    let mut wrong = Vec::new();
    for attack in &corpus.attacks {
        let report = verify(&attack.log, attack.beside.as_ref(), &corpus.beside);
        let torn = attack.kind == K::TornTail;
        let status = if torn {
            Status::Incomplete
        } else {
            Status::Tampered
        };
        let found = report.breaks.first();
        let expected = (
            attack.kind,
            attack.line,
            attack.seq,
            offset_of(&attack.log, attack.line),
        );
        let seen = found.map(|found| (found.kind, found.line, found.seq, found.offset));
        if report.status() != status || seen != Some(expected) {
            let status = report.status();
            wrong.push(format!(
                "{}: {status}\n  {expected:?}\n  {:?}",
                attack.name, report.breaks
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_log_as_it_was_is_intact() {
    let corpus = Corpus::new();
    let report = verify(&corpus.whole, Some(&corpus.beside), &corpus.beside);
    assert_eq!((report.status(), report.unanchored()), (Status::Intact, 0));
    assert_eq!(report.warnings, []);
}

/// Attack 18: who has the writer's authority can write what is not so. It cannot be seen; it is
/// at most an entry that no checkpoint covers.
#[test]
fn a_forged_entry_by_the_writer_is_only_unanchored() {
    let corpus = Corpus::new();
    let mut lines = corpus.lines.clone();
    lines.push(lines[63].clone());
    let forged = rehash(&lines, 64, |event| event.with("package", "evil"));
    let report = verify(&bytes(&forged), Some(&corpus.beside), &corpus.beside);
    assert_eq!((report.status(), report.unanchored()), (Status::Intact, 1));
}

#[test]
fn time_running_backwards_is_a_warning_without_a_checkpoint() {
    let corpus = Corpus::new();
    let attack = corpus
        .attacks
        .iter()
        .find(|a| a.name.starts_with("19"))
        .unwrap();
    let report = Verifier::new(Trust::none())
        .verify(&attack.log[..])
        .unwrap();
    assert_eq!(report.status(), Status::Intact);
    let places: Vec<_> = report
        .warnings
        .iter()
        .map(|w| (w.kind, w.line, w.seq))
        .collect();
    assert_eq!(places, [(K::TimeWarning, 51, 50)]);
}

/// 8 x about 27,000 logs: each differs in one bit.
#[test]
fn every_flipped_bit_is_found() {
    let lines = log(SIZE, 0);
    let whole = bytes(&lines);
    let held = checkpoint(&lines, &key(1));
    let verifier = Verifier::new(Trust::none().hold(held));
    let flip = |from: usize| {
        let mut flipped = whole.clone();
        for at in (from..whole.len()).step_by(2) {
            for bit in 0..8 {
                flipped[at] ^= 1 << bit;
                let report = verifier.verify(&flipped[..]).unwrap();
                assert_ne!(report.status(), Status::Intact, "bit {bit} of byte {at}");
                assert!(!report.breaks.is_empty(), "bit {bit} of byte {at}");
                flipped[at] = whole[at];
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| flip(0));
        flip(1);
    });
    println!("{} flipped bits found", whole.len() * 8);
}

#[test]
fn threads_make_no_difference() {
    let corpus = Corpus::new();
    for attack in &corpus.attacks {
        let trust = Trust::none().hold(corpus.beside.clone());
        let one = Verifier::new(trust.clone())
            .verify(&attack.log[..])
            .unwrap();
        let four = Verifier::new(trust).threads(4.try_into().unwrap());
        assert_eq!(
            four.verify(&attack.log[..]).unwrap(),
            one,
            "{}",
            attack.name
        );
    }
}
