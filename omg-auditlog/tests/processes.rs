//! Many processes at one log: one chain, whatever is killed; readers meanwhile; a file-size
//! limit. Each child is this very test program, run again with `OMG_AUDITLOG_CHILD` set.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{actor, at, event, machine, origin};
use omg_auditlog::fs::{Log, LogError, LogOptions, LogReader, Sync};
use omg_auditlog::{Event, EventKind, Filter, Report, Status, Trust, Verifier};

fn open(path: &Path, sync: Sync) -> Result<Log, LogError> {
    let options = LogOptions::new(origin(), machine()).sync(sync);
    Log::open(path, options, &actor(), at(0))
}

fn verify(path: &Path) -> Report {
    let reader = LogReader::open(path).unwrap().unwrap();
    reader.verify(Trust::none(), NonZeroUsize::MIN).unwrap()
}

/// An entry of an odd length, so that lines do not end at page boundaries.
fn odd(writer: &str, n: u64) -> Event {
    event(n)
        .with("writer", writer)
        .with("n", i64::try_from(n).unwrap())
        .with("text", "x".repeat(usize::try_from(n * 37 % 211).unwrap()))
}

/// What a child does; in the tests' own run, nothing.
#[test]
fn child() {
    let Ok(task) = std::env::var("OMG_AUDITLOG_CHILD") else {
        return;
    };
    let path = std::env::var("OMG_AUDITLOG_PATH").unwrap();
    let path = Path::new(&path);
    let (task, count) = task.split_once(' ').unwrap();
    let count: u64 = count.parse().unwrap();
    let name = std::process::id().to_string();
    match task {
        "append" => {
            let log = open(path, Sync::None).unwrap();
            for n in 0..count {
                log.append(odd(&name, n), &actor(), at(0)).unwrap();
            }
            // On and on while the parent still looks.
            for n in count.. {
                if !path.with_extension("go").exists() {
                    break;
                }
                log.append(odd(&name, n), &actor(), at(0)).unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        // Says the number of each entry once it is acknowledged, until it is killed.
        "forever" => {
            let log = open(path, Sync::None).unwrap();
            let mut out = std::io::stdout().lock();
            for n in 0..u64::MAX {
                let receipt = log.append(odd(&name, n), &actor(), at(0)).unwrap();
                out.write_all(format!("acknowledged {}\n", receipt.first).as_bytes())
                    .unwrap();
                out.flush().unwrap();
            }
        }
        "until-full" => {
            let log = open(path, Sync::Data).unwrap();
            for n in 0..count {
                match log.append(odd(&name, n), &actor(), at(0)) {
                    Ok(_) => {}
                    Err(LogError::NoSpace { .. }) => std::process::exit(77),
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        _ => panic!("{task}"),
    }
}

fn spawn(path: &Path, task: &str, out: Stdio) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env("OMG_AUDITLOG_CHILD", task)
        .env("OMG_AUDITLOG_PATH", path)
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Eight processes, one chain, 10,000 entries each and more until 1,000 verifications meanwhile
/// have seen an intact log each time: every 256th time from its start, otherwise from where the last time ended.
#[test]
fn eight_processes_write_one_chain_and_readers_see_no_false_alarm() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let each = 10_000;
    open(&path, Sync::None).unwrap();
    let go = path.with_extension("go");
    std::fs::write(&go, "").unwrap();
    let task = format!("append {each}");
    let mut children: Vec<Child> = (0..8).map(|_| spawn(&path, &task, Stdio::null())).collect();
    let mut verifications = 0;
    let mut last: Option<omg_auditlog::Resume> = None;
    while children.iter_mut().any(|c| c.try_wait().unwrap().is_none()) {
        let reader = LogReader::open(&path).unwrap().unwrap();
        let mut verifier = Verifier::new(Trust::none());
        let mut from = 0;
        if let Some(resume) = last.take().filter(|_| verifications % 256 > 0) {
            from = resume.offset;
            verifier = verifier.resume(resume);
        }
        let report = verifier.verify(reader.read_from(from)).unwrap();
        assert_eq!(report.breaks, [], "verification {verifications}");
        assert_eq!(report.status(), Status::Intact);
        last = report.resume;
        verifications += 1;
        if verifications == 1000 {
            std::fs::remove_file(&go).unwrap();
        }
    }
    assert!(verifications >= 1000, "{verifications}");
    assert!(
        children
            .into_iter()
            .all(|mut child| child.wait().unwrap().success())
    );
    let report = verify(&path);
    assert_eq!(report.status(), Status::Intact);
    assert!(report.entries > 8 * each);
    let reader = LogReader::open(&path).unwrap().unwrap();
    let mut of_each = std::collections::BTreeMap::<String, i64>::new();
    reader
        .each(&Filter::new().event(EventKind::PackageUpgrade), |entry| {
            let subject = &entry.event().subject;
            let next = of_each
                .entry(subject["writer"].as_text().unwrap().to_owned())
                .or_default();
            assert_eq!(
                subject["n"].as_integer(),
                Some(*next),
                "each in its own order"
            );
            *next += 1;
            true
        })
        .unwrap();
    assert_eq!(of_each.len(), 8);
    let written = of_each.values().sum::<i64>();
    assert_eq!(u64::try_from(written), Ok(report.entries - 1));
    println!("{verifications} verifications during the writing");
}

/// Writers are killed while they write; what they acknowledged is there, and the log goes on.
fn kill(cycles: usize, writers: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mut torn = 0;
    for cycle in 0..cycles {
        let path = directory.path().join(format!("{}.jsonl", cycle / 50));
        let mut children: Vec<Child> = (0..writers)
            .map(|_| spawn(&path, "forever 0", Stdio::piped()))
            .collect();
        let mut outs: Vec<_> = children
            .iter_mut()
            .map(|child| BufReader::new(child.stdout.take().unwrap()))
            .collect();
        // Until the first one has written something; then an odd moment later.
        let mut line = String::new();
        while !line.starts_with("acknowledged") {
            line.clear();
            assert_ne!(
                outs[0].read_line(&mut line).unwrap(),
                0,
                "the child has ended"
            );
        }
        std::thread::sleep(Duration::from_micros(cycle as u64 * 137 % 5000));
        for child in &mut children {
            child.kill().unwrap();
        }
        let mut acknowledged = 0;
        for (mut child, mut out) in children.into_iter().zip(outs) {
            child.wait().unwrap();
            let mut rest = String::new();
            out.read_to_string(&mut rest).unwrap();
            let said = rest
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'));
            let numbers = said.filter_map(|line| line.trim_end().strip_prefix("acknowledged "));
            let last = numbers
                .filter_map(|number| number.parse::<u64>().ok())
                .max();
            acknowledged = acknowledged.max(last.unwrap_or(0));
        }
        let before = std::fs::read(&path).unwrap();
        torn += usize::from(before.last() != Some(&b'\n'));
        open(&path, Sync::None).unwrap();
        let report = verify(&path);
        assert_eq!(report.breaks, [], "cycle {cycle}");
        assert!(
            report.entries > acknowledged,
            "cycle {cycle}: {acknowledged} is lost"
        );
    }
    println!("{cycles} kills of {writers} writers, {torn} torn ends");
}

#[test]
fn one_killed_writer_loses_nothing() {
    kill(250, 1);
}

#[test]
fn eight_killed_writers_lose_nothing() {
    kill(250, 8);
}

/// A limit on the file's size (RLIMIT_FSIZE), where the system allows a part of a write: the
/// writer takes the part back and says that there is no room.
#[test]
fn a_limit_on_the_file_leaves_the_log_valid() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let this = std::env::current_exe().unwrap();
    // ulimit counts in 512 bytes or in KiB; SIGXFSZ would end the process.
    let script = "trap '' XFSZ; ulimit -f 10; exec \"$0\" --exact child --nocapture";
    let status = Command::new("sh")
        .args(["-c", script])
        .arg(this)
        .env("OMG_AUDITLOG_CHILD", "until-full 1000")
        .env("OMG_AUDITLOG_PATH", &path)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(77));
    let report = verify(&path);
    assert_eq!((report.status(), report.breaks.len()), (Status::Intact, 0));
    assert!(report.entries > 5);
    open(&path, Sync::Data)
        .unwrap()
        .append(event(1), &actor(), at(1))
        .unwrap();
    assert_eq!(verify(&path).status(), Status::Intact);
}

/// A full disk (ENOSPC): a file system of 64 KiB in memory, in a mount namespace of its own, where
/// the system allows that. What was acknowledged is there, whole.
#[test]
fn a_full_disk_leaves_the_log_valid() {
    let directory = tempfile::tempdir().unwrap();
    let (small, kept) = (
        directory.path().join("small"),
        directory.path().join("kept"),
    );
    std::fs::create_dir(&small).unwrap();
    std::fs::create_dir(&kept).unwrap();
    let mount = "mount -t tmpfs -o size=64k,mode=0700 tmpfs \"$1\"";
    let within = |script: &str| {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", script])
            .arg(std::env::current_exe().unwrap())
            .args([&small, &kept])
            .env("OMG_AUDITLOG_CHILD", "until-full 1000")
            .env("OMG_AUDITLOG_PATH", small.join("audit.jsonl"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().ok().and_then(|status| status.code())
    };
    if within(mount) != Some(0) {
        println!("skipped: no file system may be mounted here");
        return;
    }
    let script = format!(
        "{mount} && {{ \"$0\" --exact child --nocapture; code=$?; \
         cp -p \"$1\"/audit.jsonl* \"$2\" && exit $code; }}"
    );
    assert_eq!(within(&script), Some(77));
    let path = kept.join("audit.jsonl");
    let report = verify(&path);
    assert_eq!((report.status(), report.breaks.len()), (Status::Intact, 0));
    assert!(report.entries > 50, "{}", report.entries);
    let log = open(&path, Sync::Data).unwrap();
    log.append(event(1), &actor(), at(1)).unwrap();
    assert_eq!(verify(&path).entries, report.entries + 1);
}
