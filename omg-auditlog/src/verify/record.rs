//! Lines, each by itself: what can be said of a line without its neighbours. This is the part
//! that runs in parallel.

use crate::entry::MAX_ENTRY_BYTES;
use crate::hash::Hash;
use crate::line;
use crate::verify::report::BreakKind;

/// What was read of a line.
#[derive(Debug)]
pub(crate) struct Record {
    pub offset: u64,
    pub content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Entry(Fields),
    /// No entry: not canonical or malformed.
    Unreadable(BreakKind, String),
}

#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub seq: u64,
    pub time: i64,
    pub prev: Hash,
    pub stated: Hash,
    pub computed: Hash,
    /// The whole line, of those events that say something about the log itself.
    pub about_log: Option<Box<[u8]>>,
}

/// Reads whole lines, each with its line feed.
pub(crate) fn read_all(block: &[u8], base: u64) -> Vec<Record> {
    let mut records = Vec::with_capacity(block.len() / 400 + 1);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', block) {
        records.push(read(&block[start..end], base + start as u64));
        start = end + 1;
    }
    records
}

/// Reads a line, given without its line feed.
pub(crate) fn read(bytes: &[u8], offset: u64) -> Record {
    let content = if bytes.len() > MAX_ENTRY_BYTES {
        too_long(bytes.len() as u64)
    } else {
        match line::read(bytes) {
            Ok(line) => Content::Entry(Fields {
                seq: line.seq,
                time: line.time,
                prev: line.prev,
                stated: line.stated,
                computed: line.computed,
                about_log: matches!(line.event, b"LogOpened" | b"KeyRotated" | b"Pruned")
                    .then(|| bytes.into()),
            }),
            Err(flaw) => {
                let kind = kind_of_unreadable(bytes);
                Content::Unreadable(kind, format!("{} at its byte {}", flaw.why, flaw.at + 1))
            }
        }
    };
    Record { offset, content }
}

pub(crate) fn too_long(bytes: u64) -> Content {
    let detail = format!("a line of {bytes} bytes, over {MAX_ENTRY_BYTES}");
    Content::Unreadable(BreakKind::Malformed, detail)
}

/// Whether a common JSON reader would have taken the line for an entry, or skipped it: then it
/// is not canonical; otherwise it is malformed.
fn kind_of_unreadable(bytes: &[u8]) -> BreakKind {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let blank = bytes.trim_ascii().is_empty();
    let object = || serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes);
    if blank || object().is_ok_and(|fields| fields.contains_key("hash")) {
        BreakKind::NotCanonical
    } else {
        BreakKind::Malformed
    }
}
