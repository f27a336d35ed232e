//! One thread of a walk: what an entry is, and what is in a file.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::tree::{Located, Problem, ProblemKind, Tree};
use crate::scanner::Scanner;
use crate::sources::stream::{Buffer, Seen, Stream};

/// What one thread found; it is added to the whole when the thread ends.
pub(super) struct Part<'a> {
    tree: Tree,
    total: &'a Mutex<Tree>,
}

impl<'a> Part<'a> {
    pub(super) fn new(total: &'a Mutex<Tree>) -> Self {
        Self {
            tree: Tree::default(),
            total,
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        // What is in order already takes the one that puts all in order little time.
        self.tree.sort();
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

pub(super) struct Worker<'a> {
    /// The largest file that is scanned.
    pub(super) max_bytes: u64,
    /// Whether archives are opened.
    pub(super) open: bool,
    pub(super) scanner: &'a Scanner,
    pub(super) part: Part<'a>,
    /// Archives that are opened later, and whether each is the root; `None` when it is later.
    pub(super) archives: Option<&'a Mutex<Vec<(PathBuf, bool)>>>,
    pub(super) buffer: Buffer,
}

impl Worker<'_> {
    pub(super) fn entry(&mut self, entry: Result<ignore::DirEntry, ignore::Error>) {
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

    pub(super) fn file(&mut self, path: &Path, is_root: bool) {
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
        if metadata.len() > self.max_bytes {
            let detail = format!(
                "{} bytes, over the limit of {}",
                metadata.len(),
                self.max_bytes
            );
            self.problem(path, ProblemKind::TooLarge, detail);
            return Ok(());
        }
        let open = self.open;
        let stop = |head: &[u8]| open && is_archive(head);
        // A file that does not tell its length, as in /proc, is read as it comes.
        let length = metadata.len();
        let limit = if length == 0 {
            self.max_bytes.saturating_add(1)
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
            Seen::Text if outcome.bytes > self.max_bytes => {
                let detail = format!("over the limit of {} bytes", self.max_bytes);
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
        let limits = crate::sources::archive::Limits::default();
        let (scanner, buffer) = (self.scanner, &mut self.buffer);
        let tree = &mut self.part.tree;
        let result = crate::sources::archive::members(file, limits, &mut |name, member| {
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
use crate::sources::archive::is_archive;

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
