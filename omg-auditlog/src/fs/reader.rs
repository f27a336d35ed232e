//! Reading a log on disk: verifying, the last entries, what is new.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::Path;

use crate::chain::Origin;
use crate::checkpoint::SignedCheckpoint;
use crate::entry::{Entry, MAX_ENTRY_BYTES};
use crate::fs::disk::{Disk, DiskFile};
use crate::fs::error::{LogError, while_};
use crate::fs::kept::{self, Base, Chained};
use crate::fs::storage::{Storage as _, StorageFile as _, Stretch};
use crate::merkle::{InclusionProof, Prover};
use crate::query::Filter;
use crate::verify::{Claim, Report, Statement, Trust, Verifier};

/// How many bytes are looked at at once, from the end backwards.
const STEP: u64 = 64 * 1024;

/// A log on disk at one moment: entries that are added later are not seen. Any number of
/// readers work beside the writers.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "fs")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use omg_auditlog::fs::{Log, LogOptions, LogReader};
/// use omg_auditlog::{Actor, Filter, Machine, Status, Trust};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("audit.jsonl");
/// # let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap_or_default();
/// # let options = LogOptions::new("example.org/log".parse()?, Machine::new("host", "boot"));
/// # Log::open(&path, options, &Actor::uid(0), at)?;
/// let reader = LogReader::open(&path)?.ok_or("there is no log")?;
/// assert_eq!(reader.verify(Trust::none(), std::num::NonZero::<usize>::MIN)?.status(), Status::Intact);
/// assert_eq!(reader.last(20, &Filter::new())?.len(), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "fs"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct LogReader {
    disk: Disk,
    /// The files in their order, each with its length when the log was opened.
    files: Vec<(DiskFile, u64)>,
    /// What was before them.
    base: Option<Base>,
    beside: Option<Result<SignedCheckpoint, String>>,
    handovers: Vec<SignedCheckpoint>,
}

impl LogReader {
    /// Opens a log for reading; `None` if there is no file of this name.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if it cannot be read or is no regular file.
    pub fn open(path: &Path) -> Result<Option<Self>, LogError> {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        if parent.is_some_and(|parent| !parent.exists()) {
            return Ok(None);
        }
        let disk = while_("open", Disk::existing(path))?;
        let Some(file) = while_("open", disk.open_to_read())? else {
            return Ok(None);
        };
        // Nobody writes while the parts are collected, so that they fit each other.
        let _held = while_("lock", disk.share())?;
        let beside = match kept::beside(&disk) {
            Ok(note) => note.map(Ok),
            Err(LogError::Entry(error)) => Some(Err(error.to_string())),
            Err(error) => return Err(error),
        };
        let handovers = kept::handovers(&disk)?;
        let base = kept::base(&disk)?;
        let mut files = Vec::new();
        for first in while_("read", disk.closed())? {
            // What a crash left of the files that pruning removes is passed over.
            if base
                .as_ref()
                .is_none_or(|base| first >= base.resume.tree.size())
            {
                let closed = while_("open", disk.open_closed(first))?;
                let len = while_("read", closed.len())?;
                files.push((closed, len));
            }
        }
        let len = while_("read", file.len())?;
        files.push((file, len));
        Ok(Some(Self {
            disk,
            files,
            base,
            beside,
            handovers,
        }))
    }

    /// The checkpoint that was beside the log; an error's text if what is there is none.
    #[must_use]
    pub fn beside(&self) -> Option<Result<&SignedCheckpoint, &str>> {
        self.beside
            .as_ref()
            .map(|note| note.as_ref().map_err(String::as_str))
    }

