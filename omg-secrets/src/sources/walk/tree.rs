//! The findings in a tree of files, and the files that were not scanned.

use std::path::PathBuf;

use crate::finding::Finding;

/// What was found in a tree.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tree {
    /// The findings, sorted by path and position.
    pub findings: Vec<Located>,
    /// What was not scanned, and why, sorted by path.
    pub problems: Vec<Problem>,
    /// How many files were scanned.
    pub files: u64,
    /// How many bytes were scanned.
    pub bytes: u64,
    /// How many files were taken for binary data and left out.
    pub binary: u64,
}

/// A finding and its file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Located {
    /// The file, below the root as it was given.
    pub path: PathBuf,
    /// What was found in it.
    pub finding: Finding,
}

/// Something in a tree that was not scanned.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The file or directory, below the root as it was given.
    pub path: PathBuf,
    /// Why.
    pub kind: ProblemKind,
    /// More about it, from the system.
    pub detail: String,
}

/// Why something was not scanned.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ProblemKind {
    /// It could not be opened or read.
    Unreadable,
    /// It is over the limit of bytes.
    TooLarge,
    /// It is a FIFO, a socket or a device.
    Special,
    /// It is an archive that is damaged or over a limit; members before that were scanned.
    Archive,
}

impl Tree {
    pub(super) fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (&a.path, a.finding.span.start).cmp(&(&b.path, b.finding.span.start)));
        self.problems
            .sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
    }
}
