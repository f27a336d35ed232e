//! The seam between the log and the file system. Production uses [`Disk`](super::Disk); tests
//! put a file system below the same writer that loses, tears and zeroes what was not synced.

use std::io;
use std::ops::Range;

/// Where a log lives: its file, its lock, and small files beside it, each named by what follows
/// the log's own name (`checkpoint` for `audit.jsonl.checkpoint`).
pub trait Storage: Send + Sync {
    /// The log's open file.
    type File: StorageFile + 'static;
    /// Holds the lock until it is dropped.
    type Guard;

    /// Waits for the lock that writers share. It is not the log's file, so that it outlives
    /// rotation.
    ///
    /// # Errors
    ///
    /// If the lock cannot be had at all.
    fn lock(&self) -> io::Result<Self::Guard>;

    /// Opens the log's file for appending; creates it if it is absent and makes its name durable.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is not safe to write to.
    fn open(&self) -> io::Result<Self::File>;

    /// The length of the open file in bytes, if it is still the one with the log's name; `None`
    /// if it is not.
    ///
    /// # Errors
    ///
    /// If that cannot be told.
    fn current_len(&self, file: &Self::File) -> io::Result<Option<u64>>;

    /// Reads a file beside the log, of at most `limit` bytes; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is longer.
    fn read(&self, suffix: &str, limit: u64) -> io::Result<Option<Vec<u8>>>;

    /// Creates an empty file beside the log, in the place of one of this name.
    ///
    /// # Errors
    ///
    /// If it cannot be created.
    fn create(&self, suffix: &str) -> io::Result<Self::File>;

    /// Gives a file beside the log another name, in the place of one of that name.
    ///
    /// # Errors
    ///
    /// If it cannot be renamed.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Gives the log's file another name, which must not be taken.
    ///
    /// # Errors
    ///
    /// If it cannot be renamed, or the name is taken.
    fn set_aside(&self, suffix: &str) -> io::Result<()>;

    /// Returns when the names of files are on the disk.
    ///
    /// # Errors
    ///
    /// If they may not be.
    fn sync_names(&self) -> io::Result<()>;

    /// Writes a file beside the log, so that after a crash there is the old or the new one,
    /// whole: written under another name, synced, then renamed.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then the old one is still there.
    fn replace(&self, suffix: &str, bytes: &[u8]) -> io::Result<()> {
        let new = format!("{suffix}.new");
        let file = self.create(&new)?;
        append_all(&file, bytes)?;
        file.sync_data()?;
        self.rename(&new, suffix)?;
        self.sync_names()
    }

    /// Says that a small file beside the log will be written over soon, so that it can be opened
    /// while the disk is at work. The default does nothing.
    fn make_ready(&self, suffix: &str) {
        let _ = suffix;
    }

    /// Writes over a small file beside the log that has exactly this length, without waiting for
    /// the disk, if `may` says so of what it holds. At most 512 bytes, which a disk writes whole:
    /// after a crash there is the old content or the new.
    ///
    /// The default does nothing, so that the file is replaced instead.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn overwrite(
        &self,
        suffix: &str,
        bytes: &[u8],
        may: &dyn Fn(&[u8]) -> bool,
    ) -> io::Result<Overwrite> {
        let _ = (suffix, bytes, may);
        Ok(Overwrite::Unfit)
    }

    /// Writes a file beside the log that may be lost or torn in a crash without harm.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn cache(&self, suffix: &str, bytes: &[u8]) -> io::Result<()> {
        let new = format!("{suffix}.new");
        append_all(&self.create(&new)?, bytes)?;
        self.rename(&new, suffix)
    }

    /// The suffixes of the closed files, in ascending order: 20 digits each, the number of their
    /// first entry.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    fn closed(&self) -> io::Result<Vec<u64>>;

    /// Opens a closed file for reading.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    fn open_closed(&self, first: u64) -> io::Result<Self::File>;

    /// Removes a closed file.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    fn remove_closed(&self, first: u64) -> io::Result<()>;
}

/// What became of [`Storage::overwrite`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overwrite {
    /// It was written.
    Done,
    /// What the file holds stays.
    Kept,
    /// There is no such file, it has another length, or it is not safe to write to.
    Unfit,
}

/// An open file.
pub trait StorageFile: Send + Sync {
    /// Its length in bytes.
    ///
    /// # Errors
    ///
    /// If that cannot be told.
    fn len(&self) -> io::Result<u64>;

    /// Whether it has no bytes.
    ///
    /// # Errors
    ///
    /// If that cannot be told.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads some bytes at an offset; 0 at the end.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Appends with one call to the system, which may take fewer bytes than it was given.
    ///
    /// # Errors
    ///
    /// If nothing could be appended.
    fn append(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Cuts the file to this length.
    ///
    /// # Errors
    ///
    /// If it cannot be cut.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Asks the system to begin writing these bytes of the file to the disk, and does not wait.
    /// A mere hint: only [`StorageFile::sync_data`] says that anything is there. The default
    /// does nothing.
    fn begin_sync(&self, range: Range<u64>) {
        let _ = range;
    }

    /// Returns when the bytes are on the disk.
    ///
    /// # Errors
    ///
    /// If they may not be. Trying again proves nothing: the system may have dropped them.
    fn sync_data(&self) -> io::Result<()>;
}

fn append_all(file: &impl StorageFile, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.append(bytes)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => bytes = &bytes[count..],
        }
    }
    Ok(())
}

/// The suffix of a closed file.
pub(crate) fn closed_suffix(first: u64) -> String {
    format!("{first:020}")
}

/// A stretch of an open file, to read in order.
pub(crate) struct Stretch<'a, F> {
    file: &'a F,
    at: u64,
    end: u64,
}

impl<'a, F: StorageFile> Stretch<'a, F> {
    pub(crate) fn new(file: &'a F, from: u64, to: u64) -> Self {
        Self {
            file,
            at: from,
            end: to,
        }
    }
}

impl<F: StorageFile> io::Read for Stretch<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let count = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
