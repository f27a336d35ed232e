//! A file that appears whole or not at all, and of which a kill leaves nothing.
//!
//! While it is written it has no name (`O_TMPFILE`, open(2)), so that it is gone with the process.
//! Only to take the place of another file it needs a name for a moment, since no system call
//! exchanges a file without a name for one that has one; where the file system knows no files
//! without names, it has that name all the time. Such a name holds a lock: the next run that writes
//! into the folder removes those whose lock is free.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, OFlags};

/// The beginning of a temporary name; 16 hexadecimal digits follow.
const PREFIX: &str = ".omg-new-";
const DIGITS: usize = 16;

/// Who may read a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Whoever may read the file that is replaced; else everybody whom the umask leaves.
    Usual,
    /// Its owner alone, also in the place of a file that others may read.
    Private,
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
        let mode = match access {
            Access::Usual => 0o666,
            Access::Private => 0o600,
        };
        let unnamed = OpenOptions::new()
            .read(true)
            .write(true)
            .mode(mode)
            .custom_flags(OFlags::TMPFILE.bits().cast_signed())
            .open(folder);
        let (file, name) = match unnamed {
            Ok(file) => (file, None),
            // What the kernel, or this file system, does not know (open(2), O_TMPFILE).
            Err(error) if is_unsupported(&error) => named(folder, mode)?,
            Err(error) => return Err(error),
        };
        file.try_lock()?;
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
        if let (Ok(replaced), Access::Usual) = (&replaced, self.access)
            && replaced.is_file()
        {
            self.file.set_permissions(replaced.permissions())?;
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

    /// Gives the file without a name a first one (linkat(2): `/proc/self/fd` needs no privilege).
    fn link(&self, name: &Path) -> io::Result<()> {
        let fd = format!("/proc/self/fd/{}", self.file.as_raw_fd());
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

fn is_unsupported(error: &io::Error) -> bool {
    let known = [
        rustix::io::Errno::OPNOTSUPP,
        rustix::io::Errno::ISDIR,
        rustix::io::Errno::INVAL,
    ];
    let known = known.map(rustix::io::Errno::raw_os_error);
    error.raw_os_error().is_some_and(|raw| known.contains(&raw))
}

fn named(folder: &Path, mode: u32) -> io::Result<(File, Option<PathBuf>)> {
    let name = free_name(folder)?;
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create_new(true).mode(mode);
    let file = options.open(&name)?;
    Ok((file, Some(name)))
}

fn free_name(folder: &Path) -> io::Result<PathBuf> {
    let mut random = [0; DIGITS / 2];
    let mut rest = &mut random[..];
    while !rest.is_empty() {
        let count = rustix::rand::getrandom(&mut *rest, rustix::rand::GetRandomFlags::empty())?;
        rest = &mut rest[count..];
    }
    let mut name = OsString::from(PREFIX);
    name.push(hex::encode(random));
    Ok(folder.join(name))
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

    #[test]
    fn a_file_system_without_unnamed_files_has_named_ones() {
        let folder = tempfile::tempdir().unwrap();
        let (file, name) = named(folder.path(), 0o600).unwrap();
        let name = name.unwrap();
        assert!(
            name.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(PREFIX)
        );
        file.try_lock().unwrap();
        let target = folder.path().join("out");
        let new = NewFile {
            file,
            name: Some(name),
            target: target.clone(),
            access: Access::Private,
        };
        new.publish().unwrap();
        assert_eq!(names(folder.path()), ["out"]);
        let invalid = io::Error::from_raw_os_error(rustix::io::Errno::OPNOTSUPP.raw_os_error());
        assert!(is_unsupported(&invalid));
    }
}
