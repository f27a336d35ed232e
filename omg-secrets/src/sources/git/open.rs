//! The repository that holds a path, opened.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice as _;

/// So many trees, which stand anywhere in the packs, are read before.
const TREES: usize = if cfg!(test) { 8 } else { 1024 };

/// A repository that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct GitError {
    what: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

pub(super) fn failed<E: std::error::Error + Send + Sync + 'static>(
    what: &'static str,
) -> impl FnOnce(E) -> GitError {
    move |error| GitError {
        what,
        source: Box::new(error),
    }
}

pub(super) fn discover(path: &Path) -> Result<gix::Repository, GitError> {
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

/// A repository that is unmapped and opened again.
pub(super) struct Opened {
    pub(super) repository: gix::Repository,
    trees: usize,
}

impl Opened {
    pub(super) fn new(repository: gix::Repository) -> Self {
        Self {
            repository,
            trees: 0,
        }
    }

    pub(super) fn again(&mut self) -> Result<(), GitError> {
        let options = self.repository.open_options().clone();
        self.repository = gix::open_opts(self.repository.git_dir(), options)
            .map_err(failed("cannot open the repository again"))?;
        self.trees = 0;
        Ok(())
    }

    pub(super) fn for_a_tree(&mut self) -> Result<&gix::Repository, GitError> {
        if self.trees >= TREES {
            self.again()?;
        }
        self.trees += 1;
        Ok(&self.repository)
    }
}
