//! The log's files on a Unix file system.

mod file;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat};

pub use self::file::{DiskFile, DiskLock};
use self::file::{flock, id};
use crate::fs::error::UnsafePath;
use crate::fs::storage::{Overwrite, Storage, closed_suffix};

/// Only the owner may read and write.
const FILE_MODE: Mode = Mode::from_raw_mode(0o600);

/// What a disk writes whole, in bytes.
const SECTOR: usize = 512;

/// A log's files in a directory. The directory is opened once; its files are reached through it,
/// never through a symbolic link.
///
/// The log's file must be a regular file with one name, owned by the present user, and writable
/// by nobody else; the directory must be owned by the present user or root, and not be writable
/// by everybody unless it is sticky.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    name: OsString,
    directory: OwnedFd,
    /// The lock's file, open from the first time on. flock(2) is the open file's, so that no two
    /// handles may share it, and no two threads of one handle hold it at once, which the handle
    /// sees to.
    lock: Mutex<Option<Arc<File>>>,
    /// The small file that was last made ready to be written over.
    ready: Mutex<Option<Ready>>,
}

/// A small file beside the log, open.
#[derive(Debug)]
struct Ready {
    suffix: String,
    file: Arc<File>,
    /// Whether its name was looked at since it was last written.
    looked_at: bool,
}

