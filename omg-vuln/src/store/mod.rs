//! The advisory store *(feature `store`)*: what was fetched, kept in a folder, and read again.
//!
//! [`Store`] is a folder of the caller's choice. It keeps one [`Index`] for each source of
//! advisories and whatever else can be fetched again: the KEV catalogue, the EPSS table, answers
//! of the OSV API. A file is used only if it is a regular file of the present user or of root,
//! writable by nobody else, and whole; otherwise it is as if it were not there.
//!
//! [`ParsedFeeds`] reads advisories from files, folders and ZIP archives that a person named;
//! [`SourceRecords`] looks an advisory up by its identifier, whatever is installed.
//!
//! With the feature `http` the store also fetches: `update` brings one source up to date, by
//! deltas where the source has them, and `OnlineLookup` asks about packages at once and keeps the
//! answers.
//!
//! # Examples
//!
//! ```
//! use omg_vuln::store::{Store, StoredIndex};
//! use omg_vuln::{Index, arch, index::IndexMeta};
//!
//! let folder = std::env::temp_dir().join(format!("omg-store-example-{}", std::process::id()));
//! let store = Store::new(&folder);
//! assert!(matches!(store.index(Store::ARCH), StoredIndex::Missing));
//!
//! let feed = br#"[{"name": "AVG-1", "packages": ["xz"], "status": "Fixed", "severity": "High",
//!     "type": "x", "affected": "1-1", "fixed": "1-2", "ticket": null, "issues": [],
//!     "advisories": []}]"#;
//! let index = Index::build(IndexMeta::default(), &arch::parse(feed)?.records)?;
//! store.write_index(Store::ARCH, &index)?;
//! assert!(matches!(store.index(Store::ARCH), StoredIndex::Usable(_)));
//! assert_eq!(store.indexes(), [Store::ARCH]);
//! # store.clear()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod error;
mod feeds;
mod files;
mod filter;
#[cfg(feature = "http")]
mod lookup;
mod records;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod update;

pub use error::FeedError;
pub use feeds::{MAX_FEED_FILES, ParsedFeeds};
pub use filter::PackageFilter;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use lookup::{LookupStep, OnlineLookup};
pub use records::SourceRecords;

use std::io;
use std::path::{Path, PathBuf};

use crate::index::{IndexError, MAX_INDEX_BYTES};
use crate::{Index, Storable, Stored};

/// The largest cache file that is read: 256 MiB.
pub const MAX_CACHE_BYTES: u64 = 256 << 20;

/// A folder of fetched advisories; see the [module](self).
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// The state of a stored index.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoredIndex {
    /// Never stored, or written by another version of this crate.
    Missing,
    /// There is a file that cannot be used, for this reason.
    Damaged(String),
    /// Read and whole.
    Usable(Index),
}

impl Store {
    /// The name of the Arch tracker's index.
    pub const ARCH: &str = "arch";
    /// The file of CISA's catalogue of known exploited vulnerabilities.
    pub const KEV: &str = "kev.bin";
    /// The file of FIRST's table of exploit predictions.
    pub const EPSS: &str = "epss.bin";

    /// The store in this folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of the index of an OSV ecosystem: `osv-` and the ecosystem, in which characters
    /// other than ASCII letters, digits and dots become `_`.
    pub fn osv_name(ecosystem: &str) -> String {
        let safe = |c: char| match c.is_ascii_alphanumeric() || c == '.' {
            true => c,
            false => '_',
        };
        format!("osv-{}", ecosystem.chars().map(safe).collect::<String>())
    }

    /// Reads an index, of at most [`MAX_INDEX_BYTES`].
    pub fn index(&self, name: &str) -> StoredIndex {
        let bytes = match self.read(&format!("{name}.idx"), MAX_INDEX_BYTES as u64) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return StoredIndex::Missing,
            Err(error) => return StoredIndex::Damaged(error.to_string()),
        };
        match Index::open(bytes) {
            Ok(index) => StoredIndex::Usable(index),
            Err(IndexError::Foreign) => StoredIndex::Missing,
            Err(error) => StoredIndex::Damaged(error.to_string()),
        }
    }

    /// Writes an index in place of the one before, atomically.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be written.
    pub fn write_index(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        files::write(&self.folder, &format!("{name}.idx"), bytes)
    }

    /// The names of all stored indexes, sorted.
    pub fn indexes(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".idx").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    }

    /// Reads a cache file; one that is missing, of another owner or over [`MAX_CACHE_BYTES`] is
    /// as if it were empty.
    pub fn cache(&self, name: &str) -> Option<Vec<u8>> {
        self.read(name, MAX_CACHE_BYTES).ok()
    }

    /// Writes a cache file in place of the one before, atomically.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be written.
    pub fn write_cache(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        files::write(&self.folder, name, bytes)
    }

    /// Reads a document that was kept, if it is whole.
    pub fn document<T: Storable>(&self, name: &str) -> Option<Stored<T>> {
        Stored::from_bytes(&self.cache(name)?).ok()
    }

    /// Removes the folder and everything in it. Gives how many files there were.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read or removed; a missing one is no error.
    pub fn clear(&self) -> io::Result<usize> {
        let files = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries.count(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        std::fs::remove_dir_all(&self.folder)?;
        Ok(files)
    }

    fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        files::read_owned(&self.folder.join(name), limit)
    }
}
