//! The production writer above a file system that fails: power is lost at every operation, and
//! what was not synced is dropped, cut at any 512 bytes, or zero; renames reach the disk before
//! data. No acknowledged entry may be lost, and no other may appear.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use common::{actor, at, event, key, machine, origin};
use omg_auditlog::fs::{Every, Log, LogError, LogOptions, Overwrite, Storage, StorageFile};
use omg_auditlog::{Entry, Signer as _, Status, Trust, Verifier};

const SECTOR: usize = 512;

/// The log's own file among the names.
const LOG: &str = "";

#[derive(Clone, Default)]
struct Inode {
    data: Vec<u8>,
    durable: Vec<u8>,
}

#[derive(Clone, Default)]
struct Machine {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    /// What the directory on the disk was after each change of names since the last sync.
    on_disk: Vec<BTreeMap<String, usize>>,
    /// Operations so far, and after how many the power goes.
    operations: usize,
    power: usize,
    /// What the next appends and syncs answer instead.
    full: bool,
    broken_sync: bool,
}

#[derive(Clone)]
struct FaultFs(Arc<Mutex<Machine>>);

struct FaultFile {
    fs: FaultFs,
    inode: usize,
}

fn lost() -> io::Error {
    io::Error::other("no power")
}

impl FaultFs {
    fn new(mut machine: Machine) -> Self {
        machine.on_disk = vec![machine.names.clone()];
        machine.operations = 0;
        machine.power = usize::MAX;
        Self(Arc::new(Mutex::new(machine)))
    }

    /// Something that changes the disk.
    fn change<T>(&self, change: impl FnOnce(&mut Machine) -> io::Result<T>) -> io::Result<T> {
        let mut machine = self.0.lock().unwrap();
        if machine.operations >= machine.power {
            return Err(lost());
        }
        machine.operations += 1;
        change(&mut machine)
    }

    fn look<T>(&self, look: impl FnOnce(&Machine) -> T) -> io::Result<T> {
        let machine = self.0.lock().unwrap();
        if machine.operations >= machine.power {
            return Err(lost());
        }
        Ok(look(&machine))
    }

    fn file(&self, inode: usize) -> FaultFile {
        let fs = self.clone();
        FaultFile { fs, inode }
    }
}

fn renamed(machine: &mut Machine, from: &str, to: &str) -> io::Result<()> {
    let inode = machine.names.remove(from);
    let inode = inode.ok_or(io::Error::from(io::ErrorKind::NotFound))?;
    machine.names.insert(to.to_owned(), inode);
    machine.on_disk.push(machine.names.clone());
    Ok(())
}

impl Storage for FaultFs {
    type File = FaultFile;
    type Guard = ();

    fn lock(&self) -> io::Result<()> {
        self.look(|_| ())
    }

    fn open(&self) -> io::Result<FaultFile> {
        let known = self.look(|machine| machine.names.get(LOG).copied())?;
        if let Some(inode) = known {
            return Ok(self.file(inode));
        }
        let file = self.create(LOG)?;
        self.sync_names()?;
        Ok(file)
    }

    fn is_current(&self, file: &FaultFile) -> io::Result<bool> {
        self.look(|machine| machine.names.get(LOG) == Some(&file.inode))
    }

    fn read(&self, suffix: &str, _: u64) -> io::Result<Option<Vec<u8>>> {
        self.look(|machine| {
            let inode = machine.names.get(suffix)?;
            Some(machine.inodes[*inode].data.clone())
        })
    }

    fn create(&self, suffix: &str) -> io::Result<FaultFile> {
        self.change(|machine| {
            machine.inodes.push(Inode::default());
            let inode = machine.inodes.len() - 1;
            machine.names.insert(suffix.to_owned(), inode);
            machine.on_disk.push(machine.names.clone());
            Ok(self.file(inode))
        })
    }

