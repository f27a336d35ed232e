//! Checkpoints of a log on disk, changes of key, and closing files.

use std::io::Read;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::event::{Actor, Event, EventKind, Severity};
use crate::fs::error::{LogError, while_};
use crate::fs::kept;
use crate::fs::log::{Every, Log, State};
use crate::fs::storage::{Storage, StorageFile, Stretch, closed_suffix};
use crate::note::{MAX_NOTE_BYTES, Signer, VerifyingKey};
use crate::verify::{Resume, Trust, Verifier};

/// Closed files, each with its length.
type Closed<F> = Vec<(F, u64)>;

impl<S: Storage> Log<S> {
    /// Signs a checkpoint of the log as it is on the disk, and keeps it beside the log. Before,
    /// everything that was added since the last checkpoint of the same key is read and checked;
    /// a checkpoint never covers bytes that were not.
    ///
    /// # Errors
    ///
    /// [`LogError::Damaged`] if the log is not intact, [`LogError::NotDurable`], and
    /// [`LogError::Entry`] if the key cannot be used.
    pub fn checkpoint(
        &self,
        signer: &dyn Signer,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        self.checkpoint_by(&[signer], actor, at)
    }

    fn checkpoint_by(
        &self,
        signers: &[&dyn Signer],
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        let mut state = self.state();
        let guard = self.enter(&mut state, actor, at)?;
        let keys: Vec<_> = signers
            .iter()
            .map(|signer| signer.verifying_key())
            .collect();
        let resume = self.advance(&mut state, &keys)?;
        let origin = self.origin(&state)?;
        let open = Arc::clone(&state.open);
        drop(guard);
        drop(state);
        // What is signed is on the disk first, also what other processes wrote.
        while_("sync", open.file.sync_data())?;
        let checkpoint = Checkpoint::new(origin, resume.tree.size(), resume.tree.root());
        let note = checkpoint.sign(signers)?;
        let mut state = self.state();
        let _guard = self.enter(&mut state, actor, at)?;
        self.keep(&note, &resume)?;
        state.signed_at = Some(at);
        Ok(note)
    }

    /// Signs a checkpoint if the options say that one is due.
    pub(crate) fn sign_if_due(&self, actor: &Actor, at: DateTime<Utc>) -> Result<(), LogError> {
        let Some((signer, every)) = self.signer() else {
            return Ok(());
        };
        let due = match every {
            Every::Commit => true,
            Every::Interval(interval) => {
                let last = self.state().signed_at;
                last.is_none_or(|last| at.signed_duration_since(last) >= *interval)
            }
        };
        if due {
            self.checkpoint(&**signer, actor, at)?;
        }
        Ok(())
    }

    /// Hands signing over to another key: an entry names it, and a checkpoint that ends with
    /// this entry is signed by both. From then on the old key counts no more, and should be
    /// destroyed. The verifier pins the first key and follows from there.
    ///
    /// # Errors
    ///
    /// As [`Log::append_batch`] and [`Log::checkpoint`].
    pub fn rotate_key(
        &self,
        old: &dyn Signer,
        new: &dyn Signer,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        let event = Event::new(EventKind::KeyRotated)
            .with_severity(Severity::Notice)
            .with("from", old.verifying_key().to_string())
            .with("to", new.verifying_key().to_string());
        let mut state = self.state();
        let guard = self.enter(&mut state, actor, at)?;
        self.write(&mut state, vec![event], actor, at)?;
        // Held until the tree is known, so that the checkpoint ends with this very entry.
        let resume = self.advance(&mut state, &[old.verifying_key()])?;
        let origin = self.origin(&state)?;
        while_("sync", state.open.file.sync_data())?;
        let checkpoint = Checkpoint::new(origin, resume.tree.size(), resume.tree.root());
        let note = checkpoint.sign(&[old, new])?;
        self.keep(&note, &resume)?;
        let mut notes =
            while_("read", self.storage.read("keys", kept::MAX_NOTES))?.unwrap_or_default();
        kept::add_note(&mut notes, &note);
        while_("write", self.storage.replace("keys", &notes))?;
        drop(guard);
        Ok(note)
    }

