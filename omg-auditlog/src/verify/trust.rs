//! What a verification may rely on.

use crate::checkpoint::SignedCheckpoint;
use crate::key::VerifyingKey;

/// Keys and checkpoints to hold a log against. Without any, a verification finds what does not
/// fit together, and cannot see a log that was cut off or written anew.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub(crate) key: Option<VerifyingKey>,
    pub(crate) pinned: bool,
    pub(crate) held: Vec<SignedCheckpoint>,
    pub(crate) beside: Vec<SignedCheckpoint>,
    #[cfg(any(feature = "witness", feature = "mldsa"))]
    pub(crate) cosigners: Vec<crate::CosignerKey>,
}

impl Trust {
    /// Relies on nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Requires this key's signature: a log without a checkpoint that it signed is tampered
    /// with. If keys were rotated, this is the first one.
    #[must_use]
    pub fn pin(mut self, key: VerifyingKey) -> Self {
        self.key = Some(key);
        self.pinned = true;
        self
    }

    /// Recognises this key's signature without requiring one.
    #[must_use]
    pub fn recognise(mut self, key: VerifyingKey) -> Self {
        self.key.get_or_insert(key);
        self
    }

    /// Requires this key's cosignature on a checkpoint that the log agrees with: a witness's, or
    /// one that quantum computers do not break; given more than once, each key's. When it was
    /// made is not looked at.
    #[cfg(any(feature = "witness", feature = "mldsa"))]
    #[must_use]
    pub fn cosigned_by(mut self, key: crate::CosignerKey) -> Self {
        self.cosigners.push(key);
        self
    }

    /// Adds a checkpoint that was kept where the log's writer cannot change it. It is trusted
    /// because of where it comes from; its signature is checked too if a key is known.
    #[must_use]
    pub fn hold(mut self, checkpoint: SignedCheckpoint) -> Self {
        self.held.push(checkpoint);
        self
    }

    /// Adds a checkpoint that was found beside the log. It is worth no more than its signature.
    #[must_use]
    pub fn beside(mut self, checkpoint: SignedCheckpoint) -> Self {
        self.beside.push(checkpoint);
        self
    }

    /// The sizes at which a root is needed, ascending.
    pub(crate) fn sizes(&self) -> Vec<u64> {
        let all = self.held.iter().chain(&self.beside);
        let mut sizes: Vec<u64> = all.map(|note| note.checkpoint().size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}
