//! Checkpoints of a log on disk, changes of key, and closing files.

use std::io::Read;
use std::sync::{Arc, MutexGuard};

use chrono::{DateTime, Utc};

use crate::chain::Origin;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::event::{Actor, Event, EventKind, Severity};
use crate::fs::error::{LogError, while_};
use crate::fs::kept;
use crate::fs::log::{Log, State};
use crate::fs::options::Every;
use crate::fs::storage::{Overwrite, Storage, StorageFile, Stretch, closed_suffix};
use crate::key::VerifyingKey;
use crate::note::{MAX_NOTE_BYTES, Signer};
use crate::trace::span;
use crate::verify::{BreakKind, Resume, Trust, Verifier};

/// After how many more entries the tree is kept beside the log again, so that the next program
/// that signs, and the next incremental verification, read no more than that.
const KEEP_TREE_EVERY: u64 = 1024;

/// Files of a log in their order, each with its length, and the byte of the whole log at which
/// the first of them starts.
pub(crate) struct Files<F> {
    pub start: u64,
    pub closed: Vec<(u64, F, u64)>,
}

/// What a checkpoint is made of.
pub(crate) struct Tip {
    origin: Origin,
    resume: Resume,
}

impl<S: Storage> Log<S> {
    /// Signs a checkpoint of the log as it is on the disk, and keeps it beside the log. Before,
    /// everything that was added since the last checkpoint of the same key is read and checked;
    /// a checkpoint never covers bytes that were not, and never contradicts the one beside the
    /// log.
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
        let mut state = self.state();
        let guard = self.enter(&mut state, actor, at)?;
        let tip = self.tip(&mut state, &[signer.verifying_key()])?;
        let open = Arc::clone(&state.open);
        // Whoever asks for a checkpoint wants it to be found again quickly.
        state.kept = 0;
        drop(guard);
        drop(state);
        // What is signed is on the disk first, also what other processes wrote.
        while_("sync", open.file.sync_data())?;
        self.seal(&tip, &[signer], at)
    }

    /// Signs a checkpoint if one is due; everything is on the disk already.
    pub(crate) fn seal_if_due(
        &self,
        mut state: MutexGuard<'_, State<S::File>>,
        guard: S::Guard,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let Some(signer) = self.due(&state, at) else {
            return Ok(());
        };
        let tip = self.tip(&mut state, &[signer.verifying_key()]);
        drop(guard);
        drop(state);
        self.seal(&tip?, &[signer], at).map(|_| ())
    }

    /// Signs a checkpoint of what is on the disk, and keeps it.
    pub(crate) fn seal(
        &self,
        tip: &Tip,
        signers: &[&dyn Signer],
        at: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        let note = self.sign(tip, signers, at)?;
        self.publish(tip, &note, at)?;
        Ok(note)
    }

    /// Signs a checkpoint, which nobody sees until it is published.
    pub(crate) fn sign(
        &self,
        tip: &Tip,
        signers: &[&dyn Signer],
        at: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        let tree = &tip.resume.tree;
        span!("checkpoint", entries = tree.size());
        let checkpoint = Checkpoint::new(tip.origin.clone(), tree.size(), tree.root());
        self.cosigned(checkpoint.sign(signers)?, at)
    }

    /// Keeps a signed checkpoint beside the log; what it covers is on the disk.
    pub(crate) fn publish(
        &self,
        tip: &Tip,
        note: &SignedCheckpoint,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let mut state = self.state();
        let _guard = while_("lock", self.storage.lock())?;
        self.keep(&mut state, note, &tip.resume)?;
        state.signed_at = Some(at);
        Ok(())
    }

    #[cfg(any(feature = "witness", feature = "mldsa"))]
    fn cosigned(
        &self,
        mut note: SignedCheckpoint,
        at: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        if self.options.cosigners.is_empty() {
            return Ok(note);
        }
        // C2SP tlog-cosignature: seconds since 1970, and 0 says nothing of the time.
        let time = u64::try_from(at.timestamp());
        let time = time.map_err(|_| crate::Error::Signer("the time is before 1970".to_owned()))?;
        for cosigner in &self.options.cosigners {
            note = cosigner.cosign(&note, time)?;
        }
        Ok(note)
    }

    #[cfg(not(any(feature = "witness", feature = "mldsa")))]
    #[allow(clippy::unnecessary_wraps)] // As with the features.
    fn cosigned(
        &self,
        note: SignedCheckpoint,
        _: DateTime<Utc>,
    ) -> Result<SignedCheckpoint, LogError> {
        Ok(note)
    }

    /// Who signs now, if the options say that a checkpoint is due.
    pub(crate) fn due(&self, state: &State<S::File>, at: DateTime<Utc>) -> Option<&dyn Signer> {
        let (signer, every) = self.options.signer.as_ref()?;
        let due = match every {
            Every::Commit => true,
            Every::Interval(interval) => state
                .signed_at
                .is_none_or(|last| at.signed_duration_since(last) >= *interval),
        };
        due.then_some(&**signer)
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
        let _guard = self.enter(&mut state, actor, at)?;
        self.write(&mut state, vec![event], actor, at)?;
        // Held until the tree is known, so that the checkpoint ends with this very entry.
        let tip = self.tip(&mut state, &[old.verifying_key()])?;
        while_("sync", state.open.file.sync_data())?;
        let tree = &tip.resume.tree;
        let checkpoint = Checkpoint::new(tip.origin.clone(), tree.size(), tree.root());
        let note = self.cosigned(checkpoint.sign(&[old, new])?, at)?;
        // First what hands over: a checkpoint of the new key alone would prove nothing.
        let notes = while_("read", self.storage.read("keys", kept::MAX_NOTES))?;
        // The first change of keys finds no earlier notes.
        let mut notes = notes.unwrap_or_else(Vec::new);
        kept::add_note(&mut notes, &note);
        while_("write", self.storage.replace("keys", &notes))?;
        self.keep(&mut state, &note, &tip.resume)?;
        Ok(note)
    }

    /// Closes the log's file, which keeps its entries under the number of its first one, and
    /// begins another that continues it; signs a checkpoint if one is due. The number of the
    /// closed file's first entry.
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
        // Entering again finds no file of the log's name, and begins one with a `Rotated` entry,
        // which is on the disk then.
        let guard = self.enter(&mut state, actor, at)?;
        self.seal_if_due(state, guard, at)?;
        Ok(first)
    }

    /// The log's name and its tree as it is now. The caller holds the lock.
    pub(crate) fn tip(
        &self,
        state: &mut State<S::File>,
        keys: &[&VerifyingKey],
    ) -> Result<Tip, LogError> {
        let whole = |resume: &Resume| resume.tree.size() == state.chain.next_seq();
        let resume = match state.tree.clone().filter(whole) {
            Some(resume) => resume,
            None => self.advance(state, keys)?,
        };
        let origin = self.origin(state)?;
        Ok(Tip { origin, resume })
    }

    /// Reads what was added since the tree was last known, and checks it.
    fn advance(
        &self,
        state: &mut State<S::File>,
        keys: &[&VerifyingKey],
    ) -> Result<Resume, LogError> {
        let files = self.files()?;
        let known = state.tree.take().map(|resume| (resume, Trust::none()));
        let known = known.or_else(|| {
            let (resume, note) = kept::load(&self.storage, keys)?;
            state.kept = resume.tree.size();
            Some((resume, Trust::none().beside(note)))
        });
        if let Some((resume, trust)) = known {
            let verifier = Verifier::new(trust).resume(resume.clone());
            let reader = self.reader(state, &files, resume.offset)?;
            let report = while_("read", verifier.verify(reader))?;
            if let Some(resume) = report.resume.filter(|_| report.breaks.is_empty()) {
                state.tree = Some(resume.clone());
                return Ok(resume);
            }
            state.kept = 0;
        }
        let mut trust = Trust::none();
        match kept::beside(&self.storage) {
            Ok(Some(note)) => trust = trust.beside(note),
            // An unreadable note proves as little as a missing one; the next checkpoint replaces it.
            Ok(None) | Err(LogError::Entry(_)) => {}
            Err(error) => return Err(error),
        }
        let mut verifier = Verifier::new(trust);
        if let Some(base) = kept::base(&self.storage)? {
            verifier = verifier.pruned(base.resume);
        }
        let reader = self.reader(state, &files, 0)?;
        let report = while_("read", verifier.verify(reader))?;
        match (report.resume, report.breaks.into_iter().next()) {
            (_, Some(found)) => Err(LogError::Damaged(Box::new(found))),
            (Some(resume), None) => {
                state.tree = Some(resume.clone());
                Ok(resume)
            }
            (None, None) => Err(LogError::NotALog("it has no entries".to_owned())),
        }
    }

    /// The closed files that are left, each with its first entry's number and its length.
    pub(crate) fn files(&self) -> Result<Files<S::File>, LogError> {
        let base = kept::base(&self.storage)?;
        let (size, start) =
            base.map_or((0, 0), |base| (base.resume.tree.size(), base.resume.offset));
        let mut closed = Vec::new();
        for first in while_("read", self.storage.closed())? {
            if first >= size {
                let file = while_("open", self.storage.open_closed(first))?;
                let len = while_("read", file.len())?;
                closed.push((first, file, len));
            }
        }
        Ok(Files { start, closed })
    }

    /// The log's bytes from a place to the end.
    pub(crate) fn reader<'a>(
        &self,
        state: &'a State<S::File>,
        files: &'a Files<S::File>,
        from: u64,
    ) -> Result<impl Read + use<'a, S>, LogError> {
        let mut parts = Vec::new();
        let mut skip = from.saturating_sub(files.start);
        let open = std::iter::once((&state.open.file, state.len));
        let closed = files.closed.iter().map(|(_, file, len)| (file, *len));
        for (file, len) in closed.chain(open) {
            let start = skip.min(len);
            skip -= start;
            parts.push(Stretch::new(file, start, len));
        }
        if skip > 0 {
            let detail = "the log is shorter than it was";
            let mut found = super::tail::at(state.chain.next_seq(), from - skip, detail);
            found.kind = BreakKind::Truncated;
            return Err(LogError::Damaged(Box::new(found)));
        }
        Ok(kept::Chained::new(parts))
    }

    pub(crate) fn origin(&self, state: &mut State<S::File>) -> Result<Origin, LogError> {
        if let Some(origin) = &state.origin {
            return Ok(origin.clone());
        }
        let first = while_("read", self.storage.closed())?.first().copied();
        let origin = match (kept::base(&self.storage)?, first) {
            (Some(base), _) => base.origin,
            (None, Some(first)) => {
                let file = while_("open", self.storage.open_closed(first))?;
                kept::origin(&file)?
            }
            (None, None) => kept::origin(&state.open.file)?,
        };
        state.origin = Some(origin.clone());
        Ok(origin)
    }

    /// Keeps a checkpoint beside the log, if there is no later one, and now and then the tree.
    /// The caller holds the lock.
    pub(crate) fn keep(
        &self,
        state: &mut State<S::File>,
        note: &SignedCheckpoint,
        resume: &Resume,
    ) -> Result<(), LogError> {
        let size = note.checkpoint().size;
        let text = note.to_string();
        let not_later = |old: &[u8]| kept::size_of(old).is_none_or(|old| old <= size);
        let done = self
            .storage
            .overwrite("checkpoint", text.as_bytes(), &not_later);
        match while_("write", done)? {
            Overwrite::Done => {}
            Overwrite::Kept => return Ok(()),
            Overwrite::Unfit => {
                let limit = MAX_NOTE_BYTES as u64;
                let old = while_("read", self.storage.read("checkpoint", limit))?;
                if old.is_some_and(|old| !not_later(&old)) {
                    return Ok(());
                }
                while_("write", self.storage.replace("checkpoint", text.as_bytes()))?;
            }
        }
        if state.kept == 0 || size >= state.kept + KEEP_TREE_EVERY {
            kept::store(&self.storage, resume)?;
            state.kept = size;
        }
        Ok(())
    }
}

pub(crate) fn first_seq(file: &impl StorageFile) -> Result<u64, LogError> {
    kept::first_entry(file).map(|entry| entry.seq())
}
