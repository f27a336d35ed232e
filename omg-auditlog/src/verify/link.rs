//! Lines in their order: numbers, links, the tree. One state machine, fed line by line.

use std::collections::VecDeque;

use crate::chain::Origin;
use crate::entry::Entry;
use crate::event::EventKind;
use crate::hash::Hash;
use crate::line;
use crate::merkle::Frontier;
use crate::verify::order::Fork;
use crate::verify::record::{self, Content, Fields, Record};
use crate::verify::report::{Break, BreakKind, MAX_BREAKS, Resume};

/// How far the clock may run backwards between two entries without a warning, in microseconds.
/// Writers take the time before they wait for the log.
const CLOCK_TOLERANCE: i64 = 5_000_000;

/// How many entries back a repeated number is compared with the entry that had it.
const REMEMBERED: usize = 1024;

/// A root at the size of a checkpoint, and where the next entry starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    pub size: u64,
    pub root: Hash,
    pub line: u64,
    pub offset: u64,
}

/// A change of the signing key, as an entry says.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    pub seq: u64,
    pub to: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Last {
    pub fields: Fields,
    pub line: u64,
    pub offset: u64,
    /// Where in `breaks` it says that this entry was changed.
    pub broken: Option<usize>,
}

/// What follows from the lines so far.
#[derive(Debug)]
pub(crate) struct Linker {
    pub line: u64,
    pub end: u64,
    pub expected: u64,
    pub start: u64,
    /// Line, number and byte of the first entry to read.
    pub first: (u64, u64, u64),
    pub breaks: Vec<Break>,
    pub more_breaks: u64,
    pub warnings: Vec<Break>,
    pub origin: Option<Origin>,
    /// The key that the first entry names.
    pub announced_key: Option<String>,
    pub rotations: Vec<Rotation>,
    /// What stood before the first entry that is left, and how many entries that was.
    pub pruned: Option<(u64, Hash)>,
    /// What entries say was pruned.
    pub prunings: Vec<(u64, Hash)>,
    pub roots: Vec<Root>,
    pub tree: Frontier,
    /// The number of the first entry that is in doubt.
    pub doubt: Option<u64>,
    /// The hash that a torn last entry states.
    pub torn: Option<Hash>,
    sizes: VecDeque<u64>,
    pub last: Option<Last>,
    last_time: Option<i64>,
    unread: u64,
    pub missing: Vec<(u64, u64, usize)>,
    pub fork: Option<Fork>,
    pub recent: VecDeque<(u64, Hash)>,
    resumed: Option<Hash>,
}

impl Linker {
    pub(crate) fn new(sizes: Vec<u64>, resume: Option<&Resume>, pruned: bool) -> Self {
        let mut linker = Self {
            line: 0,
            end: 0,
            expected: 0,
            start: 0,
            first: (1, 0, 0),
            breaks: Vec::new(),
            more_breaks: 0,
            warnings: Vec::new(),
            origin: None,
            announced_key: None,
            rotations: Vec::new(),
            pruned: None,
            prunings: Vec::new(),
            roots: Vec::new(),
            tree: Frontier::default(),
            doubt: None,
            torn: None,
            sizes: sizes.into(),
            last: None,
            last_time: None,
            unread: 0,
            missing: Vec::new(),
            fork: None,
            recent: VecDeque::new(),
            resumed: None,
        };
        if let Some(resume) = resume {
            linker.line = resume.lines;
            linker.end = resume.offset;
            linker.tree = resume.tree.clone();
            linker.expected = resume.tree.size();
            linker.start = linker.expected;
            linker.first = (resume.lines + 1, linker.start, resume.offset);
            linker.pruned = pruned.then(|| (linker.start, resume.tree.root()));
            linker.last_time = Some(resume.time);
            linker.resumed = resume.tree.last().map(|(leaf, _)| leaf);
            while linker
                .sizes
                .front()
                .is_some_and(|size| *size < linker.start)
            {
                linker.sizes.pop_front();
            }
        }
        linker.note_root();
        linker
    }

