//! Files as this program reads and writes them: bounded, without waiting, and whole.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::newfile::{Access, NewFile};

/// A file that the user named, which may be a pipe such as `/dev/stdin`, up to a limit.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_all(File::open(path)?, limit)
}

/// A regular file that the program found by itself, up to a limit: a pipe would keep it waiting.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_all(open_regular(path)?, limit)
}

/// As [`read_bounded`] for a file that can turn a finding off: a regular one must not be everybody's
/// to write.
pub fn read_unshared(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.mode() & 0o002 != 0 {
        return Err(io::Error::other("everybody can write it"));
    }
    read_all(file, limit)
}

/// Opens without waiting for the other end of a FIFO, and refuses what is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
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

fn read_all(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_rest(file, &mut bytes, limit)?;
    Ok(bytes)
}

/// Appends the rest of a file to what was read of it, up to a limit on both together.
pub fn read_rest(file: File, bytes: &mut Vec<u8>, limit: u64) -> io::Result<()> {
    // What the file system says is a hint; the limit holds whatever it says.
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

/// Reads a file of at most so many bytes.
pub fn read_small(path: &Path, limit: u64) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(limit + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        return Err(io::Error::other(format!("it is longer than {limit} bytes")));
    }
    Ok(text)
}

/// Writes a file that appears whole: a reader sees the old or the new one. A link is followed, and
/// what is no regular file (a pipe, `/dev/null`) is written to and never replaced.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_whole(path, bytes, Access::Usual)
}

/// The same with a choice of who may read the file.
pub fn write_whole(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mut output = Output::open(path, access)?;
    output.file().write_all(bytes)?;
    output.publish()
}

/// A file to write as [`write_whole`] does, piece by piece.
pub enum Output {
    /// A pipe or a device, which gets its bytes at once.
    Stream(File),
    /// A file that appears whole.
    Whole(NewFile),
}

impl Output {
    pub fn open(path: &Path, access: Access) -> io::Result<Self> {
        let real = match std::fs::metadata(path) {
            Ok(existing) if !existing.is_file() => {
                let stream = OpenOptions::new().write(true).open(path)?;
                return Ok(Self::Stream(stream));
            }
            Ok(_) => path.canonicalize()?,
            Err(_) => path.to_owned(),
        };
        NewFile::new(&real, access).map(Self::Whole)
    }

    pub fn file(&mut self) -> &mut File {
        match self {
            Self::Stream(file) => file,
            Self::Whole(new) => new.file(),
        }
    }

    /// Shows the file. Without this call a regular file stays as it was.
    pub fn publish(self) -> io::Result<()> {
        match self {
            Self::Stream(_) => Ok(()),
            Self::Whole(new) => new.publish(),
        }
    }
}

/// Reads a regular file of this user or of root that nobody else can write, and follows no link.
pub fn read_private(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw() || metadata.uid() == 0;
    if !metadata.is_file() || !ours || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "it is no file that only its owner can write",
        ));
    }
    read_all(file, limit)
}

/// Writes a file that only its owner can read, in a folder that only its owner can enter, and makes
/// the folder.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    write_whole(path, bytes, Access::Private)
}

/// The last part of a path, for people.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_nobody_elses_to_write() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("omg/aur.json");
        write_private(&path, b"{}").unwrap();
        assert_eq!(read_private(&path, 2).unwrap(), b"{}");
        assert!(read_private(&path, 1).is_err());
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read_private(&link, 2).is_err());
        let open = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(&path, open).unwrap();
        assert!(read_private(&path, 2).is_err());
    }

    #[test]
    fn devices_and_links_stay_what_they_are() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        // By a link of its own, so that a test that fails replaces no device.
        let null = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write_atomically(&null, b"gone").unwrap();
        assert!(std::fs::symlink_metadata(&null).unwrap().is_symlink());
        let device = std::fs::metadata("/dev/null").unwrap();
        assert!(device.file_type().is_char_device());
    }
}
