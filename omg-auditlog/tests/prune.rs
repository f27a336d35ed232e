//! Pruning: what is removed, what is left, and that the rest is still proved, or said not to be.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{actor, at, event, key, machine, origin};
use omg_auditlog::fs::{Cursor, Every, Log, LogError, LogOptions, LogReader};
use omg_auditlog::{BreakKind, Claim, Filter, Report, Signer as _, Status, Trust};

struct Pruning {
    _directory: tempfile::TempDir,
    path: PathBuf,
    log: Log,
}

/// A signed log of 64 entries in four files, of which the first two begin at 0 and 21.
fn signed() -> Pruning {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let options = LogOptions::new(origin(), machine()).sign(Arc::new(key(1)), Every::Commit);
    let log = Log::open(&path, options, &actor(), at(0)).unwrap();
    for n in 1..61 {
        log.append(event(n), &actor(), at(i64::try_from(n).unwrap()))
            .unwrap();
        if n % 20 == 0 {
            log.rotate(&actor(), at(i64::try_from(n).unwrap())).unwrap();
        }
    }
    log.append(event(61), &actor(), at(61)).unwrap();
    Pruning {
        _directory: directory,
        path,
        log,
    }
}

fn verify(path: &Path, trust: Trust) -> Report {
    let reader = LogReader::open(path).unwrap().unwrap();
    reader.verify(trust, NonZeroUsize::MIN).unwrap()
}

fn pinned() -> Trust {
    Trust::none().pin(key(1).verifying_key().clone())
}

fn prune(log: &Log, before: u64) -> Option<(u64, u64)> {
    let signer = key(1);
    let pruned = log
        .prune(before, signer.verifying_key(), &actor(), at(100))
        .unwrap();
    pruned.map(|pruned| (pruned.files, pruned.first))
}

fn claims(report: &Report) -> Vec<(Claim, u64, u64)> {
    let all = report.proved.iter().chain(&report.unproved);
    all.map(|s| (s.claim, s.from, s.count)).collect()
}

#[test]
fn only_whole_closed_files_below_the_number_go() {
    let it = signed();
    let before = verify(&it.path, pinned());
    assert_eq!((before.status(), before.entries), (Status::Intact, 65));
    assert_eq!(prune(&it.log, 20), None);
    assert_eq!(prune(&it.log, 41), Some((1, 21)));
    assert_eq!(prune(&it.log, 41), None);
    assert_eq!(prune(&it.log, u64::MAX), Some((2, 63)));
    it.log.append(event(62), &actor(), at(101)).unwrap();
    let report = verify(&it.path, pinned());
    assert_eq!((report.status(), report.breaks.len()), (Status::Intact, 0));
    assert_eq!(report.entries, 68);
    assert_eq!(report.origin.as_deref(), Some("omg/test/1"));
    let seen = claims(&report);
    assert!(seen.contains(&(Claim::Pruned, 0, 63)), "{seen:?}");
    assert!(seen.contains(&(Claim::Chain, 63, 5)), "{seen:?}");
    assert!(seen.contains(&(Claim::SignedCheckpoint, 0, 68)), "{seen:?}");
}

#[test]
fn places_and_proofs_stay_what_they_were() {
    let it = signed();
    let held = it.log.checkpoint(&key(1), &actor(), at(99)).unwrap();
    let reader = LogReader::open(&it.path).unwrap().unwrap();
    let (proof, entry) = reader.prove(50, 65).unwrap();
    let bytes = reader.bytes();
    assert_eq!(prune(&it.log, 45), Some((2, 42)));
    let reader = LogReader::open(&it.path).unwrap().unwrap();
    assert_eq!(
        (reader.first_seq(), reader.origin().unwrap()),
        (42, origin())
    );
    assert_eq!(
        reader.prove(50, 65).unwrap(),
        (proof.clone(), entry.clone())
    );
    proof
        .verify(&entry.hash(), &held.checkpoint().root)
        .unwrap();
    assert!(reader.prove(41, 65).is_err());
    let added = reader.last(1, &Filter::new()).unwrap();
    assert_eq!(reader.bytes(), bytes + added[0].line().len() as u64 + 1);
    // A handle that was open before goes on, and whoever held a checkpoint still can.
    it.log.append(event(62), &actor(), at(101)).unwrap();
    let report = verify(&it.path, pinned().hold(held));
    assert_eq!((report.status(), report.entries), (Status::Intact, 67));
    let reader = LogReader::open(&it.path).unwrap().unwrap();
    let new = reader.verify_new(pinned(), NonZeroUsize::MIN).unwrap();
    assert_eq!(new.status(), Status::Intact);
}

#[test]
fn what_no_checkpoint_covers_is_not_pruned() {
    let it = signed();
    std::fs::remove_file(it.path.with_extension("jsonl.checkpoint")).unwrap();
    let signer = key(1);
    let refused = it
        .log
        .prune(u64::MAX, signer.verifying_key(), &actor(), at(100));
    assert!(
        matches!(refused, Err(LogError::NoCheckpoint { .. })),
        "{refused:?}"
    );
    it.log.append(event(1), &actor(), at(101)).unwrap();
    let other = key(2);
    let refused = it
        .log
        .prune(u64::MAX, other.verifying_key(), &actor(), at(102));
    assert!(
        matches!(refused, Err(LogError::NoCheckpoint { .. })),
        "{refused:?}"
    );
    assert_eq!(prune(&it.log, u64::MAX), Some((3, 63)));
}