    /// The hash of the last entry that was read, or that stands before the first.
    pub(crate) fn head(&self) -> Option<Hash> {
        let last = self.last.as_ref();
        last.map(|last| last.fields.computed).or(self.resumed)
    }

    pub(crate) fn resume(&self) -> Option<Resume> {
        let whole = self.breaks.is_empty() && self.expected > 0;
        // A linker that has read an entry, or begins after one, has its time.
        let time = self.last_time.filter(|_| whole)?;
        Some(Resume::new(self.end, self.line, time, self.tree.clone()))
    }

    pub(crate) fn push(&mut self, record: Record, next_offset: u64) {
        self.line += 1;
        self.end = next_offset;
        match record.content {
            Content::Entry(fields) => self.entry(fields, record.offset),
            Content::Unreadable(kind, detail) => {
                let seq = self.expected + self.unread;
                self.found(kind, seq, record.offset, detail);
                self.unread += 1;
            }
        }
    }

    /// What stands after the last line feed.
    pub(crate) fn tail(&mut self, bytes: &[u8], length: u64) {
        if length == 0 {
            return;
        }
        let offset = self.end;
        self.line += 1;
        let mut detail = format!("{length} bytes after the last line feed");
        match record::read(bytes, offset).content {
            Content::Entry(fields) if self.continues(&fields) => {
                detail.push_str(": an entry that lacks only its line feed");
                self.torn = Some(fields.computed);
            }
            _ => self.torn = line::stated_hash_of_cut(bytes),
        }
        self.found_without_doubt(BreakKind::TornTail, self.expected, offset, detail);
        self.line -= 1;
    }

    fn continues(&self, fields: &Fields) -> bool {
        fields.stated == fields.computed
            && fields.seq == self.expected
            && self.head().is_none_or(|head| head == fields.prev)
    }

    fn entry(&mut self, fields: Fields, offset: u64) {
        let here = Last {
            fields,
            line: self.line,
            offset,
            broken: None,
        };
        if let Some(fork) = self.fork.take() {
            self.settle(fork, &here);
        }
        if here.fields.stated != here.fields.computed {
            self.changed(here);
        } else if here.fields.seq < self.expected {
            self.again(here);
        } else {
            self.next(here);
        }
    }

    /// An entry whose hash is not its own.
    fn changed(&mut self, mut here: Last) {
        let Fields {
            seq,
            stated,
            computed,
            ..
        } = here.fields;
        let fits = (self.expected..=self.expected + self.unread).contains(&seq);
        let at = if fits {
            seq
        } else {
            self.expected + self.unread
        };
        let detail = format!("its hash is {computed}, and it states {stated}");
        here.broken = self.found(BreakKind::HashMismatch, at, here.offset, detail);
        if fits {
            self.accept(here);
        } else {
            self.unread += 1;
        }
    }

    /// An entry with the expected number or a later one.
    fn next(&mut self, here: Last) {
        let seq = here.fields.seq;
        if seq > self.expected + self.unread {
            let (expected, first) = (self.expected + self.unread, seq);
            let detail = format!("entry {first} stands where entry {expected} should");
            if let Some(found) = self.found(BreakKind::Gap, seq, here.offset, detail) {
                self.missing.push((self.expected, seq, found));
            }
        } else if seq == self.expected {
            self.check_link(&here);
        }
        // Otherwise unreadable lines stand where the entries before this one should; that has
        // been said.
        self.accept(here);
    }

    fn check_link(&mut self, here: &Last) {
        let prev = here.fields.prev;
        let follows = match (&self.last, self.resumed) {
            (Some(last), _) => {
                let stated = last.broken.map(|_| last.fields.stated);
                prev == last.fields.computed || stated == Some(prev)
            }
            (None, Some(head)) => prev == head,
            // The first entry's link is checked with the origin that it names.
            (None, None) => true,
        };
        if !follows {
            let detail = match self.head() {
                Some(head) => format!("it follows {prev}, and the entry before it is {head}"),
                None => format!("it follows {prev}, and there is no entry before it"),
            };
            self.found(BreakKind::ChainBroken, here.fields.seq, here.offset, detail);
        }
    }

