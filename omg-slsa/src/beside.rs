//! Files of evidence, and where they lie beside an artifact.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::MAX_DOCUMENT_BYTES;

/// The endings of evidence beside an artifact, in the order in which they are looked for: Sigstore
/// bundles, slsa-github-generator, npm and PyPI.
const ENDINGS: [&str; 7] = [
    ".sigstore.json",
    ".sigstore",
    ".intoto.jsonl",
    ".build.slsa",
    ".slsa.attestation",
    ".publish.attestation",
    ".provenance",
];

/// As much as is read of a file: one byte more than a document may have.
#[allow(clippy::cast_possible_truncation, clippy::as_conversions)] // A constant of a few MiB.
const ROOM: u64 = MAX_DOCUMENT_BYTES as u64 + 1;

/// The bytes of a file of evidence, and where they were read.
///
/// # Examples
///
/// ```
/// use omg_slsa::EvidenceFile;
///
/// let artifact = std::env::temp_dir().join(format!("omg-slsa-example-{}", std::process::id()));
/// assert!(EvidenceFile::beside(&artifact)?.is_none());
/// let beside = std::path::PathBuf::from(format!("{}.sigstore.json", artifact.display()));
/// std::fs::write(&beside, "{}")?;
/// let found = EvidenceFile::beside(&artifact)?.expect("it was written");
/// # std::fs::remove_file(&beside)?;
/// assert_eq!(found.path, beside);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EvidenceFile {
    /// The file's path.
    pub path: PathBuf,
    /// Its bytes; one more than [`MAX_DOCUMENT_BYTES`] where the file is larger, so that its
    /// reader reports it as too large.
    pub bytes: Vec<u8>,
}

impl EvidenceFile {
    /// Reads a file of evidence, up to one byte over [`MAX_DOCUMENT_BYTES`].
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or read.
    pub fn read(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let mut bytes = Vec::new();
        File::open(&path)?.take(ROOM).read_to_end(&mut bytes)?;
        Ok(Self { path, bytes })
    }

    /// Reads a file that nobody named: whoever can write into the folder chose what it is. A pipe
    /// would keep the reader waiting, and a device never ends.
    fn read_regular(path: PathBuf) -> io::Result<Self> {
        let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let mut options = File::options();
        let file = options.read(true).custom_flags(nonblock).open(&path)?;
        if !file.metadata()?.is_file() {
            let detail = format!("{} is not a regular file", path.display());
            return Err(io::Error::new(ErrorKind::InvalidInput, detail));
        }
        let mut bytes = Vec::new();
        file.take(ROOM).read_to_end(&mut bytes)?;
        Ok(Self { path, bytes })
    }

    /// Reads the first file of evidence that exists beside an artifact; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If one exists and cannot be read, or is not a regular file.
    pub fn beside(artifact: &Path) -> io::Result<Option<Self>> {
        for ending in ENDINGS {
            let mut name = artifact.as_os_str().to_owned();
            name.push(ending);
            match Self::read_regular(name.into()) {
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
        let name = format!("omg-slsa-pipe-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        let pipe = PathBuf::from(format!("{}.sigstore.json", file.display()));
        let mode = rustix::fs::Mode::RUSR;
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, fifo, mode, 0).unwrap();
        let found = EvidenceFile::beside(&file);
        std::fs::remove_file(&pipe).unwrap();
        assert_eq!(found.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}
