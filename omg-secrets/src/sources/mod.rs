//! Where the bytes come from: input of any length, archives, directories, git repositories.

#[cfg(feature = "archive")]
pub mod archive;
#[cfg(feature = "git")]
pub mod git;
pub(crate) mod stream;
#[cfg(feature = "walk")]
pub(crate) mod walk;
