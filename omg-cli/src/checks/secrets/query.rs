//! The question for credentials.

use std::path::PathBuf;

use omg_secrets::Severity;

/// The bytes that are searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SearchScope {
    /// The files below a path.
    Tree,
    /// Standard input.
    Stdin,
    /// The staged changes of a repository.
    Staged,
    /// Every version of every file of a repository.
    History,
}

/// What is searched, by which rules.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    pub scope: SearchScope,
    pub path: PathBuf,
    pub respect_gitignore: bool,
    pub archives: bool,
    /// The largest file that is searched, in bytes.
    pub max_file_size: Option<u64>,
    /// Threads, instead of one for each processor.
    pub jobs: Option<u16>,
    pub baseline: Option<PathBuf>,
    pub rules: Option<PathBuf>,
    /// Whether generic rules are off.
    pub no_generic: bool,
    /// Whether names that are no secrets are found too.
    pub identifiers: bool,
    /// Whether placeholders are found too.
    pub stand_ins: bool,
    /// The least severity that fails the search.
    pub fail_on: Option<Severity>,
    /// Whether the values are shown.
    pub reveal: bool,
}
