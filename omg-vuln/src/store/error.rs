//! Why a file, folder or archive of advisories cannot be used.

use crate::ParseError;

/// A file, folder or archive of advisories that cannot be used as a whole.
///
/// One broken record among good ones is no such error: see
/// [`ParsedFeeds::broken`](super::ParsedFeeds::broken).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// A file cannot be read or is over the limit for its kind.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A document is not what it looks like.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The ZIP archive cannot be read.
    #[error(transparent)]
    Archive(ArchiveError),
    /// The ZIP archive has more members than are read.
    #[error("it has {members} members, over the limit of {limit}")]
    TooManyMembers {
        /// How many it has.
        members: usize,
        /// The most that are read.
        limit: usize,
    },
    /// The members of the ZIP archive have more bytes than are read.
    #[error("it unpacks to over {limit} bytes")]
    UnpacksTooLarge {
        /// The most that are read, in bytes.
        limit: u64,
    },
    /// The folder has more files than are read.
    #[error("over {limit} files")]
    TooManyFiles {
        /// The most that are read.
        limit: usize,
    },
    /// The ZIP archive holds no OSV record.
    #[error("it holds no OSV record")]
    EmptyArchive,
    /// The folder holds no file of a known kind.
    #[error("it holds no .json, .zip, .csv or .gz file")]
    EmptyFolder,
    /// The document is of no known kind.
    #[error("neither the Arch tracker's feed, OSV, KEV nor EPSS")]
    UnknownKind,
}

/// A ZIP reader's own error, kept opaque so that its major releases are not ours.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ArchiveError(zip::result::ZipError);

impl FeedError {
    pub(super) fn archive(error: zip::result::ZipError) -> Self {
        Self::Archive(ArchiveError(error))
    }
}
