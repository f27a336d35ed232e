//! Directory trees: every regular file, in parallel, with bounded memory.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use crate::finding::Finding;
use crate::scanner::Scanner;

/// A file is read in pieces of this size, so that its length does not matter.
const PIECE: usize = 4 << 20;
/// So much of a piece is seen again with the next one: longer than any credential.
const OVERLAP: usize = 128 << 10;
/// How much of a file is looked at to tell text from binary data.
const SNIFF: usize = 8 << 10;

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
    /// zip, tar, gzip and zstd files are opened, within `archive::Limits`; an archive over
    /// 256 MiB is a problem of the tree.
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
        walk.run(|| {
            let mut worker = Worker {
                walk: self,
                scanner,
                part: Part::new(&total),
                buffer: Vec::new(),
            };
            Box::new(move |entry| {
                worker.entry(entry);
                WalkState::Continue
            })
        });
        let mut tree = total
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        tree.findings
            .sort_by(|a, b| (&a.path, a.finding.span.start).cmp(&(&b.path, b.finding.span.start)));
        tree.problems
            .sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
        tree
    }
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
    buffer: Vec<u8>,
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
        let mut pieces = Pieces::default();
        loop {
            let last = fill(&mut file, &mut self.buffer)?;
            #[cfg(feature = "archive")]
            if pieces.first()
                && self.walk.archives == Archives::Open
                && crate::archive::is_archive(&self.buffer)
            {
                self.archive(path, &mut file, metadata.len())?;
                break;
            }
            if pieces.first() && is_binary(&self.buffer) {
                self.part.tree.binary += 1;
                break;
            }
            for finding in pieces.accepted(self.scanner, &self.buffer, last) {
                self.part.tree.findings.push(Located {
                    path: path.to_owned(),
                    finding,
                });
            }
            if last {
                self.part.tree.files += 1;
                self.part.tree.bytes += metadata.len();
                break;
            }
            pieces.advance(&mut self.buffer);
        }
        self.buffer.clear();
        self.buffer.shrink_to(PIECE + OVERLAP);
        Ok(())
    }

    #[cfg(feature = "archive")]
    fn archive(&mut self, path: &Path, file: &mut File, length: u64) -> std::io::Result<()> {
        const MAX_ARCHIVE: u64 = 256 << 20;
        if length > MAX_ARCHIVE {
            self.problem(
                path,
                ProblemKind::TooLarge,
                format!("an archive over the limit of {MAX_ARCHIVE} bytes"),
            );
            return Ok(());
        }
        file.take(MAX_ARCHIVE).read_to_end(&mut self.buffer)?;
        let bytes = std::mem::take(&mut self.buffer);
        let (scanner, tree) = (self.scanner, &mut self.part.tree);
        let result = crate::archive::members(
            &bytes,
            crate::archive::Limits::default(),
            &mut |name, member| {
                if is_binary(member) {
                    tree.binary += 1;
                    return;
                }
                tree.files += 1;
                tree.bytes += u64::try_from(member.len()).unwrap_or(u64::MAX);
                let path = PathBuf::from(format!("{}!{name}", path.display()));
                for finding in scanner.scan_all(member) {
                    tree.findings.push(Located {
                        path: path.clone(),
                        finding,
                    });
                }
            },
        );
        if let Err(error) = result {
            self.problem(path, ProblemKind::Archive, error.to_string());
        }
        Ok(())
    }
}

/// Reads until the buffer holds a piece beyond what it held; whether the file ended.
fn fill(file: &mut File, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
    let wanted = u64::try_from(PIECE + OVERLAP - buffer.len().min(OVERLAP)).unwrap_or(u64::MAX);
    let read = file.by_ref().take(wanted).read_to_end(buffer)?;
    Ok(u64::try_from(read).unwrap_or(u64::MAX) < wanted)
}

/// A zero byte at the start, and no UTF-16.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SNIFF)];
    memchr::memchr(0, head).is_some() && crate::encoding::utf16(head).is_none()
}

/// The position in a file of the piece that is being scanned.
#[derive(Default)]
struct Pieces {
    offset: usize,
    lines: usize,
    column: usize,
    /// Findings before this position of the file were reported with the piece before.
    reported: usize,
}

impl Pieces {
    fn first(&self) -> bool {
        self.offset == 0
    }

    fn accepted(&mut self, scanner: &Scanner, bytes: &[u8], last: bool) -> Vec<Finding> {
        // What begins in the last half of the overlap is seen whole with the next piece.
        let limit = if last {
            usize::MAX
        } else {
            bytes.len() - OVERLAP / 2
        };
        let mut out = Vec::new();
        for mut finding in scanner.scan_all(bytes) {
            if finding.span.start >= limit || finding.span.start + self.offset < self.reported {
                continue;
            }
            if finding.line == 1 {
                finding.column += self.column;
            }
            finding.line += self.lines;
            finding.span = finding.span.start + self.offset..finding.span.end + self.offset;
            out.push(finding);
        }
        self.reported = self.offset + limit.min(bytes.len());
        out
    }

    /// Keeps the overlap only.
    fn advance(&mut self, buffer: &mut Vec<u8>) {
        let cut = buffer.len() - OVERLAP;
        let gone = &buffer[..cut];
        self.lines += memchr::memchr_iter(b'\n', gone).count();
        let characters = |bytes: &[u8]| bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        self.column = match memchr::memrchr(b'\n', gone) {
            Some(at) => characters(&gone[at + 1..]),
            None => self.column + characters(gone),
        };
        self.offset += cut;
        buffer.drain(..cut);
    }
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
