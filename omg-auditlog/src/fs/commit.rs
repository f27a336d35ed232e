//! Group commit: one sync of the disk serves every append before it, of all threads; between
//! processes the kernel does the same, since the sync is outside of the lock.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How far the log is known to be on the disk.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The last append that was handed to the system, counted from one.
    written: u64,
    /// The last append that is on the disk.
    synced: u64,
    /// Whether a thread is waiting for the disk.
    syncing: bool,
    failed: bool,
}

impl Commit {
    /// Notes an append, in the order of the file; its ticket.
    pub(crate) fn written(&self) -> u64 {
        let mut state = self.lock();
        state.written += 1;
        state.written
    }

    /// Returns when the append with this ticket is on the disk. One of the waiting threads syncs
    /// for all; `Err(None)` if another's sync failed.
    pub(crate) fn wait(
        &self,
        ticket: u64,
        sync: impl Fn() -> io::Result<()>,
    ) -> Result<(), Option<io::Error>> {
        let mut state = self.lock();
        loop {
            if state.failed {
                return Err(None);
            }
            if state.synced >= ticket {
                return Ok(());
            }
            if state.syncing {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.syncing = true;
            let target = state.written;
            drop(state);
            let result = sync();
            state = self.lock();
            state.syncing = false;
            self.changed.notify_all();
            match result {
                Ok(()) => state.synced = state.synced.max(target),
                Err(error) => {
                    state.failed = true;
                    return Err(Some(error));
                }
            }
        }
    }

    pub(crate) fn failed(&self) -> bool {
        self.lock().failed
    }

    pub(crate) fn fail(&self) {
        self.lock().failed = true;
    }

    /// No thread leaves the state half changed, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
