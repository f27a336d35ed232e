use std::io;

use thiserror::Error;

/// The package file was refused as a whole: nothing of it can be relied on.
///
/// What is merely suspicious in a file that can be read is a [`Finding`](super::Finding).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The bytes are no package: neither a tar archive with `.PKGINFO` nor a `.deb`.
    #[error("not a package file: {detail}")]
    NotAPackage {
        /// What is missing.
        detail: &'static str,
    },
    /// One of the [`Limits`](super::Limits) was reached.
    #[error("{what} is over the limit of {limit}")]
    LimitExceeded {
        /// What was counted: `size`, `unpacked size`, `members`, `metadata`, `list`.
        what: &'static str,
        /// The limit: bytes, or a number of members.
        limit: u64,
    },
    /// The input ends before the archive does.
    #[error("{part}: cut off")]
    Truncated {
        /// The part of the package that is incomplete.
        part: &'static str,
    },
    /// The archive breaks its format, or says something that programs read differently.
    #[error("{part}: {detail}")]
    Malformed {
        /// The part of the package that is broken.
        part: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// A compression or a version of the format that is not read here.
    #[error("{part}: {detail} is not supported")]
    Unsupported {
        /// The part of the package that uses it.
        part: &'static str,
        /// What it is.
        detail: String,
    },
    /// The reader that was given failed.
    #[error("cannot read the package file")]
    Read(#[source] io::Error),
}

impl ArchiveError {
    pub(super) fn malformed(part: &'static str, detail: impl ToString) -> Self {
        Self::Malformed {
            part,
            detail: detail.to_string(),
        }
    }
}
