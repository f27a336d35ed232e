//! The production writer above a file system that fails: power is lost at every operation, and
//! what was not synced is dropped, cut at any 512 bytes, or zero; renames reach the disk before
//! data. No acknowledged entry may be lost, and no other may appear.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;
mod fault;

use std::sync::Arc;

use common::{actor, at, event, key, machine, origin};
use fault::{FaultFs, LOG, Machine, disks};
use omg_auditlog::fs::{Every, Log, LogError, LogOptions};
use omg_auditlog::{Entry, Signer as _, Status, Trust, Verifier};

fn options(signed: bool) -> LogOptions {
    let options = LogOptions::new(origin(), machine());
    if signed {
        options.sign(Arc::new(key(1)), Every::Commit)
    } else {
        options
    }
}

/// Appends batches, rotating once; says after each how many entries were acknowledged.
fn work(fs: &FaultFs, batches: &[u64], signed: bool, mut acknowledged: impl FnMut(u64)) {
    let Ok(log) = Log::open_on(fs.clone(), options(signed), &actor(), at(0)) else {
        return;
    };
    acknowledged(1);
    for (index, batch) in batches.iter().enumerate() {
        if index == batches.len() / 2 && log.rotate(&actor(), at(0)).is_err() {
            return;
        }
        let events = (0..*batch).map(|n| event(n * 7)).collect();
        match log.append_batch(events, &actor(), at(0)) {
            Ok(receipt) => acknowledged(receipt.first + receipt.count),
            Err(_) => return,
        }
    }
}

fn lines(machine: &Machine) -> Vec<u8> {
    let mut all = Vec::new();
    let closed = machine.names.iter().filter(|(name, _)| name.len() == 20);
    for (_, inode) in closed.chain(machine.names.get_key_value(LOG)) {
        all.extend_from_slice(&machine.inodes[*inode].data);
    }
    all
}

/// One state of the disk: opens the log, and checks that it has every acknowledged entry, none
/// that was not written, and goes on.
fn check(disk: Machine, acknowledged: u64, written: &[u8], deep: bool, signed: bool) {
    let fs = FaultFs::new(disk);
    let log = match Log::open_on(fs.clone(), options(signed), &actor(), at(9)) {
        Ok(log) => log,
        Err(error) => panic!("{error}: {}", std::error::Error::source(&error).unwrap()),
    };
    let kept = lines(&fs.0.lock().unwrap());
    let text = String::from_utf8(kept.clone()).unwrap();
    let written = std::str::from_utf8(written).unwrap();
    let pairs = text.lines().zip(written.lines());
    let same = pairs.take_while(|(kept, written)| kept == written).count() as u64;
    assert!(
        same >= acknowledged,
        "{same} of {acknowledged} acknowledged entries"
    );
    // What follows is what opening has added.
    for line in text.lines().skip(usize::try_from(same).unwrap()) {
        let kind = Entry::from_line(line.as_bytes())
            .unwrap()
            .kind()
            .to_string();
        assert!(
            ["LogOpened", "Recovered", "Rotated"].contains(&kind.as_str()),
            "{kind}"
        );
    }
    if deep {
        log.append(event(1), &actor(), at(10)).unwrap();
        let all = lines(&fs.0.lock().unwrap());
        let report = Verifier::new(Trust::none()).verify(&all[..]).unwrap();
        assert_eq!(report.breaks, [], "{}", String::from_utf8_lossy(&all));
        assert_ne!(report.status(), Status::Tampered);
    }
}

fn workload(batches: &[u64], signed: bool, every: usize) -> usize {
    let whole = FaultFs::new(Machine::default());
    work(&whole, batches, signed, |_| ());
    let (written, operations) = {
        let machine = whole.0.lock().unwrap();
        (lines(&machine), machine.operations)
    };
    let mut states = 0;
    for power in 0..=operations {
        let fs = FaultFs::new(Machine::default());
        fs.0.lock().unwrap().power = power;
        let mut acknowledged = 0;
        work(&fs, batches, signed, |entries| acknowledged = entries);
        let machine = fs.0.lock().unwrap().clone();
        for disk in disks(&machine) {
            states += 1;
            if states % every == 0 {
                check(
                    disk,
                    acknowledged,
                    &written,
                    states % (every * 16) == 0,
                    signed,
                );
            }
        }
    }
    states
}

