//! A file that appears whole or not at all, and of which a kill leaves nothing.
//!
//! While it is written it has no name (`O_TMPFILE`, open(2)), so that it is gone with the process.
//! Only to take the place of another file it needs a name for a moment, since no system call
//! exchanges a file without a name for one that has one; where the file system knows no files
//! without names, it has that name all the time. Such a name holds a lock: the next run that writes
//! into the folder removes those whose lock is free.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, OFlags, RenameFlags};
use rustix::io::Errno;

/// The beginning of a temporary name; 16 hexadecimal digits follow.
const PREFIX: &str = ".omg-new-";
const DIGITS: usize = 16;
/// Another run can remove a new name before its lock is held; so often another is tried.
const TRIES: usize = 8;
/// Through this folder linkat(2) names an open file (proc(5)). A chroot may lack the folder.
const DESCRIPTORS: &str = "/proc/self/fd";

/// Who may read a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Whoever may read the file that is replaced; else everybody whom the umask leaves.
    Usual,
    /// Its owner alone, also in the place of a file that others may read.
    Private,
}

impl Access {
    /// The mode of a new file, before the umask.
    fn mode(self) -> u32 {
        match self {
            Self::Usual => 0o666,
            Self::Private => 0o600,
        }
    }
}

/// A file in the making.
pub struct NewFile {
    file: File,
    /// The temporary name, where there is one.
    name: Option<PathBuf>,
    target: PathBuf,
    access: Access,
}