    /// Its length in bytes, closed files and all, and with what was pruned.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.start() + self.files.iter().map(|(_, len)| len).sum::<u64>()
    }

    /// The byte at which the first entry that is left starts: 0 unless the log was pruned.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.base.as_ref().map_or(0, |base| base.resume.offset)
    }

    /// The number of the first entry that is left: 0 unless the log was pruned.
    #[must_use]
    pub fn first_seq(&self) -> u64 {
        self.base.as_ref().map_or(0, |base| base.resume.tree.size())
    }

    /// The log's name, from its first entry.
    ///
    /// # Errors
    ///
    /// [`LogError::NotALog`] and [`LogError::Entry`] if the first line does not say so.
    pub fn origin(&self) -> Result<Origin, LogError> {
        match (&self.base, self.files.first()) {
            (Some(base), _) => Ok(base.origin.clone()),
            (None, Some((file, _))) => kept::origin(file),
            (None, None) => Err(LogError::NotALog("it has no file".to_owned())),
        }
    }

    /// Reads and checks all of it. The checkpoint beside the log, and those that hand over from
    /// key to key, are added to what is trusted; they are worth their signatures.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if it cannot be read.
    pub fn verify(&self, trust: Trust, threads: NonZeroUsize) -> Result<Report, LogError> {
        let mut verifier = Verifier::new(self.with_kept(trust)).threads(threads);
        if let Some(base) = &self.base {
            verifier = verifier.pruned(base.resume.clone());
        }
        while_("read", verifier.verify(self.read_from(0)))
    }

    /// Reads and checks what was added since the checkpoint beside the log, if the trusted key
    /// signed it and the tree kept with it is that checkpoint's; otherwise all of it. What is
    /// before the checkpoint is not read, and the report says so.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if it cannot be read.
    pub fn verify_new(&self, trust: Trust, threads: NonZeroUsize) -> Result<Report, LogError> {
        let keys: Vec<_> = trust.key.iter().collect();
        let beside = self.beside.as_ref().and_then(|note| note.as_ref().ok());
        let known = kept::load(&self.disk, &keys);
        // Another writer may have signed since: what is taken is what was there on opening.
        let known = known.filter(|(resume, note)| Some(note) == beside && self.stands(resume));
        let Some((resume, note)) = known else {
            return self.verify(trust, threads);
        };
        let from = resume.offset;
        let verifier = Verifier::new(self.with_kept(trust.clone())).threads(threads);
        let report = while_("read", verifier.resume(resume).verify(self.read_from(from)))?;
        // The tree was worth something if it led to the checkpoint.
        let size = note.checkpoint().size;
        let proved = report.proved.iter();
        let led = |s: &Statement| s.claim == Claim::SignedCheckpoint && s.count >= size;
        if report.breaks.is_empty() && !proved.clone().any(led) || !report.breaks.is_empty() {
            return self.verify(trust, threads);
        }
        Ok(report)
    }

    /// Whether the entry before the place is the last one of the tree.
    fn stands(&self, resume: &crate::Resume) -> bool {
        let Some((leaf, _)) = resume.tree.last() else {
            return false;
        };
        let from = resume.offset.saturating_sub(MAX_ENTRY_BYTES as u64 + 2);
        let mut bytes = Vec::new();
        let length = resume.offset - from;
        if self
            .read_from(from)
            .take(length)
            .read_to_end(&mut bytes)
            .is_err()
        {
            return false;
        }
        let Some(lines) = bytes.strip_suffix(b"\n") else {
            return false;
        };
        let start = memchr::memrchr(b'\n', lines).map_or(0, |at| at + 1);
        Entry::from_line(&lines[start..]).is_ok_and(|entry| entry.hash() == leaf)
    }

    fn with_kept(&self, mut trust: Trust) -> Trust {
        if let Some(Ok(note)) = &self.beside {
            trust = trust.beside(note.clone());
        }
        for note in &self.handovers {
            trust = trust.beside(note.clone());
        }
        trust
    }

    /// The bytes from an offset to the end, over all files.
    pub fn read_from(&self, offset: u64) -> impl std::io::Read + '_ {
        let mut skip = offset.saturating_sub(self.start());
        let parts = self.files.iter().map(|(file, len)| {
            let start = skip.min(*len);
            skip -= start;
            Stretch::new(file, start, *len)
        });
        Chained::new(parts.collect())
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
        let mut reader = std::io::BufReader::with_capacity(256 * 1024, self.read_from(offset));
        let mut line = Vec::new();
        let mut at = offset.max(self.start());
        loop {
            line.clear();
            let limit = MAX_ENTRY_BYTES as u64 + 1;
            let mut limited = std::io::Read::take(&mut reader, limit);
            let count = std::io::BufRead::read_until(&mut limited, b'\n', &mut line);
            let count = while_("read", count)?;
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
}
