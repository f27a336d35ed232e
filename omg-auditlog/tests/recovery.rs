//! The log on disk: torn ends, damaged ends, unsafe paths, rotation, checkpoints, many threads.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::num::NonZeroUsize;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use common::{actor, at, bytes, event, key, log, machine, origin};
use omg_auditlog::fs::{Every, Log, LogError, LogOptions, LogReader, Sync};
use omg_auditlog::{BreakKind, EventKind, Filter, Report, Signer as _, Status, Trust, Verifier};

fn options() -> LogOptions {
    LogOptions::new(origin(), machine())
}

fn open(path: &Path) -> Result<Log, LogError> {
    Log::open(path, options(), &actor(), at(1000))
}

fn verify(path: &Path, trust: Trust) -> Report {
    let reader = LogReader::open(path).unwrap().unwrap();
    reader.verify(trust, NonZeroUsize::MIN).unwrap()
}

fn torn_files(directory: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(directory).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let torn = files.filter(|path| path.to_string_lossy().contains(".torn-"));
    torn.map(|path| std::fs::read(path).unwrap()).collect()
}

/// Cut anywhere, the log keeps exactly its whole entries; the rest is kept beside it.
#[test]
fn every_cut_recovers_the_whole_entries() {
    let whole = bytes(&log(64, 0));
    // In memory where there is such a file system: this is about bytes, and syncs 27,000 times.
    let memory = Path::new("/dev/shm");
    let directory = tempfile::tempdir_in(memory)
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let path = directory.path().join("audit.jsonl");
    let mut count = 0;
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let log = open(&path).unwrap();
        let lines = memchr::memrchr(b'\n', &whole[..cut]).map_or(0, |at| at + 1);
        let entries = whole[..lines].iter().filter(|byte| **byte == b'\n').count() as u64;
        let torn = cut > lines;
        let mended = std::fs::read(&path).unwrap();
        assert!(mended.starts_with(&whole[..lines]), "cut at {cut}");
        let opened = u64::from(entries == 0);
        assert_eq!(
            log.entries(),
            entries + opened + u64::from(torn),
            "cut at {cut}"
        );
        if torn {
            assert_eq!(
                torn_files(directory.path()),
                [&whole[lines..cut]],
                "cut at {cut}"
            );
            let last = LogReader::open(&path).unwrap().unwrap();
            let last = last.last(1, &Filter::new()).unwrap();
            assert_eq!(last[0].kind(), &EventKind::Recovered);
        }
        for file in std::fs::read_dir(directory.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        count += 1;
    }
    println!("{count} cuts recovered");
}

#[test]
fn a_log_goes_on_after_a_torn_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    open(&path)
        .unwrap()
        .append(event(1), &actor(), at(1))
        .unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(&[0; 512]);
    std::fs::write(&path, &bytes).unwrap();
    let log = open(&path).unwrap();
    log.append(event(2), &actor(), at(1001)).unwrap();
    let report = verify(&path, Trust::none());
    assert_eq!((report.status(), report.entries), (Status::Intact, 4));
    assert_eq!(torn_files(directory.path()), [vec![0; 512]]);
}

#[test]
fn a_whole_line_that_is_no_entry_is_refused() {
    for end in ["garbage\n", "{}\n", "\n"] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let log = open(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(end.as_bytes());
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(open(&path), Err(LogError::Damaged(_))), "{end:?}");
        // Also by a handle that was open before.
        let appended = log.append(event(1), &actor(), at(1));
        assert!(matches!(appended, Err(LogError::Damaged(_))), "{end:?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing is written");
    }
}

#[test]
fn a_log_that_became_shorter_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = open(&path).unwrap();
    let first = std::fs::read(&path).unwrap();
    log.append(event(1), &actor(), at(1)).unwrap();
    std::fs::write(&path, &first).unwrap();
    let appended = log.append(event(2), &actor(), at(2));
    assert!(matches!(appended, Err(LogError::Damaged(_))));
}

#[test]
fn a_log_shorter_than_its_checkpoint_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = open(&path).unwrap();
    let first = std::fs::read(&path).unwrap();
    log.append(event(1), &actor(), at(1)).unwrap();
    log.checkpoint(&key(1), &actor(), at(2)).unwrap();
    std::fs::write(&path, &first).unwrap();
    match open(&path) {
        Err(LogError::Damaged(found)) => assert_eq!(found.kind, BreakKind::Truncated),
        other => panic!("{other:?}"),
    }
}