#[test]
fn no_acknowledged_entry_is_lost_in_a_crash() {
    let mut states = 0;
    for seed in 1..=48 {
        for signed in [false, true] {
            let batches: Vec<u64> = (0..12).map(|n| 1 + (n * seed * 5 + seed) % 17).collect();
            states += workload(&batches, signed, 1);
        }
        // One large batch after small ones.
        states += workload(&[1, 2, 40 + seed * 10, 3], false, 1);
    }
    println!("{states} crash states");
    assert!(states >= 100_000, "{states}");
}

/// Pruning, and what follows it, with the power lost at every operation: what is left is proved
/// each time.
#[test]
fn a_crash_while_pruning_leaves_a_log_that_can_be_proved() {
    let before = FaultFs::new(Machine::default());
    work(&before, &[3, 40, 5, 2, 9, 1], true, |_| ());
    let before = before.0.lock().unwrap().clone();
    let prune = |fs: &FaultFs| {
        let log = Log::open_on(fs.clone(), options(true), &actor(), at(1))?;
        let signer = key(1);
        let pruned = log.prune(u64::MAX, signer.verifying_key(), &actor(), at(2))?;
        log.append(event(1), &actor(), at(3))?;
        Ok::<_, LogError>(pruned)
    };
    let whole = FaultFs::new(before.clone());
    let pruned = prune(&whole).unwrap().unwrap();
    assert_eq!(pruned.files, 1);
    let operations = whole.0.lock().unwrap().operations;
    let (mut states, mut without) = (0, 0);
    for power in 0..=operations {
        let fs = FaultFs::new(before.clone());
        fs.0.lock().unwrap().power = power;
        let _ = prune(&fs);
        let machine = fs.0.lock().unwrap().clone();
        for mut disk in disks(&machine) {
            // Without the kept tree everything that is left is read.
            disk.names.remove("tree");
            without += usize::from(!disk.names.contains_key("00000000000000000000"));
            let fs = FaultFs::new(disk);
            let log = Log::open_on(fs, options(true), &actor(), at(9)).unwrap();
            let note = log.checkpoint(&key(1), &actor(), at(10)).unwrap();
            assert!(note.checkpoint().size >= pruned.first);
            states += 1;
        }
    }
    println!("{states} crash states, the closed file gone in {without}");
    assert!(states > 50 && without > 0);
}

#[test]
fn a_full_disk_leaves_the_log_valid() {
    let fs = FaultFs::new(Machine::default());
    let log = Log::open_on(fs.clone(), options(false), &actor(), at(0)).unwrap();
    log.append(event(1), &actor(), at(1)).unwrap();
    let before = lines(&fs.0.lock().unwrap());
    fs.0.lock().unwrap().full = true;
    let refused = log.append(event(2), &actor(), at(2));
    assert!(
        matches!(refused, Err(LogError::NoSpace { .. })),
        "{refused:?}"
    );
    assert_eq!(lines(&fs.0.lock().unwrap()), before);
    fs.0.lock().unwrap().full = false;
    assert_eq!(log.append(event(3), &actor(), at(3)).unwrap().first, 2);
}

/// After a failed fdatasync the pages may be gone although the next one succeeds (PostgreSQL's
/// "fsyncgate"): the handle acknowledges nothing more.
#[test]
fn a_failed_sync_poisons_the_handle() {
    let fs = FaultFs::new(Machine::default());
    let log = Log::open_on(fs.clone(), options(false), &actor(), at(0)).unwrap();
    fs.0.lock().unwrap().broken_sync = true;
    let lost = log.append(event(1), &actor(), at(1));
    assert!(matches!(lost, Err(LogError::NotDurable { .. })), "{lost:?}");
    fs.0.lock().unwrap().broken_sync = false;
    for n in 0..3 {
        let again = log.append(event(n), &actor(), at(2));
        assert!(matches!(again, Err(LogError::Poisoned)), "{again:?}");
    }
    Log::open_on(fs, options(false), &actor(), at(3)).unwrap();
}
