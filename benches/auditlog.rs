//! The audit log beside the limits that it cannot pass: SHA-256 over the same bytes, a bare
//! `fdatasync` of the same bytes, and serde_json reading the same lines.
//!
//! `cargo bench --bench auditlog`; with `OMG_BENCH_ENTRIES=10000000` also a log of that size on
//! disk, verified wholly and from its last checkpoint, with the peak of memory.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A benchmark may fail anywhere.

use std::hint::black_box;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use omg_auditlog::fs::{Every, Log, LogOptions, LogReader, Sync};
use omg_auditlog::{
    Actor, Chain, Event, EventKind, Machine, Signer as _, SigningKey, Status, Trust, Verifier,
};
use sha2::{Digest as _, Sha256};

const ENTRIES: usize = 20_000;

fn at(n: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_500_000 + i64::try_from(n / 100).unwrap(), 0).unwrap()
}

fn machine() -> Machine {
    Machine::new("host", "11111111-2222-3333-4444-555555555555")
}

/// About 450 bytes a line.
fn event(n: u64) -> Event {
    Event::new(EventKind::PackageUpgrade)
        .with("package", format!("lib-number-{n}"))
        .with("from", "1.0-1")
        .with("to", "1.1-1")
}

fn actor() -> Actor {
    Actor::uid(0).with_name("root").with_loginuid(1000)
}

fn lines(count: usize) -> Vec<u8> {
    let origin = "omg/bench".parse().unwrap();
    let (mut chain, opened) = Chain::open(&origin, &machine(), &actor(), at(0)).unwrap();
    let mut log = format!("{opened}\n").into_bytes();
    for n in 1..count as u64 {
        let entry = chain.append(event(n), &actor(), &machine(), at(n)).unwrap();
        log.extend_from_slice(entry.line().as_bytes());
        log.push(b'\n');
    }
    log
}

fn verify(c: &mut Criterion) {
    let log = lines(ENTRIES);
    println!("{} bytes a line", log.len() / ENTRIES);
    let mut group = c.benchmark_group("verify");
    group.throughput(Throughput::Elements(ENTRIES as u64));
    group.sample_size(20);
    let one = Verifier::new(Trust::none());
    group.bench_function("1 thread", |b| {
        b.iter(|| assert_eq!(one.verify(&log[..]).unwrap().status(), Status::Intact));
    });
    let two = Verifier::new(Trust::none()).threads(NonZeroUsize::new(2).unwrap());
    group.bench_function("2 threads", |b| {
        b.iter(|| assert_eq!(two.verify(&log[..]).unwrap().status(), Status::Intact));
    });
    group.bench_function("limit: SHA-256 of each line", |b| {
        b.iter(|| {
            for line in log.split(|byte| *byte == b'\n') {
                black_box(Sha256::digest(line));
            }
        });
    });
    group.bench_function("limit: SHA-256 of all", |b| {
        b.iter(|| black_box(Sha256::digest(&log)));
    });
    group.bench_function("beside: serde_json of each line", |b| {
        b.iter(|| {
            for line in log
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
            {
                black_box(serde_json::from_slice::<serde_json::Value>(line).unwrap());
            }
        });
    });
    group.finish();
}

fn append(c: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let options = |sync| LogOptions::new("omg/bench".parse().unwrap(), machine()).sync(sync);
    let key = || Arc::new(SigningKey::from_seed("omg/bench", [7; 32]).unwrap());
    let mut group = c.benchmark_group("append");
    group.sample_size(30);
    let path = directory.path().join("none.jsonl");
    let log = Log::open(&path, options(Sync::None), &actor(), at(0)).unwrap();
    group.bench_function("one, no sync", |b| {
        b.iter(|| log.append(event(1), &actor(), at(1)).unwrap());
    });
    group.bench_function("limit: the signature", |b| {
        let key = key();
        b.iter(|| black_box(key.sign(b"omg/bench\n1000\nQ2saQ61r\n").unwrap()));
    });
    let path = directory.path().join("data.jsonl");
    let log = Log::open(&path, options(Sync::Data), &actor(), at(0)).unwrap();
    group.bench_function("one, durable", |b| {
        b.iter(|| log.append(event(1), &actor(), at(1)).unwrap());
    });
    let line = lines(2).split(|b| *b == b'\n').nth(1).unwrap().to_vec();
    let mut bare = std::fs::File::create(directory.path().join("bare")).unwrap();
    group.bench_function("limit: write and fdatasync", |b| {
        b.iter(|| {
            bare.write_all(&line).unwrap();
            bare.sync_data().unwrap();
        });
    });
    let path = directory.path().join("signed.jsonl");
    let signed = options(Sync::Data).sign(key(), Every::Commit);
    let log = Log::open(&path, signed, &actor(), at(0)).unwrap();
    group.bench_function("one, durable, with a checkpoint", |b| {
        b.iter(|| log.append(event(1), &actor(), at(1)).unwrap());
    });
    for batch in [512u64, 4096] {
        let path = directory.path().join(format!("batch-{batch}.jsonl"));
        let log = Log::open(&path, options(Sync::Data), &actor(), at(0)).unwrap();
        group.throughput(Throughput::Elements(batch));
        group.bench_function(format!("a batch of {batch}, durable"), |b| {
            b.iter(|| {
                let events = (0..batch).map(event).collect();
                log.append_batch(events, &actor(), at(1)).unwrap()
            });
        });
    }
    group.finish();
}

