//! The files that the next commit would change.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice as _};

use super::open::{GitError, discover, failed};
use super::result::{Located, Repository};
use crate::finding::{Finding, Fingerprint};
use crate::scanner::Scanner;

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
