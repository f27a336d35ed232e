//! The verifier: a log with some bytes replaced is never intact against its checkpoint, and one
//! thread says what several say. The input is a list of edits.
#![no_main]

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use omg_auditlog::merkle::Frontier;
use omg_auditlog::{
    Actor, Chain, Checkpoint, Event, EventKind, Machine, SignedCheckpoint, SigningKey, Status,
    Trust, Verifier,
};

static LOG: LazyLock<(Vec<u8>, SignedCheckpoint)> = LazyLock::new(|| {
    let (actor, machine) = (Actor::uid(0), Machine::new("h", "b"));
    let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap();
    let origin = "example.org/log".parse().unwrap();
    let (mut chain, opened) = Chain::open(&origin, &machine, &actor, at).unwrap();
    let mut entries = vec![opened];
    for n in 0..20i64 {
        let event = Event::new(EventKind::PackageInstall).with("n", n);
        entries.push(chain.append(event, &actor, &machine, at).unwrap());
    }
    let mut tree = Frontier::default();
    tree.extend(entries.iter().map(|entry| entry.hash()));
    let key = SigningKey::from_seed("example.org/log", [7; 32]).unwrap();
    let note = Checkpoint::new(origin, tree.size(), tree.root())
        .sign(&[&key])
        .unwrap();
    let lines = entries.iter().map(|entry| format!("{entry}\n"));
    (lines.collect::<String>().into_bytes(), note)
});

fuzz_target!(|data: &[u8]| {
    let (whole, note) = &*LOG;
    // Anything at all, and the log with edits: position, how many bytes go, what comes.
    look(data, note);
    let mut log = whole.clone();
    let mut rest = data;
    while let [a, b, gone, come, more @ ..] = rest {
        let at = usize::from(u16::from_be_bytes([*a, *b])) % (log.len() + 1);
        let end = (at + usize::from(*gone)).min(log.len());
        let (come, more) = more.split_at(usize::from(*come % 64).min(more.len()));
        log.splice(at..end, come.iter().copied());
        rest = more;
    }
    let intact = look(&log, note);
    // Entries may have been added: whoever can do that is not caught.
    assert!(!intact || log.starts_with(whole));
});

fn look(log: &[u8], note: &SignedCheckpoint) -> bool {
    let trust = Trust::none().hold(note.clone());
    let one = Verifier::new(trust.clone()).verify(log).unwrap();
    let two = Verifier::new(trust).threads(NonZeroUsize::new(2).unwrap());
    assert_eq!(one, two.verify(log).unwrap());
    one.status() == Status::Intact
}
