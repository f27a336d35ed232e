//! Directory trees: every regular file, in parallel, with bounded memory.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use crate::finding::Finding;
use crate::scanner::Scanner;
use crate::stream::{Buffer, Seen, Stream};

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

    /// Scans the file or the tree at `root`. Each thread holds at most about 5 MiB of files.
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
        tree.findings
            .sort_by(|a, b| (&a.path, a.finding.span.start).cmp(&(&b.path, b.finding.span.start)));
        tree.problems
            .sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
        tree
    }
}

fn into_inner<T>(shared: Mutex<T>) -> T {
    shared
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What one thread found; it is added to the whole when the thread ends.
struct Part<'a> {
    tree: Tree,
    total: &'a Mutex<Tree>,
}

impl<'a> Part<'a> {
    fn new(total: &'a Mutex<Tree>) -> Self {
        Self {
            tree: Tree::default(),
            total,
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        let mut total = self
            .total
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        total.findings.append(&mut self.tree.findings);
        total.problems.append(&mut self.tree.problems);
        total.files += self.tree.files;
        total.bytes += self.tree.bytes;
        total.binary += self.tree.binary;
    }
}

struct Worker<'a> {
    walk: &'a Walk,
    scanner: &'a Scanner,
    part: Part<'a>,
    /// Archives that are opened later, and whether each is the root; `None` when it is later.
    archives: Option<&'a Mutex<Vec<(PathBuf, bool)>>>,
    buffer: Buffer,
}

impl Worker<'_> {
    fn entry(&mut self, entry: Result<ignore::DirEntry, ignore::Error>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (path, detail) = described(&error);
                return self.problem(&path, ProblemKind::Unreadable, detail);
            }
        };
        let Some(kind) = entry.file_type() else {
            return;
        };
        let special =
            kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device();
        if special {
            self.problem(
                entry.path(),
                ProblemKind::Special,
                "not a regular file".to_owned(),
            );
        } else if kind.is_file() || kind.is_symlink() && entry.depth() == 0 {
            self.file(entry.path(), entry.depth() == 0);
        }
    }

    fn problem(&mut self, path: &Path, kind: ProblemKind, detail: String) {
        self.part.tree.problems.push(Problem {
            path: path.to_owned(),
            kind,
            detail,
        });
    }

    fn file(&mut self, path: &Path, is_root: bool) {
        if let Err(error) = self.read(path, is_root) {
            self.problem(path, ProblemKind::Unreadable, error.to_string());
        }
    }

    fn read(&mut self, path: &Path, is_root: bool) -> std::io::Result<()> {
        // The entry may have become a FIFO or a link since it was listed: neither is to
        // block or lead elsewhere.
        let follow = if is_root { 0 } else { libc::O_NOFOLLOW };
        let mut file = File::options()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | follow)
            .open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            self.problem(path, ProblemKind::Special, "not a regular file".to_owned());
            return Ok(());
        }
        if metadata.len() > self.walk.max_bytes {
            let detail = format!(
                "{} bytes, over the limit of {}",
                metadata.len(),
                self.walk.max_bytes
            );
            self.problem(path, ProblemKind::TooLarge, detail);
            return Ok(());
        }
        let open = self.walk.archives != Archives::Closed;
        let stop = |head: &[u8]| open && is_archive(head);
        // A file that does not tell its length, as in /proc, is read as it comes.
        let length = metadata.len();
        let limit = if length == 0 {
            self.walk.max_bytes.saturating_add(1)
        } else {
            length
        };
        let mut bounded = (&mut file).take(limit);
        let tree = &mut self.part.tree;
        let found = &mut |finding| {
            tree.findings.push(Located {
                path: path.to_owned(),
                finding,
            });
        };
        let mut stream = Stream {
            scanner: self.scanner,
            buffer: &mut self.buffer,
            stop: &stop,
        };
        let outcome = stream.scan(&mut bounded, length, found)?;
        match outcome.seen {
            Seen::Stopped => match self.archives {
                Some(later) => later
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .push((path.to_owned(), is_root)),
                None => self.archive(path, file)?,
            },
            Seen::Binary => self.part.tree.binary += 1,
            Seen::Text if outcome.bytes > self.walk.max_bytes => {
                let detail = format!("over the limit of {} bytes", self.walk.max_bytes);
                self.problem(path, ProblemKind::TooLarge, detail);
            }
            Seen::Text => {
                self.part.tree.files += 1;
                self.part.tree.bytes += outcome.bytes;
            }
        }
        Ok(())
    }

    #[cfg(not(feature = "archive"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps)]
    fn archive(&mut self, _: &Path, _: File) -> std::io::Result<()> {
        Ok(())
    }

    #[cfg(feature = "archive")]
    fn archive(&mut self, path: &Path, mut file: File) -> std::io::Result<()> {
        use std::io::Seek as _;

        file.rewind()?;
        let file = std::io::BufReader::new(file);
        let limits = crate::archive::Limits::default();
        let (scanner, buffer) = (self.scanner, &mut self.buffer);
        let tree = &mut self.part.tree;
        let result = crate::archive::members(file, limits, &mut |name, member| {
            let path = PathBuf::from(format!("{}!{name}", path.display()));
            let found = &mut |finding| {
                let path = path.clone();
                tree.findings.push(Located { path, finding });
            };
            let mut stream = Stream {
                scanner,
                buffer,
                stop: &|_| false,
            };
            let outcome = stream.scan(member, 0, found)?;
            match outcome.seen {
                Seen::Text => {
                    tree.files += 1;
                    tree.bytes += outcome.bytes;
                }
                _ => tree.binary += 1,
            }
            Ok(())
        });
        if let Err(error) = result {
            let detail = match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            self.problem(path, ProblemKind::Archive, detail);
        }
        Ok(())
    }
}

#[cfg(feature = "archive")]
use crate::archive::is_archive;

#[cfg(not(feature = "archive"))]
fn is_archive(_: &[u8]) -> bool {
    false
}

fn described(error: &ignore::Error) -> (PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path.clone(), described(err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            described(err)
        }
        ignore::Error::Io(io) if io.kind() == ErrorKind::PermissionDenied => {
            (PathBuf::new(), "permission denied".to_owned())
        }
        other => (PathBuf::new(), other.to_string()),
    }
}
