//! The findings in a repository, and the one way to read a blob.

use chrono::{DateTime, Utc};
use gix::ObjectId;

use crate::finding::Finding;
use crate::sources::stream::is_binary;

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

impl Repository {
    pub(super) fn read(
        &mut self,
        repository: &gix::Repository,
        id: ObjectId,
        path: &str,
    ) -> Option<Vec<u8>> {
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
        if is_binary(&bytes) {
            self.binary += 1;
            return None;
        }
        self.blobs += 1;
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Some(bytes)
    }

    pub(super) fn sort(&mut self) {
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