#[test]
fn unsafe_paths_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let other = directory.path().join("other");
    std::fs::write(&other, "").unwrap();
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o600)).unwrap();
    let refused = |what: &str| match open(&path) {
        Err(LogError::Io { source, .. }) => {
            let kind = std::io::ErrorKind::PermissionDenied;
            assert_eq!(source.kind(), kind, "{what}: {source}");
            std::fs::remove_file(&path).unwrap();
        }
        other => panic!("{what}: {other:?}"),
    };
    symlink(&other, &path).unwrap();
    refused("a symbolic link");
    std::fs::hard_link(&other, &path).unwrap();
    refused("a hard link");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    refused("a FIFO");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o620)).unwrap();
    refused("a group-writable file");
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let opened = open(&path);
    assert!(
        matches!(opened, Err(LogError::Io { .. })),
        "a directory of everybody"
    );
    let lock = directory.path().join("audit.jsonl.lock");
    assert!(!lock.exists(), "nothing was put beside what is no log");
}

#[test]
fn files_and_directories_are_the_owners_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a/b/audit.jsonl");
    open(&path).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&directory.path().join("a/b")), 0o700);
}

#[test]
fn checkpoints_are_signed_with_every_commit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let options = options().sign(Arc::new(key(1)), Every::Commit);
    for n in 0..5 {
        // Opened anew each time, as a command does.
        let log = Log::open(&path, options.clone(), &actor(), at(n)).unwrap();
        log.append(event(1), &actor(), at(n)).unwrap();
        let trust = Trust::none().pin(key(1).verifying_key().clone());
        let report = verify(&path, trust.clone());
        assert_eq!(
            (report.status(), report.unanchored()),
            (Status::Intact, 0),
            "{report:?}"
        );
        let reader = LogReader::open(&path).unwrap().unwrap();
        let new = reader.verify_new(trust, NonZeroUsize::MIN).unwrap();
        assert_eq!(new.status(), Status::Intact);
        assert_eq!(new.unproved[0].claim, omg_auditlog::Claim::NotRead);
    }
    let foreign = verify(&path, Trust::none().pin(key(2).verifying_key().clone()));
    assert_eq!(foreign.breaks[0].kind, BreakKind::WrongKey);
    std::fs::remove_file(directory.path().join("audit.jsonl.checkpoint")).unwrap();
    let unsigned = verify(&path, Trust::none().pin(key(1).verifying_key().clone()));
    assert_eq!(unsigned.breaks[0].kind, BreakKind::Unsigned);
    // The log says itself that it is signed.
    assert_eq!(verify(&path, Trust::none()).status(), Status::Incomplete);
}

#[test]
fn keys_are_handed_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = open(&path).unwrap();
    log.checkpoint(&key(1), &actor(), at(1)).unwrap();
    log.rotate_key(&key(1), &key(2), &actor(), at(2)).unwrap();
    log.append(event(1), &actor(), at(3)).unwrap();
    log.checkpoint(&key(2), &actor(), at(4)).unwrap();
    log.rotate_key(&key(2), &key(3), &actor(), at(5)).unwrap();
    log.append(event(2), &actor(), at(6)).unwrap();
    log.checkpoint(&key(3), &actor(), at(7)).unwrap();
    let pin = || Trust::none().pin(key(1).verifying_key().clone());
    let report = verify(&path, pin());
    assert_eq!(
        (report.status(), report.unanchored()),
        (Status::Intact, 0),
        "{report:?}"
    );
    // The old key signs no more: as in CVE-2023-31439 of journald, a key has its time.
    log.append(event(3), &actor(), at(8)).unwrap();
    log.checkpoint(&key(1), &actor(), at(9)).unwrap();
    let report = verify(&path, pin());
    let kinds: Vec<_> = report.breaks.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [BreakKind::WrongKey]);
}

#[test]
fn a_rotated_log_is_one_log() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let options = options().sign(Arc::new(key(1)), Every::Commit);
    let log = Log::open(&path, options.clone(), &actor(), at(0)).unwrap();
    let other = Log::open(&path, options.clone(), &actor(), at(0)).unwrap();
    for n in 1..4 {
        log.append(event(1), &actor(), at(n)).unwrap();
        log.rotate(&actor(), at(n)).unwrap();
        other.append(event(2), &actor(), at(n)).unwrap();
    }
    drop((log, other));
    std::fs::remove_file(&path).unwrap();
    // A crash between closing a file and beginning the next: nothing is lost but what was in it.
    let opened = Log::open(&path, options, &actor(), at(9));
    assert!(
        matches!(opened, Err(LogError::Damaged(_))),
        "the checkpoint knows of more"
    );
    std::fs::remove_file(directory.path().join("audit.jsonl.checkpoint")).unwrap();
    let log = open(&path).unwrap();
    log.append(event(3), &actor(), at(10)).unwrap();
    let report = verify(&path, Trust::none());
    assert_eq!(report.breaks, []);
    // Its first entry says that it is signed, and the checkpoint is gone.
    assert_eq!(report.status(), Status::Incomplete);
    let reader = LogReader::open(&path).unwrap().unwrap();
    let last = reader
        .last(100, &Filter::new().event(EventKind::Rotated))
        .unwrap();
    assert_eq!(last.len(), 3);
}

