//! Files of the store: owned by this user, bounded, written whole.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::Path;

/// Reads a regular file of this user or of root that nobody else can write.
pub(super) fn read_owned(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let meta = file.metadata()?;
    let ours = meta.uid() == rustix::process::geteuid().as_raw() || meta.uid() == 0;
    if !ours || meta.mode() & 0o022 != 0 {
        let detail = format!("{} is not ours alone to write", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, detail));
    }
    let mut bytes = Vec::new();
    read_rest(file, &mut bytes, limit)?;
    Ok(bytes)
}

/// Opens without waiting for the other end of a FIFO, and refuses what is no regular file.
fn open_regular(path: &Path) -> io::Result<File> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path)?;
    if !file.metadata()?.is_file() {
        let detail = format!("{} is no regular file", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, detail));
    }
    Ok(file)
}

/// Appends the rest of a file to what was read of it, up to a limit on both together.
pub(super) fn read_rest(file: File, bytes: &mut Vec<u8>, limit: u64) -> io::Result<()> {
    // The file system's size is a hint; the limit holds whatever it is.
    let hint = file.metadata().map_or(0, |meta| meta.len()).min(limit);
    bytes.reserve(usize::try_from(hint).unwrap_or(0));
    let room = (limit + 1).saturating_sub(bytes.len() as u64);
    file.take(room).read_to_end(bytes)?;
    if bytes.len() as u64 > limit {
        let detail = format!("over the limit of {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
    }
    Ok(())
}

/// The beginning of a temporary name, which nothing else in the store has.
const TEMPORARY: &str = ".omg-new-";
/// Another run can remove a new file before its lock is held; so often another is tried.
const TRIES: usize = 8;

/// Removes what runs that were killed left: the lock of a file that is still written is held.
fn remove_left(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_temporary = name
            .to_str()
            .is_some_and(|name| name.starts_with(TEMPORARY));
        let user = rustix::process::geteuid().as_raw();
        let is_left = |file: File| {
            let is_ours = file.metadata().is_ok_and(|meta| meta.uid() == user);
            is_ours && file.try_lock().is_ok()
        };
        if is_temporary && open_regular(&entry.path()).is_ok_and(is_left) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A temporary file whose lock is held. A file system without locks needs none: a run removes only
/// files whose lock it can take (flock(2)).
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    for _ in 0..TRIES {
        let mut builder = tempfile::Builder::new();
        let file = builder.prefix(TEMPORARY).tempfile_in(folder)?;
        if matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock)) {
            continue;
        }
        // Another run may have removed the file before its lock was held.
        if file.as_file().metadata()?.nlink() > 0 {
            return Ok(file);
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Writes beside the file and renames: a reader sees the old or the new file, whole.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    remove_left(folder);
    let mut file = temporary(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o644))?;
    file.persist(folder.join(name))
        .map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test may fail anywhere.
    use super::*;

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a", b"1234").unwrap();
        let path = folder.path().join("a");
        assert_eq!(read_owned(&path, 4).unwrap(), b"1234");
        let refused = |limit| read_owned(&path, limit).unwrap_err().kind();
        assert_eq!(refused(3), io::ErrorKind::FileTooLarge);
        std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        assert_eq!(refused(4), io::ErrorKind::PermissionDenied);
        let is_a_folder = read_owned(folder.path(), 4).unwrap_err().kind();
        assert_eq!(is_a_folder, io::ErrorKind::InvalidInput);
    }

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".omg-new-abcdef");
        let held = folder.path().join(".omg-new-ghijkl");
        for path in [&left, &held] {
            std::fs::write(path, "half").unwrap();
        }
        let lock = File::open(&held).unwrap();
        lock.try_lock().unwrap();
        write(folder.path(), "arch.index", b"whole").unwrap();
        assert!(!left.exists() && held.exists());
        assert_eq!(
            std::fs::read(folder.path().join("arch.index")).unwrap(),
            b"whole"
        );
    }
}
