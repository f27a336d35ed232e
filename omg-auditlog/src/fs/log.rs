//! The writer: open, append, make durable.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::chain::Chain;
use crate::entry::Entry;
use crate::event::{Actor, Event, EventKind};
use crate::fs::commit::Commit;
use crate::fs::disk::Disk;
use crate::fs::error::{LogError, while_};
use crate::fs::options::{LogOptions, Sync};
use crate::fs::storage::{Storage, StorageFile};
use crate::fs::tail::{self, Tail};
use crate::hash::Hash;
use crate::trace::span;
use crate::verify::Resume;

/// Where entries were written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Receipt {
    /// The number of the first of them.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// The hash of the last.
    pub head: Hash,
}

/// A log that can be written, from many threads and processes at once.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "fs")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use omg_auditlog::fs::{Log, LogOptions};
/// use omg_auditlog::{Actor, Event, EventKind, Machine};
///
/// let directory = tempfile::tempdir()?;
/// let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap_or_default();
/// let options = LogOptions::new("example.org/log".parse()?, Machine::new("host", "boot"));
/// let log = Log::open(&directory.path().join("audit.jsonl"), options, &Actor::uid(0), at)?;
///
/// let event = Event::new(EventKind::PackageInstall).with("package", "zlib");
/// let receipt = log.append(event, &Actor::uid(0), at)?; // On the disk when this returns.
/// assert_eq!((receipt.first, receipt.count), (1, 1)); // Entry 0 opens the log.
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "fs"))]
/// # fn main() {}
/// ```
pub struct Log<S: Storage = Disk> {
    pub(crate) storage: S,
    pub(crate) options: LogOptions,
    state: Mutex<State<S::File>>,
}

/// The open file, with how far it is on the disk.
pub(crate) struct Open<F> {
    pub(crate) file: F,
    commit: Commit,
}

pub(crate) struct State<F> {
    pub(crate) open: Arc<Open<F>>,
    /// The length that the chain is the end of.
    pub(crate) len: u64,
    pub(crate) chain: Chain,
    /// The tree up to where it was last needed.
    pub(crate) tree: Option<Resume>,
    /// The log's name, once its first entry was read.
    pub(crate) origin: Option<crate::Origin>,
    /// How many entries the tree had that was last kept beside the log.
    pub(crate) kept: u64,
    /// When this handle last signed.
    pub(crate) signed_at: Option<DateTime<Utc>>,
    poisoned: bool,
}

