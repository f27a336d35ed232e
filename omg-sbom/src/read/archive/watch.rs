//! Why a read failed, behind decompressors that only know `io::Error`.

use std::{
    cell::{Cell, RefCell},
    io::{self, Read},
};

use sha2::Digest as _;

use super::error::ArchiveError;
use crate::model::digest::Sha256;

/// What the readers of one package file noticed, innermost first.
#[derive(Debug, Default)]
pub(super) struct Watch {
    cause: RefCell<Option<ArchiveError>>,
    ended: Cell<bool>,
}

impl Watch {
    /// The reason for an error: what a reader noted, the end of the input, or a broken format.
    pub(super) fn reason(&self, part: &'static str, error: &io::Error) -> ArchiveError {
        let noted = self.cause.take();
        noted.unwrap_or_else(|| {
            if self.ended.get() || error.kind() == io::ErrorKind::UnexpectedEof {
                ArchiveError::Truncated { part }
            } else {
                ArchiveError::malformed(part, error)
            }
        })
    }

    fn note(&self, cause: ArchiveError) -> io::Error {
        self.cause.borrow_mut().get_or_insert(cause);
        io::ErrorKind::Other.into()
    }
}

/// The input itself: counts and hashes, and remembers its failure and its end.
pub(super) struct Source<'w, R> {
    inner: R,
    sha256: sha2::Sha256,
    left: u64,
    limit: u64,
    watch: &'w Watch,
}

impl<'w, R> Source<'w, R> {
    pub(super) fn new(inner: R, limit: u64, watch: &'w Watch) -> Self {
        Self {
            inner,
            sha256: sha2::Sha256::new(),
            left: limit,
            limit,
            watch,
        }
    }

    /// Bytes that were read.
    pub(super) fn count(&self) -> u64 {
        self.limit.saturating_sub(self.left)
    }
}

impl<R: Read> Source<'_, R> {
    /// Reads the rest, which no member needs, so that the digest is that of the whole input.
    pub(super) fn finish(&mut self) -> io::Result<Sha256> {
        io::copy(self, &mut io::sink())?;
        let digest: [u8; 32] = self.sha256.clone().finalize().into();
        Ok(Sha256::from(digest))
    }
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.inner.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.watch.note(ArchiveError::Read(error))),
        };
        if count == 0 && !buffer.is_empty() {
            self.watch.ended.set(true);
        }
        let left = self.left.checked_sub(count as u64);
        self.left = left.ok_or_else(|| {
            let limit = self.limit;
            let what = "size";
            self.watch.note(ArchiveError::LimitExceeded { what, limit })
        })?;
        if let Some(read) = buffer.get(..count) {
            self.sha256.update(read);
        }
        Ok(count)
    }
}

/// What comes out of a decompressor: counts against the budget of the whole package, and
/// watches how it ends.
pub(super) struct Unpacked<'w, R> {
    inner: R,
    left: &'w Cell<u64>,
    limit: u64,
    watch: &'w Watch,
    /// Bytes at the end of what was read that are zero.
    trailing_zeros: usize,
}

impl<'w, R> Unpacked<'w, R> {
    pub(super) fn new(inner: R, left: &'w Cell<u64>, limit: u64, watch: &'w Watch) -> Self {
        Self {
            inner,
            left,
            limit,
            watch,
            trailing_zeros: 0,
        }
    }

    pub(super) fn trailing_zeros(&self) -> usize {
        self.trailing_zeros
    }
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64).ok_or_else(|| {
            let limit = self.limit;
            let what = "unpacked size";
            self.watch.note(ArchiveError::LimitExceeded { what, limit })
        })?;
        self.left.set(left);
        let got = buffer.iter().take(count);
        let zeros = got.rev().take_while(|byte| **byte == 0).count();
        self.trailing_zeros = match zeros == count {
            true => self.trailing_zeros.saturating_add(zeros),
            false => zeros,
        };
        Ok(count)
    }
}
