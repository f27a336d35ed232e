//! A file system in memory that loses power at any operation, and every disk that may be found
//! afterwards.
// A test may fail anywhere.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use omg_auditlog::fs::{Overwrite, Storage, StorageFile};

pub const SECTOR: usize = 512;

/// The log's own file among the names.
pub const LOG: &str = "";

#[derive(Clone, Default)]
pub struct Inode {
    pub data: Vec<u8>,
    pub durable: Vec<u8>,
}

#[derive(Clone, Default)]
pub struct Machine {
    pub inodes: Vec<Inode>,
    pub names: BTreeMap<String, usize>,
    /// What the directory on the disk was after each change of names since the last sync.
    pub on_disk: Vec<BTreeMap<String, usize>>,
    /// Operations so far, and after how many the power goes.
    pub operations: usize,
    pub power: usize,
    /// What the next appends and syncs answer instead.
    pub full: bool,
    pub broken_sync: bool,
}

#[derive(Clone)]
pub struct FaultFs(pub Arc<Mutex<Machine>>);

pub struct FaultFile {
    pub fs: FaultFs,
    pub inode: usize,
}

pub fn lost() -> io::Error {
    io::Error::other("no power")
}

impl FaultFs {
    pub fn new(mut machine: Machine) -> Self {
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

pub fn renamed(machine: &mut Machine, from: &str, to: &str) -> io::Result<()> {
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

    fn current_len(&self, file: &FaultFile) -> io::Result<Option<u64>> {
        self.look(|machine| {
            let current = machine.names.get(LOG) == Some(&file.inode);
            current.then(|| machine.inodes[file.inode].data.len() as u64)
        })
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
pub fn survivors(inode: &Inode) -> Vec<Vec<u8>> {
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
pub fn disks(machine: &Machine) -> Vec<Machine> {
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
