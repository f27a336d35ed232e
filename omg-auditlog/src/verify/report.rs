//! What a verification found: what is proved, what is not, and what is broken.

use std::fmt;

use crate::hash::Hash;
use crate::merkle::Frontier;

/// How many breaks a report lists; the others are counted.
pub const MAX_BREAKS: usize = 1000;

/// What a verification came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Nothing contradicts anything. What was not proved is listed.
    Intact,
    /// There is no entry, the end is torn off as in a crash, or a signature that the log
    /// announces is not there.
    Incomplete,
    /// The log is not what it was.
    Tampered,
}

impl Status {
    /// As one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Incomplete => "incomplete",
            Self::Tampered => "tampered",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum BreakKind {
    /// An entry's hash is not that of its bytes: it was changed.
    HashMismatch,
    /// An entry does not follow the one before it: one of the two was changed and hashed anew.
    ChainBroken,
    /// Entries are missing.
    Gap,
    /// Entries stand in another order.
    Reordered,
    /// An entry stands there twice.
    Duplicate,
    /// An entry stands there that the others do not know of.
    Inserted,
    /// A line means an entry and is not written as one: other spaces, order, escapes, fields.
    NotCanonical,
    /// A line is no entry at all.
    Malformed,
    /// Bytes after the last line feed: an append that did not end. No tampering by itself.
    TornTail,
    /// There are fewer entries than a checkpoint says.
    Truncated,
    /// The entries are not those that a checkpoint was made of.
    HistoryRewritten,
    /// The log and the checkpoint beside it are both older than a checkpoint held elsewhere.
    RolledBack,
    /// A key is pinned and no checkpoint carries its signature.
    Unsigned,
    /// A checkpoint is signed by another key than the pinned one, or by one that was retired.
    WrongKey,
    /// A checkpoint names the pinned key and its signature does not verify.
    BadSignature,
    /// The clock ran backwards. A warning, no break: clocks are set.
    TimeWarning,
}

impl BreakKind {
    /// As it is written in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HashMismatch => "hash_mismatch",
            Self::ChainBroken => "chain_broken",
            Self::Gap => "gap",
            Self::Reordered => "reordered",
            Self::Duplicate => "duplicate",
            Self::Inserted => "inserted",
            Self::NotCanonical => "not_canonical",
            Self::Malformed => "malformed",
            Self::TornTail => "torn_tail",
            Self::Truncated => "truncated",
            Self::HistoryRewritten => "history_rewritten",
            Self::RolledBack => "rolled_back",
            Self::Unsigned => "unsigned",
            Self::WrongKey => "wrong_key",
            Self::BadSignature => "bad_signature",
            Self::TimeWarning => "time_warning",
        }
    }
}

impl fmt::Display for BreakKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place where something is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Break {
    /// The line, counted from one.
    pub line: u64,
    /// The number of the entry that stands there or should.
    pub seq: u64,
    /// The byte where the line starts, counted from zero.
    pub offset: u64,
    /// What is wrong.
    pub kind: BreakKind,
    /// What was expected and what was found.
    pub detail: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            seq,
            offset,
            kind,
            detail,
        } = self;
        write!(
            f,
            "{kind} at line {line}, entry {seq}, byte {offset}: {detail}"
        )
    }
}

/// What a statement of a report is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Claim {
    /// The entries are canonical and follow each other.
    Chain,
    /// The entries are those of a checkpoint that is held elsewhere.
    HeldCheckpoint,
    /// The entries are those of a checkpoint that a trusted key signed.
    SignedCheckpoint,
    /// Entries after the last checkpoint: whoever can write the log can change or remove them.
    Unanchored,
    /// A checkpoint could not be compared, or its signature not be checked.
    Checkpoint,
    /// Entries that an earlier verification read and this one did not.
    NotRead,
    /// Entries that were removed by pruning, as an entry says. What is left of them is their
    /// tree's right edge, which a later checkpoint confirms or not.
    Pruned,
}

impl Claim {
    /// As it is written in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::HeldCheckpoint => "held_checkpoint",
            Self::SignedCheckpoint => "signed_checkpoint",
            Self::Unanchored => "unanchored",
            Self::Checkpoint => "checkpoint",
            Self::NotRead => "not_read",
            Self::Pruned => "pruned",
        }
    }
}

/// Something that is proved of a run of entries, or is not.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// What it is about.
    pub claim: Claim,
    /// The first entry.
    pub from: u64,
    /// How many entries.
    pub count: u64,
    /// In words.
    pub detail: String,
}

impl Statement {
    pub(crate) fn new(claim: Claim, from: u64, to: u64, detail: impl Into<String>) -> Self {
        Self {
            claim,
            from,
            count: to.saturating_sub(from),
            detail: detail.into(),
        }
    }
}

/// The last entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Head {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Where a later verification can start, and what it needs to know of the entries before. It is
/// worth what the checkpoint is worth that its tree is compared with.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Resume {
    /// The byte after the last entry.
    pub offset: u64,
    /// How many lines there are before it.
    pub lines: u64,
    /// The last entry's time, in microseconds since 1970.
    pub time: i64,
    /// The tree of the entries before.
    pub tree: Frontier,
}

impl Resume {
    /// From what was kept of an earlier report.
    #[must_use]
    pub fn new(offset: u64, lines: u64, time: i64, tree: Frontier) -> Self {
        Self {
            offset,
            lines,
            time,
            tree,
        }
    }

    /// Goes on with the next entry.
    #[cfg(feature = "fs")]
    pub(crate) fn add(&mut self, entry: &crate::Entry) {
        self.offset += entry.line().len() as u64 + 1;
        self.lines += 1;
        self.time = entry.at().timestamp_micros();
        self.tree.push(entry.hash());
    }
}

/// What a verification found.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// How many entries the log has by its numbers.
    pub entries: u64,
    /// How many bytes were read, and were there before the start.
    pub bytes: u64,
    /// The log's name, if its first entry was read.
    pub origin: Option<String>,
    /// The last entry.
    pub head: Option<Head>,
    /// What is proved.
    pub proved: Vec<Statement>,
    /// What is not.
    pub unproved: Vec<Statement>,
    /// What is broken, in the order of the file; at most [`MAX_BREAKS`].
    pub breaks: Vec<Break>,
    /// How many further breaks are not listed.
    pub more_breaks: u64,
    /// Where the clock ran backwards; at most [`MAX_BREAKS`].
    pub warnings: Vec<Break>,
    /// Where the next verification can start; none after a break.
    pub resume: Option<Resume>,
    pub(crate) missing_signature: bool,
}

impl Report {
    /// What it comes to.
    #[must_use]
    pub fn status(&self) -> Status {
        let torn = |found: &Break| found.kind == BreakKind::TornTail;
        if !self.breaks.iter().all(torn) {
            Status::Tampered
        } else if self.entries == 0 || !self.breaks.is_empty() || self.missing_signature {
            Status::Incomplete
        } else {
            Status::Intact
        }
    }

    /// How many entries at the end no checkpoint covers.
    #[must_use]
    pub fn unanchored(&self) -> u64 {
        let unanchored = self.unproved.iter();
        unanchored
            .filter(|statement| statement.claim == Claim::Unanchored)
            .map(|statement| statement.count)
            .sum()
    }
}
