//! What is kept beside a log: its tree where it was last signed, and the checkpoints that hand
//! over from key to key.

use std::io::{self, Read};

use crate::chain::Origin;
use crate::checkpoint::SignedCheckpoint;
use crate::entry::{Entry, MAX_ENTRY_BYTES};
use crate::fs::error::{LogError, while_};
use crate::fs::storage::{Storage, StorageFile, Stretch};
use crate::hash::Hash;
use crate::key::VerifyingKey;
use crate::merkle::{Frontier, InclusionProof};
use crate::note::MAX_NOTE_BYTES;
use crate::value::Value;
use crate::verify::Resume;

/// The longest file of handed-over keys, in bytes.
pub(crate) const MAX_NOTES: u64 = 1024 * 1024;

/// The longest kept tree, in bytes: 64 hashes and three numbers.
const MAX_TREE: u64 = 16 * 1024;

/// What stands before the first entry that is left after pruning.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub origin: Origin,
    pub resume: Resume,
}

/// Keeps a tree, so that the next checkpoint and the next verification need not begin at the
/// start. It is worth nothing by itself: what is read from there on leads to a checkpoint's root
/// only if it is the right one.
pub(crate) fn store<S: Storage>(storage: &S, resume: &Resume) -> Result<(), LogError> {
    match tree_text(resume, None) {
        Some(text) => while_("write", storage.cache("tree", text.as_bytes())),
        None => Ok(()),
    }
}

/// Keeps what stands before the first entry that is left.
pub(crate) fn store_base<S: Storage>(storage: &S, base: &Base) -> Result<(), LogError> {
    match tree_text(&base.resume, Some(&base.origin)) {
        Some(text) => while_("write", storage.replace("pruned", text.as_bytes())),
        // Entries are removed next: without what stood before them the rest is not proved.
        None => Err(LogError::NotALog(
            "no entry is before those that are left".to_owned(),
        )),
    }
}

/// What stands before the first entry that is left; none if nothing was pruned, or if what is
/// kept cannot be read, which then shows as missing entries.
pub(crate) fn base<S: Storage>(storage: &S) -> Result<Option<Base>, LogError> {
    let bytes = while_("read", storage.read("pruned", MAX_TREE))?;
    Ok(bytes.and_then(|bytes| {
        let json: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let origin = json.get("origin")?.as_str()?.parse().ok()?;
        let resume = read_tree(&json)?;
        Some(Base { origin, resume })
    }))
}

/// The kept tree with the checkpoint beside the log, if one of the keys signed that and it is
/// not of fewer entries. What is read from there on must lead to the checkpoint; anything else
/// is as if nothing had been kept.
pub(crate) fn load<S: Storage>(
    storage: &S,
    keys: &[&VerifyingKey],
) -> Option<(Resume, SignedCheckpoint)> {
    let note = beside(storage).ok()??;
    if !keys.iter().any(|key| note.verify(key).is_ok()) {
        return None;
    }
    let bytes = storage.read("tree", MAX_TREE).ok()??;
    let resume = read_tree(&serde_json::from_slice(&bytes).ok()?)?;
    (resume.tree.size() <= note.checkpoint().size).then_some((resume, note))
}

fn tree_text(resume: &Resume, origin: Option<&Origin>) -> Option<String> {
    let (last, proof) = resume.tree.last()?;
    let number = |value: u64| i64::try_from(value).ok().map(Value::Integer);
    let hash = |hash: &Hash| Value::Text(hash.to_string());
    let hashes = proof.hashes.iter().map(hash).collect();
    let fields = [
        ("last", Some(hash(&last))),
        ("lines", Some(number(resume.lines)?)),
        ("offset", Some(number(resume.offset)?)),
        ("origin", origin.map(|origin| origin.as_str().into())),
        ("proof", Some(Value::List(hashes))),
        ("size", Some(number(proof.size)?)),
        ("time", Some(Value::Integer(resume.time))),
    ];
    let fields = fields.into_iter();
    let fields = fields.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Some(format!("{}\n", Value::Object(fields.collect()).to_json()))
}

