//! A git repository: what is staged, and every version of every file in its history.
//!
//! Nothing is fetched, written or run: hooks, filters and configured programs are not
//! started.

mod history;
mod reach;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};

use crate::finding::{Finding, Fingerprint};
use crate::scanner::Scanner;

pub use self::history::history;

/// The largest blob that is scanned: 256 MiB. A larger one is a problem of the result.
pub const MAX_BLOB_BYTES: u64 = 256 << 20;

/// What was found in a repository.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Repository {
    /// The findings, sorted by path, commit and position.
    pub findings: Vec<Located>,
    /// What could not be scanned, and why.
    pub problems: Vec<Problem>,
    /// How many blobs were scanned.
    pub blobs: u64,
    /// How many bytes were scanned.
    pub bytes: u64,
    /// How many blobs were taken for binary data and left out.
    pub binary: u64,
}

/// A finding, and the version of the file that holds it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Located {
    /// The path in the repository; what is no UTF-8 is replaced.
    pub path: String,
    /// The first commit with this version of the file; `None` for what is staged, and for a file
    /// that a tag names without a commit.
    pub commit: Option<Commit>,
    /// What was found.
    pub finding: Finding,
}

/// Who brought a version of a file into the history.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Commit {
    /// The commit's id, in full.
    pub id: String,
    /// The author, as `Name <address>`.
    pub author: String,
    /// When the author says it was made.
    pub time: DateTime<Utc>,
}

/// A blob that was not scanned.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// Its path in the repository.
    pub path: String,
    /// Why.
    pub detail: String,
}

/// A repository that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct GitError {
    what: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

fn failed<E: std::error::Error + Send + Sync + 'static>(
    what: &'static str,
) -> impl FnOnce(E) -> GitError {
    move |error| GitError {
        what,
        source: Box::new(error),
    }
}

fn discover(path: &Path) -> Result<gix::Repository, GitError> {
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or(path)
    };
    gix::discover(folder).map_err(failed("no git repository"))
}

/// The folder of hooks of the repository that holds `path`. `core.hooksPath` is honoured.
///
/// # Errors
///
/// [`GitError`] if there is no repository.
pub fn hooks_dir(path: &Path) -> Result<PathBuf, GitError> {
    let repository = discover(path)?;
    let configured = repository.config_snapshot().string("core.hooksPath");
    if let Some(folder) = configured {
        let folder = PathBuf::from(folder.to_str_lossy().into_owned());
        let base = repository.workdir().unwrap_or_else(|| repository.git_dir());
        return Ok(base.join(folder));
    }
    Ok(repository.common_dir().join("hooks"))
}

/// Scans what is staged in the repository that holds `path`: of every file whose staged
/// version is not that of `HEAD`, what the version of `HEAD` did not already hold.
///
/// # Errors
///
/// [`GitError`] if there is no repository, or its index or `HEAD` cannot be read.
pub fn staged(scanner: &Scanner, path: &Path) -> Result<Repository, GitError> {
    let repository = discover(path)?;
    let index = repository
        .index_or_empty()
        .map_err(failed("cannot read the index"))?;
    let mut head: BTreeMap<BString, ObjectId> = BTreeMap::new();
    if let Ok(tree) = repository.head_tree() {
        let files = tree
            .traverse()
            .breadthfirst
            .files()
            .map_err(failed("cannot read the tree of HEAD"))?;
        head.extend(files.into_iter().map(|entry| (entry.filepath, entry.oid)));
    }
    let mut result = Repository::default();
    for entry in index.entries() {
        let name = entry.path(&index);
        let before = head.get(name).copied();
        let is_blob = entry.mode.contains(gix::index::entry::Mode::FILE)
            || entry
                .mode
                .contains(gix::index::entry::Mode::FILE_EXECUTABLE);
        if before == Some(entry.id) || !is_blob {
            continue;
        }
        let shown = name.to_str_lossy().into_owned();
        let Some(bytes) = result.read(&repository, entry.id, &shown) else {
            continue;
        };
        let mut findings: Vec<Finding> = scanner.scan_all(&bytes).collect();
        if !findings.is_empty() {
            let old = before.and_then(|id| repository.find_object(id).ok());
            let known: HashSet<Fingerprint> = old
                .map(|object| {
                    scanner
                        .scan_all(&object.data)
                        .map(|f| f.fingerprint)
                        .collect()
                })
                .unwrap_or_default();
            findings.retain(|finding| !known.contains(&finding.fingerprint));
        }
        let located = findings.into_iter().map(|finding| Located {
            path: shown.clone(),
            commit: None,
            finding,
        });
        result.findings.extend(located);
    }
    result.sort();
    Ok(result)
}

impl Repository {
    fn read(&mut self, repository: &gix::Repository, id: ObjectId, path: &str) -> Option<Vec<u8>> {
        let mut problem = |detail: String| {
            self.problems.push(Problem {
                path: path.to_owned(),
                detail,
            });
            None
        };
        match repository.find_header(id) {
            Ok(header) if header.size() > MAX_BLOB_BYTES => {
                return problem(format!(
                    "{} bytes, over the limit of {MAX_BLOB_BYTES}",
                    header.size()
                ));
            }
            Ok(_) => {}
            Err(error) => return problem(error.to_string()),
        }
        let object = match repository.find_object(id) {
            Ok(object) => object,
            Err(error) => return problem(error.to_string()),
        };
        let bytes = object.detach().data;
        if crate::sources::stream::is_binary(&bytes) {
            self.binary += 1;
            return None;
        }
        self.blobs += 1;
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Some(bytes)
    }

    fn sort(&mut self) {
        let key = |located: &Located| {
            let commit = located
                .commit
                .as_ref()
                .map(|commit| (commit.time, commit.id.clone()));
            (located.path.clone(), commit, located.finding.span.start)
        };
        self.findings.sort_by_cached_key(key);
        self.problems
            .sort_by(|a, b| (&a.path, &a.detail).cmp(&(&b.path, &b.detail)));
    }
}
