//! How far archives are opened, and the errors where one is not read to its end.

/// How far archives are opened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many formats may be within each other (default: 4, so that a `.tar.gz` within a
    /// `.tar.zst` is opened).
    pub depth: usize,
    /// How many bytes may come out of one archive, all members together (default: 1 GiB).
    pub bytes: u64,
    /// How many members one archive may have, all depths together (default: 100,000).
    pub members: usize,
    /// How many bytes a zip file within another archive may have, since it is held in memory
    /// (default: 8 MiB). The directory of a zip file, which takes up to ten times its length in
    /// memory, may have half of that, and an eighth within another archive.
    pub memory: u64,
    /// The largest window of a zstd file (default: 32 MiB, which `zstd --ultra -20` uses).
    pub window: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 4,
            bytes: 1 << 30,
            members: 100_000,
            memory: 8 << 20,
            window: 32 << 20,
        }
    }
}

/// An archive that was not read to its end. What came before was given to the caller.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// More formats within each other than the limit.
    #[error("archives within archives over the limit of {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// More bytes came out than the limit: perhaps a bomb.
    #[error("unpacks to more than the limit of {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// More memory would be needed than the limit.
    #[error("needs more memory than the limit of {limit} bytes")]
    TooMuchMemory {
        /// The limit.
        limit: u64,
    },
    /// More members than the limit.
    #[error("more members than the limit of {limit}")]
    TooManyMembers {
        /// The limit.
        limit: usize,
    },
    /// It is damaged, encrypted or uses a method that is not known.
    #[error("cannot be unpacked")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pub(super) fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> ArchiveError {
    ArchiveError::Damaged(Box::new(error))
}