#[test]
fn threads_share_one_chain() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = Log::open(&path, options().sync(Sync::Data), &actor(), at(0)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..25 {
                    log.append(event(n), &actor(), at(0)).unwrap();
                }
            });
        }
    });
    let report = verify(&path, Trust::none());
    assert_eq!((report.status(), report.entries), (Status::Intact, 201));
}

#[test]
fn the_last_entries_are_found_from_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = Log::open(&path, options().sync(Sync::None), &actor(), at(0)).unwrap();
    for n in 0..500 {
        let event = event(n).with("text", "x".repeat(usize::try_from(n).unwrap() * 7 % 2000));
        log.append(event, &actor(), at(0)).unwrap();
    }
    let reader = LogReader::open(&path).unwrap().unwrap();
    for count in [0, 1, 20, 100, 501, 1000] {
        let seqs = reader.last(count, &Filter::new()).unwrap();
        let seqs: Vec<u64> = seqs.iter().map(omg_auditlog::Entry::seq).collect();
        let first = 501u64.saturating_sub(count as u64);
        assert_eq!(seqs, (first..501).collect::<Vec<_>>());
    }
    let name = "lib-\u{fc}n\u{ef}-7";
    let one = reader.last(20, &Filter::new().package(name)).unwrap();
    assert_eq!(
        one.iter().map(omg_auditlog::Entry::seq).collect::<Vec<_>>(),
        [8]
    );
    let mut leaves = Vec::new();
    reader
        .each(&Filter::new(), |entry| {
            leaves.push(entry.hash());
            true
        })
        .unwrap();
    let (proof, entry) = reader.prove(8, 400).unwrap();
    let mut tree = omg_auditlog::merkle::Frontier::default();
    tree.extend(leaves[..400].iter().copied());
    proof.verify(&entry.hash(), &tree.root()).unwrap();
}

#[test]
fn a_verifier_resumes_only_where_the_log_stands() {
    let lines = log(40, 0);
    let whole = bytes(&lines);
    let cut = bytes(&lines[..30]).len();
    let report = Verifier::new(Trust::none()).verify(&whole[..cut]).unwrap();
    let verifier = Verifier::new(Trust::none()).resume(report.resume.unwrap());
    let rest = verifier.verify(&whole[cut..]).unwrap();
    assert_eq!((rest.status(), rest.entries), (Status::Intact, 40));
    let all = Verifier::new(Trust::none()).verify(&whole[..]).unwrap();
    assert_eq!(rest.resume, all.resume);
    let other = bytes(&log(40, 7));
    let report = verifier
        .verify(&other[bytes(&log(40, 7)[..30]).len()..])
        .unwrap();
    assert_eq!(report.breaks[0].kind, BreakKind::ChainBroken);
}

/// A copy of the checkpoint that a backup made as a hard link stays what it was.
#[test]
fn a_checkpoint_with_a_second_name_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let log = Log::open(
        &path,
        options().sign(Arc::new(key(1)), Every::Commit),
        &actor(),
        at(0),
    )
    .unwrap();
    log.append(event(1), &actor(), at(1)).unwrap();
    let beside = path.with_extension("jsonl.checkpoint");
    let copy = directory.path().join("backup");
    let size = |path: &Path| {
        let note = std::fs::read_to_string(path).unwrap();
        note.lines().nth(1).unwrap().to_owned()
    };
    std::fs::hard_link(&beside, &copy).unwrap();
    for entries in ["3", "4"] {
        log.append(event(2), &actor(), at(2)).unwrap();
        assert_eq!(
            (size(&beside).as_str(), size(&copy).as_str()),
            (entries, "2")
        );
    }
    // And a later one stays, in place or not.
    let later = std::fs::read(&beside).unwrap();
    let text = String::from_utf8(later)
        .unwrap()
        .replacen("\n4\n", "\n9\n", 1);
    std::fs::write(&beside, &text).unwrap();
    log.append(event(3), &actor(), at(3)).unwrap();
    assert_eq!(size(&beside), "9");
}
