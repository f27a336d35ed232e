//! What the tests share: a log of any length, and ways to write it anew.
// Each test file uses a part of it, and a test may fail anywhere.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use chrono::{DateTime, Utc};
use omg_auditlog::merkle::Frontier;
use omg_auditlog::{
    Actor, Chain, Checkpoint, Entry, Event, EventKind, Machine, Origin, SignedCheckpoint, Signer,
    SigningKey,
};

pub fn origin() -> Origin {
    "omg/test/1".parse().unwrap()
}

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("omg/test/1", [seed; 32]).unwrap()
}

pub fn machine() -> Machine {
    Machine::new("h1", "11111111-2222-3333-4444-555555555555")
}

pub fn actor() -> Actor {
    Actor::uid(0).with_name("alice").with_loginuid(1000)
}

pub fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_500_000 + second, 0).unwrap()
}

pub fn event(n: u64) -> Event {
    Event::new(EventKind::PackageUpgrade)
        .with("package", format!("lib-\u{fc}n\u{ef}-{n}"))
        .with("version", format!("1.{n}-1"))
}

/// A log of so many entries, each line without its line feed; `seed` makes another one.
pub fn log(count: u64, seed: u64) -> Vec<String> {
    let (mut chain, opened) = Chain::open(&origin(), &machine(), &actor(), at(0)).unwrap();
    let mut lines = vec![opened.to_string()];
    for n in 1..count {
        let time = at(i64::try_from(n).unwrap());
        let mut event = event(n);
        if seed > 0 {
            event = event.with("version", format!("{seed}"));
        }
        let entry = chain.append(event, &actor(), &machine(), time).unwrap();
        lines.push(entry.to_string());
    }
    lines
}

pub fn entry(line: &str) -> Entry {
    Entry::from_line(line.as_bytes()).unwrap()
}

/// Lines with line feeds.
pub fn bytes<S: AsRef<str>>(lines: &[S]) -> Vec<u8> {
    let lines = lines.iter().map(|line| format!("{}\n", line.as_ref()));
    lines.collect::<String>().into_bytes()
}

/// Numbers, links and hashes made anew from a line on, as somebody would who can compute them.
pub fn rehash(lines: &[String], from: usize, change: impl Fn(Event) -> Event) -> Vec<String> {
    let mut out = lines[..from].to_vec();
    let mut chain = Chain::after(&entry(&out[from - 1]));
    for (index, line) in lines.iter().enumerate().skip(from) {
        let old = entry(line);
        let event = if index == from {
            change(old.event().clone())
        } else {
            old.event().clone()
        };
        let new = chain
            .append(event, old.actor(), old.machine(), old.at())
            .unwrap();
        out.push(new.to_string());
    }
    out
}

/// One entry changed and hashed anew, with its old link.
pub fn rehash_one(lines: &[String], at: usize) -> Vec<String> {
    let changed = rehash(&lines[..=at], at, |event| event.with("version", "9"));
    let mut out = lines.to_vec();
    out[at] = changed[at].clone();
    out
}

pub fn checkpoint(lines: &[String], key: &SigningKey) -> SignedCheckpoint {
    let mut tree = Frontier::default();
    tree.extend(lines.iter().map(|line| entry(line).hash()));
    let signers: [&dyn Signer; 1] = [key];
    Checkpoint::new(origin(), tree.size(), tree.root())
        .sign(&signers)
        .unwrap()
}