    fn overwrite(
        &self,
        suffix: &str,
        bytes: &[u8],
        may: &dyn Fn(&[u8]) -> bool,
    ) -> io::Result<Overwrite> {
        let same = self.look(|machine| {
            let inode = machine.names.get(suffix);
            inode
                .filter(|inode| machine.inodes[**inode].data.len() == bytes.len())
                .copied()
        })?;
        let Some(inode) = same.filter(|_| bytes.len() <= SECTOR) else {
            return Ok(Overwrite::Unfit);
        };
        if !self.look(|machine| may(&machine.inodes[inode].data))? {
            return Ok(Overwrite::Kept);
        }
        self.change(|machine| {
            machine.inodes[inode].data = bytes.to_vec();
            Ok(Overwrite::Done)
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(|machine| renamed(machine, from, to))
    }

    fn set_aside(&self, suffix: &str) -> io::Result<()> {
        self.change(|machine| renamed(machine, LOG, suffix))
    }

    fn sync_names(&self) -> io::Result<()> {
        self.change(|machine| {
            machine.on_disk = vec![machine.names.clone()];
            Ok(())
        })
    }

    fn closed(&self) -> io::Result<Vec<u64>> {
        self.look(|machine| {
            let names = machine.names.keys().filter(|name| name.len() == 20);
            names.filter_map(|name| name.parse().ok()).collect()
        })
    }

    fn open_closed(&self, first: u64) -> io::Result<FaultFile> {
        let inode = self.look(|machine| machine.names[&format!("{first:020}")])?;
        Ok(self.file(inode))
    }

    fn remove_closed(&self, first: u64) -> io::Result<()> {
        self.change(|machine| {
            machine.names.remove(&format!("{first:020}"));
            machine.on_disk.push(machine.names.clone());
            Ok(())
        })
    }
}

impl StorageFile for FaultFile {
    fn len(&self) -> io::Result<u64> {
        self.fs
            .look(|machine| machine.inodes[self.inode].data.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.fs.look(|machine| {
            let data = &machine.inodes[self.inode].data;
            let from = data.len().min(usize::try_from(offset).unwrap());
            let count = buffer.len().min(data.len() - from);
            buffer[..count].copy_from_slice(&data[from..from + count]);
            count
        })
    }

    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        self.fs.change(|machine| {
            // A full disk takes a part.
            let count = if machine.full {
                bytes.len() / 2
            } else {
                bytes.len()
            };
            let data = &mut machine.inodes[self.inode].data;
            data.extend_from_slice(&bytes[..count]);
            Ok(count)
        })
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.fs.change(|machine| {
            let len = usize::try_from(len).unwrap();
            machine.inodes[self.inode].data.truncate(len);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.fs.change(|machine| {
            if machine.broken_sync {
                return Err(io::Error::from_raw_os_error(5)); // EIO
            }
            let inode = &mut machine.inodes[self.inode];
            inode.durable.clone_from(&inode.data);
            Ok(())
        })
    }
}

/// What may be on the disk of a file after the power was lost.
fn survivors(inode: &Inode) -> Vec<Vec<u8>> {
    let Inode { data, durable } = inode;
    if data == durable {
        return vec![data.clone()];
    }
    if !data.starts_with(durable) {
        // Cut or written over, and not synced: the old content or the new one.
        return vec![durable.clone(), data.clone()];
    }
    let mut found = Vec::new();
    let mut end = durable.len();
    loop {
        found.push(data[..end].to_vec());
        // The length reached the disk before the data.
        let mut zeroed = data[..end].to_vec();
        zeroed.resize(data.len(), 0);
        found.push(zeroed);
        if end == data.len() {
            found.pop();
            return found;
        }
        end = data.len().min((end / SECTOR + 1) * SECTOR);
    }
}

/// Every disk that may be found after the power was lost.
fn disks(machine: &Machine) -> Vec<Machine> {
    let mut found = Vec::new();
    for names in &machine.on_disk {
        let mut partial = vec![BTreeMap::<usize, Vec<u8>>::new()];
        for inode in names.values() {
            let choices = survivors(&machine.inodes[*inode]);
            let with = |disk: &BTreeMap<usize, Vec<u8>>| {
                let disk = disk.clone();
                choices.clone().into_iter().map(move |data| {
                    let mut disk = disk.clone();
                    disk.insert(*inode, data);
                    disk
                })
            };
            partial = partial.iter().flat_map(with).collect();
        }
        for contents in partial {
            let mut inodes = vec![Inode::default(); machine.inodes.len()];
            for (inode, data) in contents {
                let durable = data.clone();
                inodes[inode] = Inode { data, durable };
            }
            found.push(Machine {
                inodes,
                names: names.clone(),
                ..Machine::default()
            });
        }
    }
    found
}

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
