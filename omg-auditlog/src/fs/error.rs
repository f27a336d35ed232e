//! What can go wrong with a log on disk.

use std::io;
use std::path::PathBuf;

use crate::error::Error;
use crate::verify::Break;

/// Why a log cannot be opened, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The system refused something.
    #[error("cannot {doing} the log")]
    Io {
        /// What was being done: "open", "lock", "read", …
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// There was no room for the entries. None of them was written, and the log is as it was.
    #[error("no room for the entries; the log is as it was")]
    NoSpace {
        /// What the system said.
        source: io::Error,
    },
    /// What was written may not be on the disk. This handle takes nothing more, since a second
    /// attempt could succeed without the bytes being there; open the log anew.
    #[error("the entries may not be on the disk")]
    NotDurable {
        /// What the system said.
        source: io::Error,
    },
    /// An earlier append could not be made durable or taken back.
    #[error("an earlier append failed; open the log anew")]
    Poisoned,
    /// The log is damaged where the next entry would follow. Nothing was written.
    #[error("the log is damaged: {0}")]
    Damaged(Box<Break>),
    /// The log is of another format or begins without its first entry.
    #[error("not a log of this format: {0}")]
    NotALog(String),
    /// There is no checkpoint beside the log that this key signed, so that nothing would prove
    /// what is left. Nothing was removed.
    #[error("no checkpoint by {key} is beside the log, and without one nothing is pruned")]
    NoCheckpoint {
        /// The key, by name and number.
        key: String,
    },
    /// An event cannot be made an entry.
    #[error(transparent)]
    Entry(#[from] Error),
}

/// Why a file is not safe to be a log.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path} {why}", path = .path.display())]
#[non_exhaustive]
pub struct UnsafePath {
    /// The file or directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Adds to a failed call what it was for.
pub(crate) fn while_<T>(doing: &'static str, result: io::Result<T>) -> Result<T, LogError> {
    result.map_err(|source| LogError::Io { doing, source })
}
