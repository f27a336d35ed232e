//! The entries of a log on disk: the last ones, all of them, those from a place on; proofs.

use std::io::{BufRead as _, BufReader, Read as _};

use crate::entry::{Entry, MAX_ENTRY_BYTES};
use crate::fs::error::{LogError, while_};
use crate::fs::reader::LogReader;
use crate::fs::storage::Stretch;
use crate::fs::tail::at;
use crate::hash::Hash;
use crate::merkle::{ConsistencyProof, InclusionProof, Prover};
use crate::query::Filter;
use crate::verify::BreakKind;

/// How many bytes are looked at at once, from the end backwards.
const STEP: u64 = 64 * 1024;

/// How far somebody has read a log: the entry that was read last, and where it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Cursor {
    /// The byte after the entry's line.
    pub offset: u64,
    /// The entry's number.
    pub seq: u64,
    /// The entry's hash.
    pub hash: Hash,
}

impl Cursor {
    /// A cursor from its parts.
    #[must_use]
    pub fn new(offset: u64, seq: u64, hash: Hash) -> Self {
        Self { offset, seq, hash }
    }
}

impl LogReader {
    /// The entries after a cursor, or all, in their order, until `each` returns `false`; where
    /// the last one ends. Each must follow the one before, and the first the cursor's: a log that
    /// was cut off or written anew since then is not read on. A torn end is no entry yet.
    ///
    /// # Errors
    ///
    /// [`LogError::Damaged`] if a line is no entry or does not follow, if the log is shorter than
    /// the cursor says or has another entry there, and, as a gap, if entries were pruned that
    /// the cursor has not reached.
    pub fn after(
        &self,
        cursor: Option<&Cursor>,
        mut each: impl FnMut(Entry) -> bool,
    ) -> Result<Option<Cursor>, LogError> {
        let mut last = cursor.copied();
        if let Some(cursor) = cursor {
            self.check_cursor(cursor)?;
        }
        let from = cursor.map_or(0, |cursor| cursor.offset);
        let mut lines = BufReader::with_capacity(256 * 1024, self.read_from(from));
        let mut offset = from.max(self.start());
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = (&mut lines).take(MAX_ENTRY_BYTES as u64 + 1);
            let count = while_("read", limited.read_until(b'\n', &mut line))?;
            if line.last() != Some(&b'\n') && count <= MAX_ENTRY_BYTES {
                return Ok(last);
            }
            let next = last.map_or(self.first_seq(), |last| last.seq + 1);
            let entry = Entry::from_line(&line);
            let entry = entry
                .map_err(|error| broken(BreakKind::Malformed, next, offset, &error.to_string()))?;
            if entry.seq() != next {
                let detail = format!("entry {} stands where entry {next} should", entry.seq());
                return Err(broken(BreakKind::Gap, next, offset, &detail));
            }
            if last.is_some_and(|last| last.hash != entry.prev()) {
                let detail = "it does not follow the entry before it";
                return Err(broken(BreakKind::ChainBroken, next, offset, detail));
            }
            offset += count as u64;
            last = Some(Cursor::new(offset, next, entry.hash()));
            if !each(entry) {
                return Ok(last);
            }
        }
    }

    /// Whether the cursor's entry is where it was.
    fn check_cursor(&self, cursor: &Cursor) -> Result<(), LogError> {
        let Cursor { offset, seq, hash } = *cursor;
        if offset > self.bytes() {
            let detail = format!("the log ends here, and was read up to byte {offset} before");
            return Err(broken(BreakKind::Truncated, seq, self.bytes(), &detail));
        }
        if offset < self.start() {
            let detail = format!("pruned up to entry {}", self.first_seq());
            return Err(broken(BreakKind::Gap, seq + 1, self.start(), &detail));
        }
        let before = match &self.base {
            Some(base) if base.resume.offset == offset => base.resume.tree.last().map(|l| l.0),
            _ => self.entry_before(offset).map(|entry| entry.hash()),
        };
        if before != Some(hash) {
            let detail = format!("entry {seq} is not the one that was read before");
            return Err(broken(BreakKind::HistoryRewritten, seq, offset, &detail));
        }
        Ok(())
    }

    /// The entry whose line ends at this byte.
    pub(crate) fn entry_before(&self, offset: u64) -> Option<Entry> {
        let from = offset
            .saturating_sub(MAX_ENTRY_BYTES as u64 + 2)
            .max(self.start());
        let mut bytes = Vec::new();
        let length = offset.checked_sub(from)?;
        self.read_from(from)
            .take(length)
            .read_to_end(&mut bytes)
            .ok()?;
        let lines = bytes.strip_suffix(b"\n")?;
        let start = memchr::memrchr(b'\n', lines).map_or(0, |at| at + 1);
        Entry::from_line(&lines[start..]).ok()
    }

    /// The last so many entries that the filter takes, the newest last. Reads backwards, and no
    /// more than it needs. Lines that are no entries are passed over: what they are, a
    /// verification says.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if it cannot be read.
    pub fn last(&self, count: usize, filter: &Filter) -> Result<Vec<Entry>, LogError> {
        let mut found = Vec::new();
        'files: for (file, len) in self.files.iter().rev() {
            let mut end = *len;
            // The start of the block after this one, up to its first line feed.
            let mut rest: Vec<u8> = Vec::new();
            while end > 0 && found.len() < count {
                let from = end.saturating_sub(STEP);
                let mut block = Vec::new();
                while_(
                    "read",
                    Stretch::new(file, from, end).read_to_end(&mut block),
                )?;
                block.append(&mut rest);
                let first = if from == 0 {
                    0
                } else {
                    memchr::memchr(b'\n', &block).map_or(block.len(), |at| at + 1)
                };
                for line in block[first..].split(|byte| *byte == b'\n').rev() {
                    let entry = Entry::from_line(line).ok();
                    found.extend(entry.filter(|entry| filter.matches(entry)));
                    if found.len() >= count {
                        break 'files;
                    }
                }
                block.truncate(first);
                // A line longer than an entry can be is none.
                if block.len() <= 2 * MAX_ENTRY_BYTES {
                    rest = block;
                }
                end = from;
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Every entry that the filter takes, the oldest first, each handed over once; stops when
    /// `each` returns `false`. Lines that are no entries are passed over.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if it cannot be read.
    pub fn each(&self, filter: &Filter, each: impl FnMut(Entry) -> bool) -> Result<(), LogError> {
        self.each_from(0, filter, each).map(|_| ())
    }

    /// As [`LogReader::each`], from an offset where a line starts; the offset after the last
    /// whole line. A log that is opened again later gives what was added from there on.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if it cannot be read.
    pub fn each_from(
        &self,
        offset: u64,
        filter: &Filter,
        mut each: impl FnMut(Entry) -> bool,
    ) -> Result<u64, LogError> {
        let mut reader = BufReader::with_capacity(256 * 1024, self.read_from(offset));
        let mut line = Vec::new();
        let mut at = offset.max(self.start());
        loop {
            line.clear();
            let limit = MAX_ENTRY_BYTES as u64 + 1;
            let mut limited = (&mut reader).take(limit);
            let count = while_("read", limited.read_until(b'\n', &mut line))?;
            let whole = line.last() == Some(&b'\n');
            if count == 0 || (!whole && (count as u64) < limit) {
                return Ok(at);
            }
            at += count as u64;
            let entry = Entry::from_line(&line).ok();
            if let Some(entry) = entry.filter(|entry| filter.matches(entry))
                && !each(entry)
            {
                return Ok(at);
            }
        }
    }

    /// The proof that an entry is in the tree of the first `size` entries, with the entry.
    ///
    /// # Errors
    ///
    /// [`LogError::Entry`] with [`Error::NoSuchProof`](crate::Error::NoSuchProof) if the log has
    /// not so many entries.
    pub fn prove(&self, seq: u64, size: u64) -> Result<(InclusionProof, Entry), LogError> {
        let mut prover = Prover::inclusion(seq, size)?;
        if let Some(base) = &self.base {
            prover = prover.after(&base.resume.tree)?;
        }
        let mut proved = None;
        self.each(&Filter::new(), |entry| {
            prover.push(entry.hash());
            let number = entry.seq();
            if number == seq {
                proved = Some(entry);
            }
            number + 1 < size
        })?;
        let none = crate::Error::NoSuchProof { index: seq, size };
        let proof = prover.into_inclusion()?;
        Ok((proof, proved.ok_or(none)?))
    }

    /// The proof that the tree of the first `new` entries continues that of the first `old`.
    ///
    /// # Errors
    ///
    /// [`LogError::Entry`] with [`Error::NoSuchProof`](crate::Error::NoSuchProof) if the log has
    /// not so many entries, or those that the proof needs were pruned.
    pub fn consistency(&self, old: u64, new: u64) -> Result<ConsistencyProof, LogError> {
        let mut prover = Prover::consistency(old, new)?;
        if let Some(base) = &self.base {
            prover = prover.after(&base.resume.tree)?;
        }
        self.each(&Filter::new(), |entry| {
            prover.push(entry.hash());
            entry.seq() + 1 < new
        })?;
        Ok(prover.into_consistency()?)
    }
}

fn broken(kind: BreakKind, seq: u64, offset: u64, detail: &str) -> LogError {
    let mut found = at(seq, offset, detail);
    found.kind = kind;
    LogError::Damaged(Box::new(found))
}
