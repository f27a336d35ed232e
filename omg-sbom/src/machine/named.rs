//! Files that the caller names: lock files and SBOMs.

use std::path::Path;

use super::{
    error::{ReadError, io_error, parse_error},
    rooted,
};
use crate::{
    model::{inventory::Inventory, limits},
    read::{lockfile, sbom},
};

impl Inventory {
    /// Reads a lock file; see [`lockfile::parse`].
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`] if it is no regular file or cannot be read, [`ReadError::Parse`].
    pub fn read_lockfile(path: &Path) -> Result<Self, ReadError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let content = read_file(path, limits::MAX_LOCKFILE_BYTES)?;
        lockfile::parse(&name, &content).map_err(|source| parse_error(path, source))
    }

    /// Reads an SBOM; see [`sbom::parse`].
    ///
    /// # Errors
    ///
    /// As [`read_lockfile`](Self::read_lockfile).
    pub fn read_sbom(path: &Path) -> Result<Self, ReadError> {
        let content = read_file(path, limits::MAX_SBOM_BYTES)?;
        sbom::parse(&content).map_err(|source| parse_error(path, source))
    }
}

/// Reads a file that the caller named; it may be a link to anywhere.
fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    let real = path.canonicalize();
    real.and_then(|real| rooted::read_regular(&real, limit))
        .map_err(|source| io_error(path, source))
}
