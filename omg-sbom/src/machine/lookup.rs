//! Files and directories that need not be there.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    error::{ReadError, io_error, is_absent},
    rooted::Root,
};
use crate::model::limits;

/// The content of a file, or `None` if there is no such file. A link to nowhere is an error: it
/// says that something should be there.
pub(super) fn read_optional(
    root: &Root,
    path: &Path,
    limit: usize,
) -> Result<Option<Vec<u8>>, ReadError> {
    match root.read(path, limit) {
        Ok(content) => Ok(Some(content)),
        Err(error) if is_absent(&error) && !root.is_there(path) => Ok(None),
        Err(error) => Err(io_error(path, error)),
    }
}

/// The sorted names in a directory, or `None` if there is no such directory.
pub(super) fn list_optional(root: &Root, path: &Path) -> Result<Option<Vec<PathBuf>>, ReadError> {
    match list(root, path) {
        Ok(names) => Ok(Some(names)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(io_error(path, error)),
    }
}

/// The sorted names in a directory.
pub(super) fn list(root: &Root, path: &Path) -> io::Result<Vec<PathBuf>> {
    list_within(&root.resolve(path)?, limits::MAX_ENTRIES)
}

fn list_within(path: &Path, limit: usize) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        if names.len() >= limit {
            let detail = format!("more than {limit} directory entries");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
        }
        names.push(PathBuf::from(entry?.file_name()));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{super::error::unreadable, *};
    use crate::model::problem::ProblemKind;

    #[test]
    fn directory_entries_are_counted() {
        let directory = tempfile::TempDir::new().unwrap();
        for name in ["b", "a"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let names = list_within(directory.path(), 2).unwrap();
        assert_eq!(names, [PathBuf::from("a"), PathBuf::from("b")]);
        let error = list_within(directory.path(), 1).unwrap_err();
        assert_eq!(unreadable("x", &error).kind, ProblemKind::LimitExceeded);
    }
}
