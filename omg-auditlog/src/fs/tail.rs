//! The end of a log: its last whole line, and what a crash left after it.

use std::io::Read as _;

use crate::chain::Chain;
use crate::checkpoint::SignedCheckpoint;
use crate::entry::{Entry, MAX_ENTRY_BYTES};
use crate::event::{Event, EventKind, Severity};
use crate::fs::error::{LogError, while_};
use crate::fs::storage::{Storage, StorageFile, Stretch};
use crate::hash::Hash;
use crate::note::MAX_NOTE_BYTES;
use crate::verify::{Break, BreakKind};

/// The longest torn end that is moved aside, in bytes: the longest batch that may be written.
pub(crate) const MAX_TORN: u64 = 256 * 1024 * 1024;

/// How many bytes are looked at at once, from the end backwards.
const STEP: u64 = 4096;

/// The end of a log.
#[derive(Debug)]
pub(crate) struct Tail {
    /// The last whole line; none in an empty log.
    pub last: Option<Entry>,
    /// Bytes up to and including the last line feed.
    pub lines: u64,
    /// Bytes after it.
    pub torn: u64,
}

impl Tail {
    pub(crate) fn end_of_lines(&self) -> u64 {
        self.lines
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.seq() + 1)
    }
}

/// Reads the last line of a file.
pub(crate) fn read(file: &impl StorageFile) -> Result<Tail, LogError> {
    let len = while_("read", file.len())?;
    let lines = last_line_feed(file, len, MAX_TORN)?;
    let torn = len - lines;
    if lines == 0 {
        let last = None;
        return Ok(Tail { last, lines, torn });
    }
    let limit = MAX_ENTRY_BYTES as u64 + 1;
    let start = last_line_feed(file, lines - 1, limit)?;
    let length = lines - 1 - start;
    let mut line = Vec::new();
    let stretch = Stretch::new(file, start, start + length.min(limit));
    while_("read", stretch.take(limit).read_to_end(&mut line))?;
    match Entry::from_line(&line) {
        Ok(last) => Ok(Tail {
            last: Some(last),
            lines,
            torn,
        }),
        Err(error) => Err(damaged(0, start, &format!("the last line is {error}"))),
    }
}

/// The byte after the last line feed before `end`, or 0; an error if it is further back than
/// `limit`.
fn last_line_feed(file: &impl StorageFile, end: u64, limit: u64) -> Result<u64, LogError> {
    let mut to = end;
    let mut buffer = Vec::new();
    while to > 0 {
        if end - to > limit {
            return Err(damaged(0, to, "no line ends where one should"));
        }
        let from = to.saturating_sub(STEP);
        buffer.clear();
        let stretch = Stretch::new(file, from, to);
        while_("read", stretch.take(STEP).read_to_end(&mut buffer))?;
        if let Some(at) = memchr::memrchr(b'\n', &buffer) {
            return Ok(from + at as u64 + 1);
        }
        to = from;
    }
    Ok(0)
}

/// Keeps the torn end in a file of its own and cuts it off; the event that records it.
pub(crate) fn move_aside<S: Storage>(
    storage: &S,
    file: &S::File,
    tail: &Tail,
) -> Result<Option<Event>, LogError> {
    if tail.torn == 0 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut stretch = Stretch::new(file, tail.lines, tail.lines + tail.torn);
    while_("read", stretch.read_to_end(&mut bytes))?;
    let hash = Hash::of(&bytes).to_string();
    // The name says what is in it: after a crash here, the next attempt writes the same file.
    let suffix = format!("torn-{}-{}", tail.lines, &hash[..16]);
    let keep = || {
        storage.replace(&suffix, &bytes)?;
        file.truncate(tail.lines)?;
        file.sync_data()
    };
    while_("mend", keep())?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let event = Event::new(EventKind::Recovered)
        .with_severity(Severity::Warning)
        .with("bytes", size)
        .with("kept_in", suffix)
        .with("sha256", hash);
    Ok(Some(event))
}

/// A checkpoint beside the log is made after its entries are on the disk: if it says that there
/// were more, they were cut off.
pub(crate) fn check_checkpoint<S: Storage>(
    storage: &S,
    chain: &Chain,
    len: u64,
) -> Result<(), LogError> {
    let note = while_("read", storage.read("checkpoint", MAX_NOTE_BYTES as u64))?;
    let note = note.and_then(|bytes| String::from_utf8(bytes).ok());
    let note = note.and_then(|text| SignedCheckpoint::parse(&text).ok());
    let size = note.map_or(0, |note| note.checkpoint().size);
    if size <= chain.next_seq() {
        return Ok(());
    }
    let entries = chain.next_seq();
    let detail = format!("{entries} entries, and the checkpoint beside the log says {size}");
    let mut found = at(entries, len, &detail);
    found.kind = BreakKind::Truncated;
    Err(LogError::Damaged(Box::new(found)))
}

/// The last entry of the last closed file.
pub(crate) fn closed_end<S: Storage>(storage: &S) -> Result<Option<Entry>, LogError> {
    let Some(first) = while_("read", storage.closed())?.pop() else {
        return Ok(None);
    };
    let file = while_("open", storage.open_closed(first))?;
    let tail = read(&file)?;
    match tail.last {
        Some(last) if tail.torn == 0 => Ok(Some(last)),
        _ => Err(damaged(
            first,
            tail.lines,
            "the last closed file has no end",
        )),
    }
}

/// The first entry of a file that continues a closed one.
pub(crate) fn rotated(last: &Entry) -> Event {
    let entries = i64::try_from(last.seq() + 1).unwrap_or(i64::MAX);
    Event::new(EventKind::Rotated)
        .with("entries", entries)
        .with("head", last.hash().to_string())
}

pub(crate) fn damaged(seq: u64, offset: u64, detail: &str) -> LogError {
    LogError::Damaged(Box::new(at(seq, offset, detail)))
}

pub(crate) fn at(seq: u64, offset: u64, detail: &str) -> Break {
    Break {
        // The line's number is not known without reading the whole log.
        line: seq + 1,
        seq,
        offset,
        kind: BreakKind::Malformed,
        detail: detail.to_owned(),
    }
}
