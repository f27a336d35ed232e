//! Removing closed files, so that what is left can still be proved.

use chrono::{DateTime, Utc};

use crate::checkpoint::SignedCheckpoint;
use crate::event::{Actor, Event, EventKind, Severity};
use crate::fs::error::{LogError, while_};
use crate::fs::kept::{self, Base};
use crate::fs::log::{Log, State};
use crate::fs::seal::{Files, first_seq};
use crate::fs::storage::{Storage, StorageFile};
use crate::key::VerifyingKey;
use crate::trace::span;
use crate::verify::{Claim, Report, Resume, Trust, Verifier};

/// What pruning removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Pruned {
    /// How many files.
    pub files: u64,
    /// The number of the first entry that is left.
    pub first: u64,
}

impl<S: Storage> Log<S> {
    /// Removes closed files whose entries all have numbers below `before` and are covered by the
    /// checkpoint beside the log, which this key must have signed; `None` if there is none to
    /// remove. The log is verified first. A `Pruned` entry says what was removed, and the right
    /// edge of its tree is kept in the file `.pruned`, so that a checkpoint proves the rest: what
    /// is left leads to the checkpoint's root only with the tree of what was removed. A checkpoint
    /// of the `Pruned` entry is signed if one is due.
    ///
    /// A verifier can follow changes of key only through entries that are left: pin the key that
    /// signed when the first of them was made.
    ///
    /// # Errors
    ///
    /// [`LogError::NoCheckpoint`], [`LogError::Damaged`] if the log is not intact or not the
    /// checkpoint's, and those of [`Log::append_batch`].
    pub fn prune(
        &self,
        before: u64,
        key: &VerifyingKey,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<Option<Pruned>, LogError> {
        span!("prune", before = before);
        let mut state = self.state();
        let guard = self.enter(&mut state, actor, at)?;
        let note = kept::beside(&self.storage)?;
        let note = note.filter(|note| note.verify(key).is_ok());
        let note = note.ok_or_else(|| LogError::NoCheckpoint { key: key.label() })?;
        let files = self.files()?;
        let limit = before.min(note.checkpoint().size);
        let starts = files.closed.iter().skip(1).map(|(first, ..)| *first);
        let last = first_seq(&state.open.file)?;
        let Some(first) = starts
            .chain([last])
            .take_while(|first| *first <= limit)
            .last()
        else {
            return Ok(None);
        };
        if files.closed.is_empty() {
            return Ok(None);
        }
        let resume = self.proved(&state, &files, first, note, key)?;
        let origin = self.origin(&mut state)?;
        let event = Event::new(EventKind::Pruned)
            .with_severity(Severity::Notice)
            .with("entries", i64::try_from(first).unwrap_or(i64::MAX))
            .with("origin", origin.as_str())
            .with("root", resume.tree.root().to_string());
        self.write(&mut state, vec![event], actor, at)?;
        // In this order: whatever the moment of a crash, either everything is there, or it is
        // said what is not, and how the rest is proved.
        while_("sync", state.open.file.sync_data())?;
        kept::store_base(&self.storage, &Base { origin, resume })?;
        let mut removed = 0;
        for file in while_("read", self.storage.closed())? {
            if file < first {
                while_("remove", self.storage.remove_closed(file))?;
                removed += 1;
            }
        }
        while_("remove", self.storage.sync_names())?;
        self.seal_if_due(state, guard, at)?;
        Ok(Some(Pruned {
            files: removed,
            first,
        }))
    }

    /// The tree of the entries before `first`, if the whole log is intact and the checkpoint's.
    fn proved(
        &self,
        state: &State<S::File>,
        files: &Files<S::File>,
        first: u64,
        note: SignedCheckpoint,
        key: &VerifyingKey,
    ) -> Result<Resume, LogError> {
        let size = note.checkpoint().size;
        let base = kept::base(&self.storage)?.map(|base| base.resume);
        let from = base.as_ref().map_or(0, |base| base.offset);
        let before = files.closed.iter().filter(|(start, ..)| *start < first);
        let length = before.map(|(_, _, len)| len).sum();
        let mut verifier = Verifier::new(Trust::none());
        if let Some(base) = base {
            verifier = verifier.resume(base);
        }
        let reader = self.reader(state, files, from)?;
        let report = verifier.verify(std::io::Read::take(reader, length));
        let resume = intact(while_("read", report)?)?
            .resume
            .filter(|resume| resume.tree.size() == first);
        let not = || LogError::NotALog("its files do not continue each other".to_owned());
        let resume = resume.ok_or_else(not)?;
        let trust = Trust::none().pin(key.clone()).beside(note);
        let reader = self.reader(state, files, resume.offset)?;
        let verifier = Verifier::new(trust).resume(resume.clone());
        let report = intact(while_("read", verifier.verify(reader))?)?;
        let mut proved = report.proved.iter();
        let covers = |claim: &Claim| *claim == Claim::SignedCheckpoint;
        match proved.find(|statement| covers(&statement.claim) && statement.count == size) {
            Some(_) => Ok(resume),
            None => Err(LogError::NoCheckpoint { key: key.label() }),
        }
    }
}

fn intact(report: Report) -> Result<Report, LogError> {
    match report.breaks.first() {
        Some(found) => Err(LogError::Damaged(Box::new(found.clone()))),
        None => Ok(report),
    }
}