impl NewFile {
    /// Begins a file that is to be called `target`; until then nobody sees it.
    pub fn new(target: &Path, access: Access) -> io::Result<Self> {
        let folder = folder(target);
        remove_left(folder);
        let (file, name) = match unnamed(folder, access)? {
            Some(file) => (file, None),
            None => named(folder)?,
        };
        Ok(Self {
            file,
            name,
            target: target.to_owned(),
            access,
        })
    }

    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the file its name, in the place of whatever has it: a link is replaced itself.
    pub fn publish(mut self) -> io::Result<()> {
        self.file.sync_data()?;
        let replaced = std::fs::symlink_metadata(&self.target);
        if let Some(permissions) = self.permissions(replaced.as_ref().ok())? {
            self.file.set_permissions(permissions)?;
        }
        if let (None, Err(_)) = (&self.name, &replaced) {
            match self.link(&self.target) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                done => return done,
            }
        }
        let name = match self.name.take() {
            Some(name) => name,
            None => {
                let name = free_name(folder(&self.target))?;
                self.link(&name)?;
                name
            }
        };
        let renamed = std::fs::rename(&name, &self.target);
        if renamed.is_err() {
            self.name = Some(name);
        }
        renamed
    }

    /// Gives the file its name if nothing has it yet, and fails otherwise.
    pub fn publish_new(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        let Some(name) = &self.name else {
            return self.link(&self.target);
        };
        if let Some(permissions) = self.permissions(None)? {
            self.file.set_permissions(permissions)?;
        }
        rustix::fs::renameat_with(CWD, name, CWD, &self.target, RenameFlags::NOREPLACE)?;
        self.name = None;
        Ok(())
    }

    /// The permissions that the whole file gets; `None` if it was made with them.
    fn permissions(&self, replaced: Option<&std::fs::Metadata>) -> io::Result<Option<Permissions>> {
        match (self.access, replaced, &self.name) {
            (Access::Private, ..) => Ok(None),
            (Access::Usual, Some(replaced), _) if replaced.is_file() => {
                Ok(Some(replaced.permissions()))
            }
            // The umask applied when the file without a name was made.
            (Access::Usual, _, None) => Ok(None),
            (Access::Usual, _, Some(_)) => usual(folder(&self.target)).map(Some),
        }
    }

    /// Gives the file without a name a first one (linkat(2): `/proc/self/fd` needs no privilege).
    fn link(&self, name: &Path) -> io::Result<()> {
        let fd = format!("{DESCRIPTORS}/{}", self.file.as_raw_fd());
        let linked = rustix::fs::linkat(CWD, &*fd, CWD, name, AtFlags::SYMLINK_FOLLOW);
        Ok(linked?)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // What cannot be removed now is removed by the next run.
            let _ = std::fs::remove_file(name);
        }
    }
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A file without a name; `None` where the kernel or the file system knows none.
fn unnamed(folder: &Path, access: Access) -> io::Result<Option<File>> {
    if !Path::new(DESCRIPTORS).exists() {
        return Ok(None);
    }
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .mode(access.mode())
        .custom_flags(OFlags::TMPFILE.bits().cast_signed())
        .open(folder);
    match opened {
        Ok(file) => {
            // Nobody else has it open.
            hold(&file)?;
            Ok(Some(file))
        }
        Err(error) if is_unsupported(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A kernel or a file system without `O_TMPFILE` answers with one of these (open(2)).
fn is_unsupported(error: &io::Error) -> bool {
    is_one_of(error, [Errno::OPNOTSUPP, Errno::ISDIR, Errno::INVAL])
}

fn is_one_of<const N: usize>(error: &io::Error, known: [Errno; N]) -> bool {
    let raw = error.raw_os_error();
    known.iter().any(|known| raw == Some(known.raw_os_error()))
}

/// A file with a temporary name, which is its owner's alone until it is whole.
fn named(folder: &Path) -> io::Result<(File, Option<PathBuf>)> {
    for _ in 0..TRIES {
        let name = free_name(folder)?;
        let file = create(&name, Access::Private.mode())?;
        // Another run may have removed the name before the lock was held.
        if hold(&file)? && file.metadata()?.nlink() > 0 {
            return Ok((file, Some(name)));
        }
    }
    Err(ErrorKind::ResourceBusy.into())
}

fn create(name: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create_new(true).mode(mode);
    options.open(name)
}

/// Takes a file's lock unless another process has it. A file system without locks needs none:
/// a run removes only files whose lock it can take (flock(2)).
fn hold(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error))
            if is_one_of(&error, [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS]) =>
        {
            Ok(true)
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The permissions that a new file gets in a folder: the umask or the folder's ACL decides
/// (acl(5)). A probe shows them, since umask(2) cannot be read without changing it.
fn usual(folder: &Path) -> io::Result<Permissions> {
    let name = free_name(folder)?;
    let metadata = create(&name, Access::Usual.mode())?.metadata();
    match std::fs::remove_file(&name) {
        // Another run has removed the probe, whose lock is free.
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(Permissions::from_mode(metadata?.mode() & 0o777))
}

fn free_name(folder: &Path) -> io::Result<PathBuf> {
    let mut random = [0; DIGITS / 2];
    // getrandom(2) returns up to 256 bytes at once.
    rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
    Ok(folder.join(format!("{PREFIX}{}", hex::encode(random))))
}

/// Removes what runs that were killed left in a folder. A lock that is held says that its file is
/// still written; what cannot be looked at stays.
fn remove_left(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_temporary = digits.is_some_and(|digits| {
            digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if is_temporary && is_left(&entry.path()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_left(path: &Path) -> bool {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let Ok(file) = opened else { return false };
    let ours = file.metadata().is_ok_and(|metadata| {
        metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw()
    });
    ours && file.try_lock().is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn nothing_is_seen_before_all_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut new = NewFile::new(&path, Access::Private).unwrap();
        new.file().write_all(b"half").unwrap();
        assert_eq!(names(folder.path()), [""; 0]);
        drop(new);
        assert_eq!(names(folder.path()), [""; 0]);

        let mut new = NewFile::new(&path, Access::Private).unwrap();
        new.file().write_all(b"whole").unwrap();
        new.publish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(
            (names(folder.path()), mode(&path)),
            (vec!["out".to_owned()], 0o600)
        );
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_readers_unless_the_new_one_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, "old").unwrap();
        for (access, expected) in [(Access::Usual, 0o640), (Access::Private, 0o600)] {
            std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
            let mut new = NewFile::new(&path, access).unwrap();
            new.file().write_all(b"new").unwrap();
            new.publish().unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"new");
            assert_eq!((names(folder.path()).len(), mode(&path)), (1, expected));
        }
    }

    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("out"), folder.path().join("other"));
        std::fs::write(&other, "other").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        let mut new = NewFile::new(&path, Access::Usual).unwrap();
        new.file().write_all(b"new").unwrap();
        new.publish().unwrap();
        assert_eq!(std::fs::read(&other).unwrap(), b"other");
        assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_another_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "half").unwrap();
            path
        };
        write(".omg-new-0123456789abcdef");
        let written = write(".omg-new-fedcba9876543210");
        let held = File::open(&written).unwrap();
        held.try_lock().unwrap();
        // Names of people are theirs.
        write(".omg-secrets");
        write(".omg-new-notes");
        let target = folder.path().join("out");
        NewFile::new(&target, Access::Usual)
            .unwrap()
            .publish()
            .unwrap();
        let left = [
            ".omg-new-fedcba9876543210",
            ".omg-new-notes",
            ".omg-secrets",
            "out",
        ];
        assert_eq!(names(folder.path()), left);
    }

    /// As on a file system without files that have no names.
    fn begun(target: &Path, access: Access) -> NewFile {
        let (file, name) = named(target.parent().unwrap()).unwrap();
        NewFile {
            file,
            name,
            target: target.to_owned(),
            access,
        }
    }

    #[test]
    fn a_file_with_a_temporary_name_is_its_owners_alone_until_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        std::fs::write(folder.path().join("sample"), "").unwrap();
        let usual = mode(&folder.path().join("sample"));
        std::fs::remove_file(folder.path().join("sample")).unwrap();
        for (access, before, expected) in [
            (Access::Usual, None, usual),
            (Access::Usual, Some(0o640), 0o640),
            (Access::Private, None, 0o600),
            (Access::Private, Some(0o640), 0o600),
        ] {
            let _ = std::fs::remove_file(&target);
            if let Some(before) = before {
                std::fs::write(&target, "old").unwrap();
                std::fs::set_permissions(&target, Permissions::from_mode(before)).unwrap();
            }
            let mut new = begun(&target, access);
            new.file().write_all(b"new").unwrap();
            let name = new.name.clone().unwrap();
            assert_eq!(mode(&name), 0o600);
            // The lock protects the file from a run that cleans up.
            remove_left(folder.path());
            assert!(name.exists());
            new.publish().unwrap();
            assert_eq!(std::fs::read(&target).unwrap(), b"new");
            assert_eq!((names(folder.path()).len(), mode(&target)), (1, expected));
        }
        drop(begun(&target, Access::Usual));
        assert_eq!(names(folder.path()), ["out"]);
        let known = io::Error::from_raw_os_error(Errno::OPNOTSUPP.raw_os_error());
        assert!(is_unsupported(&known));
    }

    #[test]
    fn a_new_name_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let unnamed = || NewFile::new(&path, Access::Private).unwrap();
        for make in [&unnamed as &dyn Fn() -> NewFile, &|| {
            begun(&path, Access::Private)
        }] {
            let _ = std::fs::remove_file(&path);
            let [mut first, second] = [make(), make()];
            first.file().write_all(b"first").unwrap();
            first.publish_new().unwrap();
            let error = second.publish_new().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&path).unwrap(), b"first");
            assert_eq!(
                (names(folder.path()), mode(&path)),
                (vec!["key".to_owned()], 0o600)
            );
        }
    }

    #[test]
    fn a_lock_that_another_has_is_not_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = create(&path, 0o600).unwrap();
        assert!(hold(&file).unwrap());
        assert!(!hold(&File::open(&path).unwrap()).unwrap());
    }
}
