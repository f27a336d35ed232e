//! Reading a log on disk: verifying, the last entries, what is new.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::chain::Origin;
use crate::checkpoint::SignedCheckpoint;
use crate::fs::disk::{Disk, DiskFile};
use crate::fs::error::{LogError, while_};
use crate::fs::kept::{self, Base, Chained};
use crate::fs::storage::{Storage as _, StorageFile as _, Stretch};
use crate::verify::{Claim, Report, Resume, Statement, Trust, Verifier};

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
    pub(crate) files: Vec<(DiskFile, u64)>,
    /// What was before them.
    pub(crate) base: Option<Base>,
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
        let mut proved = report.proved.iter();
        let led = |s: &Statement| s.claim == Claim::SignedCheckpoint && s.count >= size;
        if report.breaks.is_empty() && proved.any(led) {
            return Ok(report);
        }
        self.verify(trust, threads)
    }

    /// Whether the entry before the place is the last one of the tree.
    fn stands(&self, resume: &Resume) -> bool {
        let last = resume.tree.last().map(|(leaf, _)| leaf);
        let before = self.entry_before(resume.offset);
        before.is_some_and(|entry| Some(entry.hash()) == last)
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
}