impl Disk {
    /// The log of this name, which need not exist. A missing directory is created with mode 0700,
    /// and those above it too.
    ///
    /// # Errors
    ///
    /// If the directory cannot be opened or created, or is not safe.
    pub fn new(path: &Path) -> io::Result<Self> {
        let parent = parent(path);
        if !parent.is_dir() {
            let mut builder = std::fs::DirBuilder::new();
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.recursive(true).create(parent)?;
        }
        let disk = Self::existing(path)?;
        // Before a lock is put beside something that is no log.
        match disk.open_as(&disk.name, OFlags::RDONLY) {
            Ok(file) => disk.check(&file, true)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(disk)
    }

    /// The log of this name in a directory that exists.
    ///
    /// # Errors
    ///
    /// If the directory cannot be opened, or is not safe.
    pub fn existing(path: &Path) -> io::Result<Self> {
        let parent = parent(path);
        let name = path
            .file_name()
            .ok_or_else(|| not_safe(path, "names no file"))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(parent, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&directory)?;
        let sticky = stat.st_mode & 0o1000 != 0;
        if stat.st_mode & 0o002 != 0 && !sticky {
            return Err(not_safe(parent, "is writable by everybody"));
        }
        if stat.st_uid != 0 && stat.st_uid != rustix::process::geteuid().as_raw() {
            return Err(not_safe(parent, "belongs to another user"));
        }
        Ok(Self {
            path: path.to_owned(),
            name: name.to_owned(),
            directory,
            lock: Mutex::new(None),
            ready: Mutex::new(None),
        })
    }

    /// The log's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the log's file for reading; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be opened or is not safe.
    pub fn open_to_read(&self) -> io::Result<Option<DiskFile>> {
        match self.open_as(&self.name, OFlags::RDONLY) {
            Ok(file) => {
                self.check(&file, false)?;
                DiskFile::new(file).map(Some)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits until no writer is at work, and keeps writers waiting until the guard is dropped:
    /// what is read meanwhile are whole appends, and a checkpoint that fits them. `None` where
    /// there is no lock file yet, or it may not be read.
    ///
    /// # Errors
    ///
    /// If the lock cannot be had.
    pub fn share(&self) -> io::Result<Option<DiskLock>> {
        let Ok(lock) = self.open_as(&self.beside("lock"), OFlags::RDONLY) else {
            return Ok(None);
        };
        flock(Arc::new(lock), FlockOperation::LockShared).map(Some)
    }

    fn beside(&self, suffix: &str) -> OsString {
        let mut name = self.name.clone();
        name.push(".");
        name.push(suffix);
        name
    }

    fn open_as(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        // O_NONBLOCK: opening a FIFO must not wait for its other end.
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        match rustix::fs::openat(&self.directory, name, flags, FILE_MODE) {
            Ok(file) => Ok(File::from(file)),
            Err(rustix::io::Errno::LOOP) => Err(not_safe(&self.full(name), "is a symbolic link")),
            // Opening a FIFO without a reader for writing, and a socket.
            Err(rustix::io::Errno::NXIO) => {
                Err(not_safe(&self.full(name), "is not a regular file"))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn full(&self, name: &OsStr) -> PathBuf {
        parent(&self.path).join(name)
    }

    /// What a name in the directory is, if it is anything.
    fn named(&self, name: &OsStr) -> io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A small file beside the log, to write over: as it was made ready, else opened.
    fn opened(&self, suffix: &str) -> Option<Arc<File>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let held = ready.as_mut().filter(|held| held.suffix == suffix);
        if let Some(held) = held.filter(|held| held.looked_at) {
            held.looked_at = false;
            return Some(Arc::clone(&held.file));
        }
        let file = self.open_as(&self.beside(suffix), OFlags::RDWR).ok()?;
        Some(Arc::new(file))
    }

    fn check(&self, file: &File, to_write: bool) -> io::Result<()> {
        let stat = rustix::fs::fstat(file)?;
        let why = unsafe_because(&stat, to_write);
        why.map_or(Ok(()), |why| Err(not_safe(&self.path, why)))
    }
}

fn unsafe_because(stat: &Stat, to_write: bool) -> Option<&'static str> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Some("is not a regular file");
    }
    if !to_write {
        return None;
    }
    if stat.st_nlink != 1 {
        return Some("has a second name (a hard link)");
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Some("belongs to another user");
    }
    if stat.st_mode & 0o022 != 0 {
        return Some("is writable by others");
    }
    None
}

fn not_safe(path: &Path, why: &'static str) -> io::Error {
    let path = path.to_owned();
    io::Error::new(io::ErrorKind::PermissionDenied, UnsafePath { path, why })
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Storage for Disk {
    type File = DiskFile;
    type Guard = DiskLock;

    fn lock(&self) -> io::Result<DiskLock> {
        let mut kept = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // A lock that was removed against the rules is not what others wait for.
        let stands = |file: &Arc<File>| rustix::fs::fstat(file).is_ok_and(|it| it.st_nlink > 0);
        let file = match kept.take().filter(stands) {
            Some(file) => file,
            None => {
                let flags = OFlags::RDWR | OFlags::CREATE;
                Arc::new(self.open_as(&self.beside("lock"), flags)?)
            }
        };
        *kept = Some(Arc::clone(&file));
        drop(kept);
        flock(file, FlockOperation::LockExclusive)
    }

    fn open(&self) -> io::Result<DiskFile> {
        let flags = OFlags::RDWR | OFlags::APPEND;
        let file = match self.open_as(&self.name, flags) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = self.open_as(&self.name, flags | OFlags::CREATE | OFlags::EXCL)?;
                self.sync_names()?;
                file
            }
            other => other?,
        };
        self.check(&file, true)?;
        DiskFile::new(file)
    }

    fn current_len(&self, file: &DiskFile) -> io::Result<Option<u64>> {
        let named = self.named(&self.name)?;
        let named = named.filter(|stat| id(stat) == file.id);
        let length = named.map(|stat| u64::try_from(stat.st_size));
        length
            .transpose()
            .map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn read(&self, suffix: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let name = self.beside(suffix);
        let file = match self.open_as(&name, OFlags::RDONLY) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        if let Some(why) = unsafe_because(&rustix::fs::fstat(&file)?, false) {
            return Err(not_safe(&self.full(&name), why));
        }
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(not_safe(&self.full(&name), "is longer than it can be"));
        }
        Ok(Some(bytes))
    }

    fn create(&self, suffix: &str) -> io::Result<DiskFile> {
        let name = self.beside(suffix);
        // What an interrupted attempt left goes first; then nothing else can be written to.
        match rustix::fs::unlinkat(&self.directory, &name, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        DiskFile::new(self.open_as(&name, flags)?)
    }

    fn make_ready(&self, suffix: &str) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.beside(suffix);
        let named = self.named(&name).ok().flatten().map(|stat| id(&stat));
        let stands = |held: &Ready| {
            let held = (held.suffix == suffix).then(|| rustix::fs::fstat(&held.file));
            named.is_some() && held.and_then(Result::ok).map(|stat| id(&stat)) == named
        };
        if let Some(held) = ready.as_mut().filter(|held| stands(held)) {
            held.looked_at = true;
            return;
        }
        *ready = self.open_as(&name, OFlags::RDWR).ok().map(|file| Ready {
            suffix: suffix.to_owned(),
            file: Arc::new(file),
            looked_at: true,
        });
    }

    fn overwrite(
        &self,
        suffix: &str,
        bytes: &[u8],
        may: &dyn Fn(&[u8]) -> bool,
    ) -> io::Result<Overwrite> {
        let mut held = [0; SECTOR];
        let Some(held) = held.get_mut(..bytes.len()) else {
            return Ok(Overwrite::Unfit);
        };
        // What is not this program's alone to write to, such as a file that a backup has given a
        // second name, or one that was replaced since it was opened, is left as it is, and
        // another put in its place.
        let Some(file) = self.opened(suffix) else {
            return Ok(Overwrite::Unfit);
        };
        let stat = rustix::fs::fstat(&file)?;
        let same = u64::try_from(stat.st_size).ok() == Some(bytes.len() as u64);
        if unsafe_because(&stat, true).is_some() || !same {
            return Ok(Overwrite::Unfit);
        }
        file.read_exact_at(held, 0)?;
        if !may(held) {
            return Ok(Overwrite::Kept);
        }
        file.write_all_at(bytes, 0)?;
        Ok(Overwrite::Done)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.beside(from), self.beside(to));
        let directory = &self.directory;
        Ok(rustix::fs::renameat(directory, &from, directory, &to)?)
    }

    fn set_aside(&self, suffix: &str) -> io::Result<()> {
        let name = self.beside(suffix);
        let (directory, never) = (&self.directory, RenameFlags::NOREPLACE);
        let renamed = rustix::fs::renameat_with(directory, &self.name, directory, &name, never);
        Ok(renamed?)
    }

    fn sync_names(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.directory)?)
    }

    fn closed(&self) -> io::Result<Vec<u64>> {
        let mut prefix = self.name.as_bytes().to_vec();
        prefix.push(b'.');
        let mut found = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.directory)? {
            let entry = entry?;
            let digits = entry.file_name().to_bytes().strip_prefix(&prefix[..]);
            let digits = digits.filter(|d| d.len() == 20 && d.iter().all(u8::is_ascii_digit));
            let text = digits.and_then(|digits| std::str::from_utf8(digits).ok());
            found.extend(text.and_then(|text| text.parse::<u64>().ok()));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn open_closed(&self, first: u64) -> io::Result<DiskFile> {
        let name = self.beside(&closed_suffix(first));
        let file = self.open_as(&name, OFlags::RDONLY)?;
        if let Some(why) = unsafe_because(&rustix::fs::fstat(&file)?, false) {
            return Err(not_safe(&self.full(&name), why));
        }
        DiskFile::new(file)
    }

    fn remove_closed(&self, first: u64) -> io::Result<()> {
        let name = self.beside(&closed_suffix(first));
        Ok(rustix::fs::unlinkat(
            &self.directory,
            &name,
            AtFlags::empty(),
        )?)
    }
}