    /// Closes the log's file, which keeps its entries under the number of its first one, and
    /// begins another that continues it. The number of the closed file's first entry.
    ///
    /// # Errors
    ///
    /// As [`Log::append_batch`].
    pub fn rotate(&self, actor: &Actor, at: DateTime<Utc>) -> Result<u64, LogError> {
        let mut state = self.state();
        let guard = self.enter(&mut state, actor, at)?;
        let first = first_seq(&state.open.file)?;
        while_("sync", state.open.file.sync_data())?;
        while_("rename", self.storage.set_aside(&closed_suffix(first)))?;
        while_("rename", self.storage.sync_names())?;
        drop(guard);
        // Entering again finds no file of the log's name, and begins one with a `Rotated` entry.
        drop(self.enter(&mut state, actor, at)?);
        Ok(first)
    }

    /// Reads what was added since the tree was last known, and checks it.
    fn advance(
        &self,
        state: &mut State<S::File>,
        keys: &[&VerifyingKey],
    ) -> Result<Resume, LogError> {
        let resume = state.tree.take();
        let resume = resume.or_else(|| kept::load(&self.storage, keys));
        let (before, to) = self.closed(state)?;
        let from = resume.as_ref().map_or(0, |resume| resume.offset);
        let reader = self.reader(state, &before, from, to)?;
        let mut verifier = Verifier::new(Trust::none());
        if let Some(resume) = resume {
            verifier = verifier.resume(resume);
        }
        let report = while_("read", verifier.verify(reader))?;
        match report.resume {
            Some(resume) => {
                state.tree = Some(resume.clone());
                Ok(resume)
            }
            None => Err(match report.breaks.into_iter().next() {
                Some(found) => LogError::Damaged(Box::new(found)),
                None => LogError::NotALog("it has no entries".to_owned()),
            }),
        }
    }

    /// The closed files, and the length of all files together.
    fn closed(&self, state: &State<S::File>) -> Result<(Closed<S::File>, u64), LogError> {
        let mut files = Vec::new();
        let mut total = state.len;
        for first in while_("read", self.storage.closed())? {
            let file = while_("open", self.storage.open_closed(first))?;
            let len = while_("read", file.len())?;
            total += len;
            files.push((file, len));
        }
        Ok((files, total))
    }

    fn reader<'a>(
        &self,
        state: &'a State<S::File>,
        before: &'a [(S::File, u64)],
        from: u64,
        to: u64,
    ) -> Result<impl Read + use<'a, S>, LogError> {
        if from > to {
            let detail = "the log is shorter than it was";
            return Err(super::tail::damaged(state.chain.next_seq(), to, detail));
        }
        let mut parts = Vec::new();
        let mut skip = from;
        let open = std::iter::once((&state.open.file, state.len));
        let all = before.iter().map(|(file, len)| (file, *len)).chain(open);
        for (file, len) in all {
            let start = skip.min(len);
            skip -= start;
            parts.push(Stretch::new(file, start, len));
        }
        Ok(kept::Chained::new(parts))
    }

    fn origin(&self, state: &State<S::File>) -> Result<crate::Origin, LogError> {
        let first = while_("read", self.storage.closed())?.first().copied();
        let origin = match first {
            Some(first) => {
                let file = while_("open", self.storage.open_closed(first))?;
                kept::origin(&file)?
            }
            None => kept::origin(&state.open.file)?,
        };
        Ok(origin)
    }

    /// Keeps a checkpoint beside the log, if there is no later one.
    fn keep(&self, note: &SignedCheckpoint, resume: &Resume) -> Result<(), LogError> {
        let old = while_(
            "read",
            self.storage.read("checkpoint", MAX_NOTE_BYTES as u64),
        )?;
        let old = old.and_then(|bytes| String::from_utf8(bytes).ok());
        let old = old.and_then(|text| SignedCheckpoint::parse(&text).ok());
        if old.is_some_and(|old| old.checkpoint().size > note.checkpoint().size) {
            return Ok(());
        }
        let text = note.to_string();
        while_("write", self.storage.replace("checkpoint", text.as_bytes()))?;
        kept::store(&self.storage, resume)
    }
}

fn first_seq(file: &impl StorageFile) -> Result<u64, LogError> {
    kept::first_entry(file).map(|entry| entry.seq())
}