#[test]
fn a_damaged_log_is_not_pruned() {
    for file in ["jsonl.00000000000000000000", "jsonl.00000000000000000021"] {
        let it = signed();
        let path = it.path.with_extension(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("alice", "malice", 1)).unwrap();
        let signer = key(1);
        let refused = it.log.prune(30, signer.verifying_key(), &actor(), at(100));
        assert!(matches!(refused, Err(LogError::Damaged(_))), "{refused:?}");
        assert!(path.exists());
    }
}

/// Removing files without saying so, with and without a made-up tree beside the log.
#[test]
fn files_that_are_gone_without_an_entry_are_missing() {
    let it = signed();
    let first = it.path.with_extension("jsonl.00000000000000000000");
    let whole = std::fs::read(&first).unwrap();
    std::fs::remove_file(&first).unwrap();
    let report = verify(&it.path, Trust::none());
    assert_eq!(
        (report.breaks[0].kind, report.breaks[0].seq),
        (BreakKind::Gap, 21)
    );
    std::fs::write(&first, &whole).unwrap();
    assert_eq!(prune(&it.log, 21), Some((1, 21)));
    let tree = it.path.with_extension("jsonl.pruned");
    let kept = std::fs::read_to_string(&tree).unwrap();
    assert_eq!(verify(&it.path, pinned()).status(), Status::Intact);
    // Another tree than that of what was removed leads to no checkpoint.
    let proof = kept.find("\"proof\":[\"").unwrap() + 10;
    let mut other = kept.clone();
    let digit = if &kept[proof..=proof] == "0" {
        "1"
    } else {
        "0"
    };
    other.replace_range(proof..=proof, digit);
    std::fs::write(&tree, &other).unwrap();
    let report = verify(&it.path, pinned());
    assert_eq!(report.status(), Status::Tampered);
    let kinds: Vec<_> = report
        .breaks
        .iter()
        .map(|found| (found.kind, found.seq))
        .collect();
    assert!(kinds.contains(&(BreakKind::Gap, 21)), "{kinds:?}");
    std::fs::remove_file(&tree).unwrap();
    assert_eq!(verify(&it.path, pinned()).breaks[0].kind, BreakKind::Gap);
    // More files are removed than the entry says.
    std::fs::write(&tree, &kept).unwrap();
    std::fs::remove_file(it.path.with_extension("jsonl.00000000000000000021")).unwrap();
    let report = verify(&it.path, pinned());
    assert_eq!(
        (report.breaks[0].kind, report.breaks[0].seq),
        (BreakKind::Gap, 42)
    );
}

#[test]
fn a_rewritten_rest_is_found() {
    let it = signed();
    assert_eq!(prune(&it.log, 21), Some((1, 21)));
    it.log.append(event(62), &actor(), at(101)).unwrap();
    let open = std::fs::read_to_string(&it.path).unwrap();
    let lines: Vec<String> = open.lines().map(str::to_owned).collect();
    let rest = common::rehash(&lines, 1, |event| event.with("version", "9"));
    std::fs::write(&it.path, common::bytes(&rest)).unwrap();
    let report = verify(&it.path, pinned());
    assert_eq!(report.breaks[0].kind, BreakKind::HistoryRewritten);
    // Whoever signs next does not sign it.
    let options = LogOptions::new(origin(), machine());
    let log = Log::open(&it.path, options, &actor(), at(102)).unwrap();
    let refused = log.checkpoint(&key(1), &actor(), at(103));
    assert!(matches!(refused, Err(LogError::Damaged(_))), "{refused:?}");
}

/// What reads on from a cursor notices what happened to the log meanwhile.
#[test]
fn a_cursor_reads_on_only_where_the_log_goes_on() {
    let it = signed();
    let read = |cursor: Option<&Cursor>, until: u64| {
        let reader = LogReader::open(&it.path).unwrap().unwrap();
        let mut seen = Vec::new();
        let reached = reader.after(cursor, |entry| {
            seen.push(entry.seq());
            entry.seq() < until
        });
        reached.map(|reached| (reached.unwrap(), seen))
    };
    let kind = |result: Result<(Cursor, Vec<u64>), LogError>| match result {
        Err(LogError::Damaged(found)) => (found.kind, found.seq),
        other => panic!("{other:?}"),
    };
    let (early, seen) = read(None, 10).unwrap();
    assert_eq!((early.seq, seen.len()), (10, 11));
    let (edge, seen) = read(Some(&early), 20).unwrap();
    assert_eq!(seen, (11..=20).collect::<Vec<_>>());
    let (late, _) = read(Some(&edge), 50).unwrap();
    assert_eq!(prune(&it.log, 21), Some((1, 21)));
    // What was pruned and not read is missing; the entry before the first that is left is not.
    assert_eq!(kind(read(Some(&early), 99)), (BreakKind::Gap, 11));
    assert_eq!(read(Some(&edge), 99).unwrap().1.first(), Some(&21));
    assert_eq!(read(Some(&late), 99).unwrap().1.first(), Some(&51));
    let other = Cursor::new(edge.offset, edge.seq, late.hash);
    assert_eq!(
        kind(read(Some(&other), 99)),
        (BreakKind::HistoryRewritten, 20)
    );
    let beyond = Cursor::new(late.offset * 9, 900, late.hash);
    assert_eq!(kind(read(Some(&beyond), 999)), (BreakKind::Truncated, 900));
    // An entry that follows by its number and not by its link.
    let text = std::fs::read_to_string(&it.path).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.len() - 2;
    let changed = common::rehash_one(&lines, at);
    std::fs::write(&it.path, common::bytes(&changed)).unwrap();
    let after = common::entry(&changed[at]).seq() + 1;
    assert_eq!(kind(read(Some(&late), 99)), (BreakKind::ChainBroken, after));
}
