//! How a log is opened.

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::chain::Origin;
use crate::entry::Machine;
use crate::note::Signer;

/// When an append returns.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Sync {
    /// When the entries are on the disk (`fdatasync`). The default.
    #[default]
    Data,
    /// When the system has them: they survive the end of the process, not a loss of power.
    None,
}

/// When the log signs a checkpoint by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Every {
    /// After each append or batch.
    Commit,
    /// After the first append that is at least so long after the last checkpoint that this
    /// handle signed, by the times of the entries.
    Interval(TimeDelta),
}

/// How to open a log.
#[derive(Clone)]
#[non_exhaustive]
pub struct LogOptions {
    pub(crate) origin: Origin,
    pub(crate) machine: Machine,
    pub(crate) sync: Sync,
    pub(crate) signer: Option<(Arc<dyn Signer>, Every)>,
    #[cfg(any(feature = "witness", feature = "mldsa"))]
    pub(crate) cosigners: Vec<Arc<dyn crate::Cosigner>>,
}

impl LogOptions {
    /// For a log of this name, if it has to be created, and entries made on this machine.
    #[must_use]
    pub fn new(origin: Origin, machine: Machine) -> Self {
        Self {
            origin,
            machine,
            sync: Sync::default(),
            signer: None,
            #[cfg(any(feature = "witness", feature = "mldsa"))]
            cosigners: Vec::new(),
        }
    }

    /// When an append returns (default: [`Sync::Data`]).
    #[must_use]
    pub fn sync(mut self, sync: Sync) -> Self {
        self.sync = sync;
        self
    }

    /// Signs checkpoints (default: none). A new log names the key in its first entry.
    #[must_use]
    pub fn sign(mut self, signer: Arc<dyn Signer>, every: Every) -> Self {
        self.signer = Some((signer, every));
        self
    }

    /// Adds a cosignature to every checkpoint that this log signs, with the time of the entry
    /// that it was due for; given more than once, each. A checkpoint that is longer than 512
    /// bytes, as with ML-DSA-44, takes a sync of its own.
    #[cfg(any(feature = "witness", feature = "mldsa"))]
    #[must_use]
    pub fn cosign(mut self, cosigner: Arc<dyn crate::Cosigner>) -> Self {
        self.cosigners.push(cosigner);
        self
    }
}

impl fmt::Debug for LogOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signer = self.signer.as_ref();
        f.debug_struct("LogOptions")
            .field("origin", &self.origin)
            .field("machine", &self.machine)
            .field("sync", &self.sync)
            .field(
                "signer",
                &signer.map(|(s, every)| (s.verifying_key().clone(), every)),
            )
            .finish()
    }
}
