//! Files of evidence, and where they lie beside an artifact.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
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
        let limit = u64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        let room = limit.saturating_add(1);
        File::open(&path)?.take(room).read_to_end(&mut bytes)?;
        Ok(Self { path, bytes })
    }

    /// Reads the first file of evidence that exists beside an artifact; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If one exists and cannot be read.
    pub fn beside(artifact: &Path) -> io::Result<Option<Self>> {
        for ending in ENDINGS {
            let mut name = artifact.as_os_str().to_owned();
            name.push(ending);
            match Self::read(name) {
                Ok(found) => return Ok(Some(found)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}