/// Not for criterion: each durable append right beside a bare write and `fdatasync` of as many
/// bytes, so that a busy disk is as busy for both; and the processor time of appends where a
/// sync costs none. A signed append writes a checkpoint over the last one in a second file, so
/// the same bytes bare are a line, its `fdatasync`, and a write into a second file.
fn paired(_: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let open = |folder: &std::path::Path, name: &str, signed: bool, sync| {
        let options = LogOptions::new("omg/bench".parse().unwrap(), machine()).sync(sync);
        let options = if signed {
            let key = SigningKey::from_seed("omg/bench", [7; 32]).unwrap();
            options.sign(Arc::new(key), Every::Commit)
        } else {
            options
        };
        Log::open(&folder.join(name), options, &actor(), at(0)).unwrap()
    };
    let logs = [false, true].map(|s| open(directory.path(), &format!("{s}"), s, Sync::Data));
    let mut bare = std::fs::File::create(directory.path().join("bare")).unwrap();
    let mut bare_noted = std::fs::File::create(directory.path().join("bare-noted")).unwrap();
    let note = std::fs::File::create(directory.path().join("note")).unwrap();
    let (line, checkpoint) = ([b'x'; 447], [b'x'; 230]);
    let mut took = [const { Vec::new() }; 4];
    for n in 0..2000 {
        let mut timed = |which: usize, act: &mut dyn FnMut()| {
            let started = Instant::now();
            act();
            took[which].push(started.elapsed());
        };
        timed(0, &mut || {
            bare.write_all(&line).unwrap();
            bare.sync_data().unwrap();
        });
        timed(1, &mut || {
            logs[0].append(event(n), &actor(), at(n)).unwrap();
        });
        timed(2, &mut || {
            bare_noted.write_all(&line).unwrap();
            bare_noted.sync_data().unwrap();
            note.write_all_at(&checkpoint, 0).unwrap();
        });
        timed(3, &mut || {
            logs[1].append(event(n), &actor(), at(n)).unwrap();
        });
    }
    took.iter_mut().for_each(|took| took.sort());
    let half = |which: usize| took[which][took[which].len() / 2];
    let names = [
        ("the line, bare", 0),
        ("unsigned", 0),
        ("line and checkpoint, bare", 2),
        ("signed", 2),
    ];
    for (which, (name, beside)) in names.into_iter().enumerate() {
        let ratio = half(which).as_secs_f64() / half(beside).as_secs_f64();
        let tenth = took[which][took[which].len() / 10];
        println!(
            "durable append, {name}: p10 {tenth:?}, p50 {:?}, {ratio:.2} x bare",
            half(which)
        );
    }
    let memory = tempfile::tempdir_in("/dev/shm");
    let Ok(memory) = memory else { return };
    for signed in [false, true] {
        let log = open(memory.path(), &format!("{signed}"), signed, Sync::Data);
        let before = processor_time();
        for n in 0..20_000 {
            log.append(event(n), &actor(), at(n)).unwrap();
        }
        let used = (processor_time() - before) / 20_000;
        println!("append in memory, signed: {signed}: {used:?} of processor time");
    }
}

/// Not for criterion: a log of any size on disk.
fn large(_: &mut Criterion) {
    let Some(count) = std::env::var("OMG_BENCH_ENTRIES").ok() else {
        return;
    };
    let count: u64 = count.parse().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.jsonl");
    let options = LogOptions::new("omg/bench".parse().unwrap(), machine()).sync(Sync::None);
    let log = Log::open(&path, options, &actor(), at(0)).unwrap();
    let started = Instant::now();
    let mut n = 0;
    while n < count {
        let batch = (count - n).min(4096);
        let events = (n..n + batch).map(event).collect();
        log.append_batch(events, &actor(), at(n)).unwrap();
        n += batch;
    }
    let rate = |took: Duration| f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64();
    println!("{count} entries written: {:.0}/s", rate(started.elapsed()));
    let key = SigningKey::from_seed("omg/bench", [7; 32]).unwrap();
    log.checkpoint(&key, &actor(), at(n)).unwrap();
    for extra in 0..100 {
        log.append(event(extra), &actor(), at(n)).unwrap();
    }
    let reader = LogReader::open(&path).unwrap().unwrap();
    for threads in [1, 2] {
        let (started, before) = (Instant::now(), processor_time());
        let threads = NonZeroUsize::new(threads).unwrap();
        let report = reader.verify(Trust::none(), threads).unwrap();
        assert_eq!(report.status(), Status::Intact);
        let (took, used) = (started.elapsed(), processor_time() - before);
        println!(
            "verified wholly, {threads} threads: {took:?}, {:.0}/s",
            rate(took)
        );
        println!("  processor time {used:?}, {:.0}/s of it", rate(used));
    }
    let started = Instant::now();
    let reader = LogReader::open(&path).unwrap().unwrap();
    let trust = Trust::none().pin(key.verifying_key().clone());
    let report = reader.verify_new(trust, NonZeroUsize::MIN).unwrap();
    assert_eq!(
        (report.status(), report.unanchored()),
        (Status::Intact, 100)
    );
    println!("verified from the last checkpoint: {:?}", started.elapsed());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "peak of memory of this process: {}",
        peak.unwrap_or_default()
    );
}

/// What this process has used, in hundredths of a second (proc_pid_stat(5), fields 14 and 15).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after) = stat.rsplit_once(')').unwrap();
    let fields = after.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

criterion_group!(benches, paired, large, verify, append);
criterion_main!(benches);
