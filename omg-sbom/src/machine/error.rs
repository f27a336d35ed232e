use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::model::{
    error::ParseError,
    problem::{Problem, ProblemKind, shorten},
};

/// A file or directory could not be read, or its content was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system refused, or the file is not what it should be.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path, as seen from the root where one was given.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file was read and its content refused.
    #[error("{}: {source}", path.display())]
    Parse {
        /// The path, as seen from the root where one was given.
        path: PathBuf,
        /// The reason.
        source: ParseError,
    },
    /// A database is there that this crate does not read.
    #[error("{}: {what} are not supported", path.display())]
    Unsupported {
        /// The path, as seen from the root.
        path: PathBuf,
        /// The kind of database.
        what: &'static str,
    },
    /// No package database was found below the root.
    #[error("{}: no package database", root.display())]
    NoDatabase {
        /// The root that was searched.
        root: PathBuf,
    },
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

pub(super) fn unreadable(subject: &str, error: &io::Error) -> Problem {
    Problem::new(shorten(subject), kind_of_io(error), error.to_string())
}

pub(super) fn kind_of_io(error: &io::Error) -> ProblemKind {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ProblemKind::LimitExceeded,
        _ => ProblemKind::Unreadable,
    }
}

pub(super) fn kind_of_parse(error: &ParseError) -> ProblemKind {
    match error {
        ParseError::TooLarge { .. } | ParseError::TooManyEntries { .. } => {
            ProblemKind::LimitExceeded
        }
        _ => ProblemKind::Malformed,
    }
}

impl ReadError {
    pub(super) fn into_problem(self) -> Problem {
        match self {
            Self::Io { path, source } => unreadable(&path.to_string_lossy(), &source),
            Self::Parse { path, source } => {
                let subject = shorten(&path.to_string_lossy());
                Problem::new(subject, kind_of_parse(&source), source.to_string())
            }
            Self::Unsupported { path, what } => {
                let subject = shorten(&path.to_string_lossy());
                let detail = format!("{what} are not supported");
                Problem::new(subject, ProblemKind::Unreadable, detail)
            }
            Self::NoDatabase { root } => {
                let subject = shorten(&root.to_string_lossy());
                Problem::new(subject, ProblemKind::Unreadable, "no package database")
            }
        }
    }
}

pub(super) fn io_error(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_owned(),
        source,
    }
}

pub(super) fn parse_error(path: &Path, source: ParseError) -> ReadError {
    ReadError::Parse {
        path: path.to_owned(),
        source,
    }
}