    fn accept(&mut self, here: Last) {
        let fields = &here.fields;
        if let Some(last) = self.last_time
            && fields.time + CLOCK_TOLERANCE < last
            && self.warnings.len() < MAX_BREAKS
        {
            self.warnings.push(Break {
                line: here.line,
                seq: fields.seq,
                offset: here.offset,
                kind: BreakKind::TimeWarning,
                detail: "the clock ran backwards".to_owned(),
            });
        }
        self.last_time = Some(fields.time);
        self.expected = fields.seq + 1;
        self.unread = 0;
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back((fields.seq, fields.computed));
        if self.doubt.is_none() {
            self.tree.push(fields.computed);
        }
        let about_log = here.fields.about_log.clone();
        let first = self.last.is_none() && self.resumed.is_none();
        self.last = Some(here);
        if first || about_log.is_some() {
            self.about_log(about_log.as_deref(), first);
        }
        self.note_root();
    }

    /// The first entry says which log this is; others say who signs from there on.
    fn about_log(&mut self, bytes: Option<&[u8]>, first: bool) {
        let entry = bytes.and_then(|bytes| Entry::from_line(bytes).ok());
        let text = |name: &str| {
            let value = entry.as_ref()?.event().subject.get(name)?;
            value.as_text().map(str::to_owned)
        };
        match entry.as_ref().map(Entry::kind) {
            Some(EventKind::KeyRotated) => {
                if let (Some(to), Some(last)) = (text("to"), &self.last) {
                    let seq = last.fields.seq;
                    self.rotations.push(Rotation { seq, to });
                }
            }
            Some(EventKind::Pruned) => {
                let subject = entry.as_ref().map(|entry| &entry.event().subject);
                let count = subject.and_then(|s| s.get("entries")?.as_integer());
                let count = count.and_then(|count| u64::try_from(count).ok());
                let root = text("root").and_then(|root| root.parse().ok());
                self.prunings.extend(count.zip(root));
                if self.pruned.is_some() {
                    self.origin = text("origin").and_then(|origin| origin.parse().ok());
                }
            }
            Some(EventKind::LogOpened) if first => {
                self.origin = text("origin").and_then(|origin| origin.parse().ok());
                self.announced_key = text("key");
            }
            _ => {}
        }
        let Some(last) = self
            .last
            .clone()
            .filter(|last| first && last.broken.is_none())
        else {
            return;
        };
        let genesis = self.origin.as_ref().map(Origin::genesis);
        if last.fields.seq == 0 && genesis != Some(last.fields.prev) {
            let detail = "the first entry does not open a log".to_owned();
            self.found(BreakKind::ChainBroken, 0, last.offset, detail);
        }
    }

    fn note_root(&mut self) {
        let size = self.tree.size();
        if self.doubt.is_none() && self.sizes.front() == Some(&size) {
            self.sizes.pop_front();
            self.roots.push(Root {
                size,
                root: self.tree.root(),
                line: self.line,
                offset: self.end,
            });
        }
    }

    /// Notes a break; its place in the list, if the list has room.
    pub(crate) fn found(
        &mut self,
        kind: BreakKind,
        seq: u64,
        offset: u64,
        detail: String,
    ) -> Option<usize> {
        self.doubt.get_or_insert(self.expected);
        self.found_without_doubt(kind, seq, offset, detail)
    }

    fn found_without_doubt(
        &mut self,
        kind: BreakKind,
        seq: u64,
        offset: u64,
        detail: String,
    ) -> Option<usize> {
        if self.breaks.len() >= MAX_BREAKS {
            self.more_breaks += 1;
            return None;
        }
        self.breaks.push(Break {
            line: self.line,
            seq,
            offset,
            kind,
            detail,
        });
        Some(self.breaks.len() - 1)
    }
}
