//! Directory trees: every regular file, in parallel, with bounded memory.

mod tree;
mod worker;

use std::path::Path;
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

pub use self::tree::{Located, Problem, ProblemKind, Tree};
use self::worker::{Part, Worker};
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
                max_bytes: self.max_bytes,
                open: self.archives != Archives::Closed,
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
            max_bytes: self.max_bytes,
            open: self.archives != Archives::Closed,
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

fn into_inner<T>(shared: Mutex<T>) -> T {
    shared
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
