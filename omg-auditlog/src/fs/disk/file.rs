//! What is open of a log on a Unix file system.

use std::fs::File;
use std::io::{self, Write as _};
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use rustix::fs::{Advice, FlockOperation, Stat};

use crate::fs::storage::StorageFile;

/// The least size of a page of memory, in bytes.
const PAGE: u64 = 4096;

/// The lock of a log on disk, until it is dropped.
#[derive(Debug)]
pub struct DiskLock(Arc<File>);

impl Drop for DiskLock {
    fn drop(&mut self) {
        // It cannot fail on a file that is open; and if the process ends, the lock ends too.
        let _ = rustix::fs::flock(&*self.0, FlockOperation::Unlock);
    }
}

/// Waits for the lock.
pub(super) fn flock(file: Arc<File>, operation: FlockOperation) -> io::Result<DiskLock> {
    loop {
        match rustix::fs::flock(&*file, operation) {
            Ok(()) => return Ok(DiskLock(file)),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A log's open file on disk.
#[derive(Debug)]
pub struct DiskFile {
    pub(super) file: File,
    /// Which file that is; no other has this while it is open.
    pub(super) id: FileId,
}

/// Device and inode.
pub(super) type FileId = (u64, u64);

pub(super) fn id(stat: &Stat) -> FileId {
    (stat.st_dev, stat.st_ino)
}

impl DiskFile {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let id = id(&rustix::fs::fstat(&file)?);
        Ok(Self { file, id })
    }
}

impl StorageFile for DiskFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        (&self.file).write(bytes)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn begin_sync(&self, range: Range<u64>) {
        // Linux begins to write out what it is told will not be needed (posix_fadvise(2),
        // mm/fadvise.c), and forgets whole pages: less than a page, so that none is forgotten. A
        // hint that fails changes nothing.
        let len = range.end.saturating_sub(range.start);
        if let Some(len) = NonZeroU64::new(len).filter(|len| len.get() < PAGE) {
            let _ = rustix::fs::fadvise(&self.file, range.start, Some(len), Advice::DontNeed);
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