impl Log<Disk> {
    /// Opens the log of this name, or creates it with its first entry. `actor` and `at` are for
    /// entries that opening makes: [`EventKind::LogOpened`] and [`EventKind::Recovered`].
    ///
    /// A torn end is moved to a file beside the log, named `.torn-` and where it was, and
    /// recorded; nothing is thrown away.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] if a file cannot be opened or is not safe (see [`Disk`]),
    /// [`LogError::Damaged`] if the last whole line is no entry or a checkpoint beside the log
    /// says that there were more, [`LogError::NoSpace`].
    pub fn open(
        path: &Path,
        options: LogOptions,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<Self, LogError> {
        let disk = while_("open", Disk::new(path))?;
        Self::open_on(disk, options, actor, at)
    }
}

impl<S: Storage> Log<S> {
    /// As [`Log::open`], on other storage than a disk.
    ///
    /// # Errors
    ///
    /// As [`Log::open`].
    pub fn open_on(
        storage: S,
        options: LogOptions,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<Self, LogError> {
        let guard = while_("lock", storage.lock())?;
        let state = load(&storage, &options, actor, at)?;
        drop(guard);
        Ok(Self {
            storage,
            options,
            state: Mutex::new(state),
        })
    }

    /// Appends an entry, as [`Log::append_batch`] does.
    ///
    /// # Errors
    ///
    /// As [`Log::append_batch`].
    pub fn append(
        &self,
        event: Event,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<Receipt, LogError> {
        self.append_batch(vec![event], actor, at)
    }

    /// Appends entries with one write: all of them or, on an error, none; returns when they are
    /// as durable as [`LogOptions::sync`] says. Entries of other threads and processes may stand
    /// before and after them, never between. If the log signs checkpoints, a due one is signed.
    ///
    /// # Errors
    ///
    /// [`LogError::Entry`] if an event cannot be an entry, [`LogError::NoSpace`] if the disk is
    /// full, [`LogError::NotDurable`] and then [`LogError::Poisoned`] if it is not known what is
    /// on the disk, [`LogError::Damaged`] if somebody else's bytes stand at the end.
    pub fn append_batch(
        &self,
        events: Vec<Event>,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<Receipt, LogError> {
        span!("append", entries = events.len());
        let mut state = self.state();
        let guard = self.enter(&mut state, actor, at)?;
        let start = state.len;
        let (receipt, ticket) = self.write(&mut state, events, actor, at)?;
        let open = Arc::clone(&state.open);
        // What is signed ends with these entries, so that one wait for the disk serves both.
        let due = self.due(&state, at);
        let wait = self.options.sync == Sync::Data || due.is_some();
        if due.is_some() {
            open.file.begin_sync(start..state.len);
        }
        let tip = due.map(|signer| (signer, self.tip(&mut state, &[signer.verifying_key()])));
        drop(guard);
        drop(state);
        // The disk and the signature are at work together. The checkpoint is kept back until
        // what it covers is on the disk: it never says more than a crash leaves.
        let sealed = tip.map(|(signer, tip)| {
            let tip = tip?;
            let note = self.sign(&tip, &[signer], at)?;
            self.storage.make_ready("checkpoint");
            Ok::<_, LogError>((tip, note))
        });
        if wait {
            self.settle(&open, ticket)?;
        }
        if let Some(sealed) = sealed {
            let (tip, note) = sealed?;
            self.publish(&tip, &note, at)?;
        }
        Ok(receipt)
    }

    /// How many entries the log had when this handle last looked.
    pub fn entries(&self) -> u64 {
        self.state().chain.next_seq()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State<S::File>> {
        // A thread that panicked while it held the state has not changed it: it is set last.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock and looks at what others have written.
    pub(crate) fn enter(
        &self,
        state: &mut State<S::File>,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<S::Guard, LogError> {
        if state.poisoned || state.open.commit.failed() {
            return Err(LogError::Poisoned);
        }
        let guard = while_("lock", self.storage.lock())?;
        match while_("open", self.storage.current_len(&state.open.file))? {
            Some(len) if len == state.len => {}
            Some(_) => self.refresh(state, actor, at)?,
            None => {
                let (tree, kept, signed_at) = (state.tree.take(), state.kept, state.signed_at);
                *state = load(&self.storage, &self.options, actor, at)?;
                (state.tree, state.kept, state.signed_at) = (tree, kept, signed_at);
            }
        }
        Ok(guard)
    }

    /// Others have written, or bytes are missing.
    fn refresh(
        &self,
        state: &mut State<S::File>,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let before = (state.len, state.chain.next_seq());
        let open = Arc::clone(&state.open);
        let tail = tail::read(&open.file)?;
        let end = tail.end_of_lines();
        if end < before.0 || tail.next_seq() < before.1 {
            let detail = "the log became shorter while it was open";
            return Err(tail::damaged(tail.next_seq(), end, detail));
        }
        settle_tail(state, &self.storage, &self.options, tail, actor, at)
    }

    /// Makes entries and writes them at the end. The caller holds the lock.
    pub(crate) fn write(
        &self,
        state: &mut State<S::File>,
        events: Vec<Event>,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<(Receipt, u64), LogError> {
        let first = state.chain.next_seq();
        let mut chain = state.chain.clone();
        // The tree goes on with the entries if it is known up to them.
        let mut tree = state.tree.take();
        let up_to_date = tree.as_ref().is_some_and(|tree| tree.tree.size() == first);
        let mut bytes = Vec::with_capacity(events.len() * 512);
        for event in events {
            let entry = chain.append(event, actor, &self.options.machine, at)?;
            bytes.extend_from_slice(entry.line().as_bytes());
            bytes.push(b'\n');
            if let Some(tree) = tree.as_mut().filter(|_| up_to_date) {
                tree.add(&entry);
            }
        }
        let ticket = put(state, &bytes)?;
        state.tree = tree;
        let receipt = Receipt {
            first,
            count: chain.next_seq() - first,
            head: chain.head(),
        };
        state.chain = chain;
        Ok((receipt, ticket))
    }

    /// Waits for the disk.
    pub(crate) fn settle(&self, open: &Open<S::File>, ticket: u64) -> Result<(), LogError> {
        span!("sync");
        let synced = open.commit.wait(ticket, || open.file.sync_data());
        synced.map_err(|error| match error {
            Some(source) => LogError::NotDurable { source },
            None => LogError::Poisoned,
        })
    }
}

impl<S: Storage + fmt::Debug> fmt::Debug for Log<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("storage", &self.storage)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Writes whole lines at the end, or takes back what was written of them.
fn put<F: StorageFile>(state: &mut State<F>, bytes: &[u8]) -> Result<u64, LogError> {
    let open = Arc::clone(&state.open);
    let failed = match open.file.append(bytes) {
        Ok(count) if count == bytes.len() => {
            state.len += count as u64;
            return Ok(open.commit.written());
        }
        Ok(_) => std::io::Error::from(std::io::ErrorKind::StorageFull),
        Err(error) => error,
    };
    // What is there of the lines is taken back, so that the log ends with a whole line.
    if let Err(source) = open.file.truncate(state.len) {
        state.poisoned = true;
        open.commit.fail();
        return Err(LogError::NotDurable { source });
    }
    Err(LogError::NoSpace { source: failed })
}

/// Opens the file and finds its end; makes the first entry, and mends a torn end.
fn load<S: Storage>(
    storage: &S,
    options: &LogOptions,
    actor: &Actor,
    at: DateTime<Utc>,
) -> Result<State<S::File>, LogError> {
    let file = while_("open", storage.open())?;
    let tail = tail::read(&file)?;
    let open = Open {
        file,
        commit: Commit::default(),
    };
    let mut state = State {
        open: Arc::new(open),
        len: 0,
        chain: Chain::resume(0, options.origin.genesis()),
        tree: None,
        origin: None,
        kept: 0,
        signed_at: None,
        poisoned: false,
    };
    settle_tail(&mut state, storage, options, tail, actor, at)?;
    Ok(state)
}

/// Continues after the last whole line: moves a torn end aside, writes the first entry where
/// there is none, and records what was mended.
fn settle_tail<S: Storage>(
    state: &mut State<S::File>,
    storage: &S,
    options: &LogOptions,
    tail: Tail,
    actor: &Actor,
    at: DateTime<Utc>,
) -> Result<(), LogError> {
    let open = Arc::clone(&state.open);
    let torn = tail::move_aside(storage, &open.file, &tail)?;
    state.len = tail.end_of_lines();
    let mut first = Vec::new();
    match &tail.last {
        Some(last) => state.chain = Chain::after(last),
        None => match tail::closed_end(storage)? {
            Some(last) => {
                state.chain = Chain::after(&last);
                first.push(tail::rotated(&last));
            }
            None => {
                state.chain = Chain::resume(0, options.origin.genesis());
                first.push(opened(options));
            }
        },
    }
    first.extend(torn);
    tail::check_checkpoint(storage, &state.chain, state.len)?;
    if first.is_empty() {
        return Ok(());
    }
    let mut chain = state.chain.clone();
    let mut bytes = Vec::new();
    for event in first {
        let entry: Entry = chain.append(event, actor, &options.machine, at)?;
        bytes.extend_from_slice(entry.line().as_bytes());
        bytes.push(b'\n');
    }
    put(state, &bytes)?;
    state.chain = chain;
    // Before anybody builds on it.
    open.file.sync_data().map_err(|source| {
        open.commit.fail();
        LogError::NotDurable { source }
    })
}

fn opened(options: &LogOptions) -> Event {
    let event = Event::new(EventKind::LogOpened)
        .with("format", 1i64)
        .with("origin", options.origin.as_str());
    match &options.signer {
        Some((signer, _)) => event.with("key", signer.verifying_key().to_string()),
        None => event,
    }
}