fn read_tree(json: &serde_json::Value) -> Option<Resume> {
    let number = |name: &str| json.get(name)?.as_u64();
    let hash = |value: &serde_json::Value| value.as_str()?.parse::<Hash>().ok();
    let size = number("size")?;
    let hashes = json.get("proof")?.as_array()?.iter().map(hash);
    let proof = InclusionProof::new(size.checked_sub(1)?, size, hashes.collect::<Option<_>>()?);
    let tree = Frontier::from_last(hash(json.get("last")?)?, &proof)?;
    let time = json.get("time")?.as_i64()?;
    Some(Resume::new(number("offset")?, number("lines")?, time, tree))
}

/// The checkpoint beside the log.
pub(crate) fn beside<S: Storage>(storage: &S) -> Result<Option<SignedCheckpoint>, LogError> {
    let bytes = while_("read", storage.read("checkpoint", MAX_NOTE_BYTES as u64))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(SignedCheckpoint::parse(&text)?))
}

/// The size that a checkpoint states in its second line.
pub(crate) fn size_of(note: &[u8]) -> Option<u64> {
    let line = note.split(|byte| *byte == b'\n').nth(1)?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

/// The checkpoints that hand over from key to key.
pub(crate) fn handovers<S: Storage>(storage: &S) -> Result<Vec<SignedCheckpoint>, LogError> {
    let Some(bytes) = while_("read", storage.read("keys", MAX_NOTES))? else {
        return Ok(Vec::new());
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut notes = Vec::new();
    let mut note = String::new();
    let mut signatures = false;
    for line in text.split_inclusive('\n') {
        let signature = line.starts_with('\u{2014}');
        // After its signatures a note has ended.
        if signatures && !signature {
            notes.push(SignedCheckpoint::parse(&note)?);
            note.clear();
        }
        signatures = signature;
        note.push_str(line);
    }
    if !note.is_empty() {
        notes.push(SignedCheckpoint::parse(&note)?);
    }
    Ok(notes)
}

pub(crate) fn add_note(notes: &mut Vec<u8>, note: &SignedCheckpoint) {
    notes.extend_from_slice(note.to_string().as_bytes());
}

/// The first entry of a file.
pub(crate) fn first_entry(file: &impl StorageFile) -> Result<Entry, LogError> {
    let mut bytes = Vec::new();
    let limit = MAX_ENTRY_BYTES as u64 + 1;
    let stretch = Stretch::new(file, 0, limit);
    while_("read", stretch.take(limit).read_to_end(&mut bytes))?;
    let line = memchr::memchr(b'\n', &bytes).map(|end| &bytes[..end]);
    let line = line.ok_or_else(|| LogError::NotALog("it has no first line".to_owned()))?;
    Ok(Entry::from_line(line)?)
}

/// The log's name, from its first entry.
pub(crate) fn origin(file: &impl StorageFile) -> Result<Origin, LogError> {
    let first = first_entry(file)?;
    let origin = first.event().subject.get("origin").and_then(Value::as_text);
    let origin = origin.ok_or_else(|| LogError::NotALog("it has no LogOpened entry".to_owned()))?;
    Ok(origin.parse::<Origin>()?)
}

/// Readers one after the other.
pub(crate) struct Chained<R> {
    parts: std::vec::IntoIter<R>,
    current: Option<R>,
}

impl<R> Chained<R> {
    pub(crate) fn new(parts: Vec<R>) -> Self {
        let mut parts = parts.into_iter();
        let current = parts.next();
        Self { parts, current }
    }
}

impl<R: Read> Read for Chained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = &mut self.current {
            let count = part.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.current = self.parts.next();
        }
        Ok(0)
    }
}
