//! Directory trees: every regular file, in parallel, with bounded memory.

mod worker;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use self::worker::{Part, Worker};
use crate::finding::Finding;
use crate::scanner::Scanner;
use crate::sources::stream::Buffer;

/// Whether `.gitignore`, `.ignore` and git's exclude files leave files out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IgnoreFiles {
    /// They are not looked at: what is ignored by git can still leak.
    #[default]
    Disregard,
    /// What they name is left out.
    Respect,
}

/// Whether archives are opened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Archives {
    /// They are binary data.
    #[default]
    Closed,
    /// zip, tar, gzip and zstd files are opened, within `archive::Limits`.
    #[cfg(feature = "archive")]
    Open,
}

/// Options for scanning a tree.
#[derive(Clone, Debug)]
#[must_use]
pub struct Walk {
    ignore_files: IgnoreFiles,
    archives: Archives,
    max_bytes: u64,
    threads: usize,
}

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

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

impl Walk {
    /// The defaults: all files, hidden ones too, without regard to ignore files; at most
    /// 2 GiB of a file; one thread. Symbolic links below the root are not followed, and the
    /// folder `.git` is left out.
    pub fn new() -> Self {
        Self {
            ignore_files: IgnoreFiles::default(),
            archives: Archives::default(),
            max_bytes: 2 << 30,
            threads: 1,
        }
    }

    /// Whether ignore files are respected (default: not).
    pub fn ignore_files(mut self, ignore_files: IgnoreFiles) -> Self {
        self.ignore_files = ignore_files;
        self
    }

    /// Whether archives are opened (default: not).
    pub fn archives(mut self, archives: Archives) -> Self {
        self.archives = archives;
        self
    }

    /// The largest file that is scanned, in bytes (default: 2 GiB). A larger one is a
    /// problem of the tree.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How many threads scan (default: one; zero counts as one).
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Scans the file or the tree at `root`. Each thread holds at most about 3 MiB of files.
    ///
    /// Nothing fails as a whole: what could not be read is among the problems. A path that
    /// is too long for the system is one of them.
    #[must_use]
    pub fn scan(&self, scanner: &Scanner, root: &Path) -> Tree {
        let respect = self.ignore_files == IgnoreFiles::Respect;
        let walk = WalkBuilder::new(root)
            .standard_filters(false)
            .git_ignore(respect)
            .git_exclude(respect)
            .git_global(false)
            .ignore(respect)
            .parents(respect)
            .require_git(false)
            .follow_links(false)
            .threads(self.threads)
            .filter_entry(|entry| entry.file_name() != ".git" || entry.depth() == 0)
            .build_parallel();
        let total = Mutex::new(Tree::default());
        let archives = Mutex::new(Vec::new());
        walk.run(|| {
            let mut worker = Worker {
                walk: self,
                scanner,
                part: Part::new(&total),
                archives: Some(&archives),
                buffer: Buffer::default(),
            };
            Box::new(move |entry| {
                worker.entry(entry);
                WalkState::Continue
            })
        });
        // One after the other: each may need the memory that `archive::Limits` names.
        let mut archives = into_inner(archives);
        archives.sort();
        let mut worker = Worker {
            walk: self,
            scanner,
            part: Part::new(&total),
            archives: None,
            buffer: Buffer::default(),
        };
        for (path, is_root) in archives {
            worker.file(&path, is_root);
        }
        drop(worker);
        let mut tree = into_inner(total);
        tree.sort();
        tree
    }
}

impl Tree {
    fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (&a.path, a.finding.span.start).cmp(&(&b.path, b.finding.span.start)));
        self.problems
            .sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
    }
}

fn into_inner<T>(shared: Mutex<T>) -> T {
    shared
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
