//! How many bytes may still come out of an archive, shared by all that read from it.

use std::cell::Cell;
use std::io::{Error, Read, Result, Seek, SeekFrom};
use std::rc::Rc;

/// Bytes that may still be read.
#[derive(Clone)]
pub(super) struct Budget(Rc<Cell<Left>>);

#[derive(Clone, Copy)]
enum Left {
    Bytes(u64),
    Spent,
    Unlimited,
}

impl Budget {
    pub(super) fn new(bytes: u64) -> Self {
        Self(Rc::new(Cell::new(Left::Bytes(bytes))))
    }

    /// Whether more was asked for than there was.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.0.get(), Left::Spent)
    }

    /// Ends the limit.
    pub(super) fn lift(&self) {
        self.0.set(Left::Unlimited);
    }

    pub(super) fn meter<R>(self, reader: R) -> Metered<R> {
        Metered {
            reader,
            budget: self,
        }
    }
}

/// A reader that takes what it reads from a budget.
pub(super) struct Metered<R> {
    reader: R,
    budget: Budget,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let count = self.reader.read(out)?;
        let left = match self.budget.0.get() {
            Left::Unlimited => return Ok(count),
            Left::Spent => None,
            Left::Bytes(left) => left.checked_sub(u64::try_from(count).unwrap_or(u64::MAX)),
        };
        self.budget.0.set(left.map_or(Left::Spent, Left::Bytes));
        match left {
            Some(_) => Ok(count),
            None => Err(Error::other("over the limit")),
        }
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.reader.seek(to)
    }
}
