//! Files of signatures, and where they lie beside the file that is signed.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The endings of a detached signature, in the order in which they are looked for: pacman's, and
/// the one of GnuPG's armour.
const ENDINGS: [&str; 2] = [".sig", ".asc"];

/// The bytes of a file of detached signatures, and where they were read.
///
/// # Examples
///
/// ```
/// use omg_pgp::SignatureFile;
///
/// let file = std::env::temp_dir().join(format!("omg-beside-example-{}", std::process::id()));
/// let beside = std::path::PathBuf::from(format!("{}.asc", file.display()));
/// assert!(SignatureFile::beside(&file, 1024)?.is_none());
/// std::fs::write(&beside, "-----BEGIN PGP SIGNATURE-----")?;
/// let found = SignatureFile::beside(&file, 1024)?.expect("it was written");
/// # std::fs::remove_file(&beside)?;
/// assert_eq!(found.path, beside);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureFile {
    /// The file's path.
    pub path: PathBuf,
    /// Its bytes; one more than the limit where the file is larger, so that
    /// [`Verifier`](crate::Verifier) reports it as too large.
    pub bytes: Vec<u8>,
}

impl SignatureFile {
    /// Reads a file of signatures, up to one byte over a limit in bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or read.
    pub fn read(path: impl Into<PathBuf>, limit: u64) -> io::Result<Self> {
        let path = path.into();
        let mut bytes = Vec::new();
        let room = limit.saturating_add(1);
        File::open(&path)?.take(room).read_to_end(&mut bytes)?;
        Ok(Self { path, bytes })
    }

    /// Reads a file that nobody named: whoever can write into the folder chose what it is. A pipe
    /// would keep the reader waiting, and a device never ends.
    fn read_regular(path: PathBuf, limit: u64) -> io::Result<Self> {
        let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let mut options = File::options();
        let file = options.read(true).custom_flags(nonblock).open(&path)?;
        if !file.metadata()?.is_file() {
            let detail = format!("{} is not a regular file", path.display());
            return Err(io::Error::new(ErrorKind::InvalidInput, detail));
        }
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(Self { path, bytes })
    }

    /// Reads the first that exists of `FILE.sig` and `FILE.asc`; `None` if there is neither.
    ///
    /// # Errors
    ///
    /// If one exists and cannot be read, or is not a regular file.
    pub fn beside(file: &Path, limit: u64) -> io::Result<Option<Self>> {
        for ending in ENDINGS {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            match Self::read_regular(name.into(), limit) {
                Ok(found) => return Ok(Some(found)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test may fail anywhere.
    use super::*;

    /// A pipe beside a file has no other end: whoever waits for it waits for ever.
    #[test]
    fn a_pipe_beside_a_file_is_not_waited_for() {
        let name = format!("omg-pgp-pipe-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        let pipe = PathBuf::from(format!("{}.sig", file.display()));
        let mode = rustix::fs::Mode::RUSR;
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, fifo, mode, 0).unwrap();
        let found = SignatureFile::beside(&file, 10);
        std::fs::remove_file(&pipe).unwrap();
        assert_eq!(found.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
