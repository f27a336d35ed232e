//! Checkpoints: how many entries a log had, and the root of their tree, signed
//! (C2SP tlog-checkpoint).

use std::fmt;

use crate::chain::Origin;
use crate::error::Error;
use crate::hash::Hash;
use crate::key::VerifyingKey;
use crate::note::{SignedNote, Signer, decode_base64, encode_base64};

/// A log's state at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// How many entries it had.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Checkpoint {
    /// A checkpoint from its parts.
    #[must_use]
    pub fn new(origin: Origin, size: u64, root: Hash) -> Self {
        Self { origin, size, root }
    }

    /// Signs it.
    ///
    /// # Errors
    ///
    /// [`Error::Signer`] if a key cannot be used.
    pub fn sign(self, signers: &[&dyn Signer]) -> Result<SignedCheckpoint, Error> {
        let note = SignedNote::sign(&self.to_string(), signers)?;
        Ok(SignedCheckpoint {
            checkpoint: self,
            note,
        })
    }
}

impl fmt::Display for Checkpoint {
    /// The note's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = encode_base64(self.root.as_bytes());
        writeln!(f, "{}\n{}\n{root}", self.origin, self.size)
    }
}

/// A checkpoint with signatures, none of which has been checked.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Checkpoint, Hash, SignedCheckpoint, Signer, SigningKey};
///
/// let key = SigningKey::from_seed("example.org/log", [7; 32])?;
/// let checkpoint = Checkpoint::new("example.org/log".parse()?, 0, Hash::EMPTY_TREE);
/// let text = checkpoint.sign(&[&key])?.to_string();
///
/// let read = SignedCheckpoint::parse(&text)?;
/// read.verify(key.verifying_key())?;
/// assert_eq!(read.checkpoint().size, 0);
///
/// let other = SigningKey::from_seed("example.org/log", [8; 32])?;
/// assert!(read.verify(other.verifying_key()).is_err());
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Reads a checkpoint. Extension lines are allowed and ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything that is no checkpoint.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let note = SignedNote::parse(text)?;
        let mut lines = note.text().split('\n');
        let bad = |why| Error::Syntax {
            what: "checkpoint",
            why,
        };
        let mut line = || lines.next().ok_or(bad("it has fewer than three lines"));
        let origin = line()?.parse()?;
        let size = line()?;
        if size.starts_with(['0', '+']) && size != "0" {
            return Err(bad("its size is not a number"));
        }
        let size = size.parse().map_err(|_| bad("its size is not a number"))?;
        let root = decode_base64(line()?);
        let root = root
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(bad("its root is not a hash in Base64"))?;
        let checkpoint = Checkpoint::new(origin, size, Hash::from_bytes(root));
        Ok(Self { checkpoint, note })
    }

    /// What it says.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note with its signatures.
    #[must_use]
    pub fn note(&self) -> &SignedNote {
        &self.note
    }

    /// With one more signature, unchecked.
    #[cfg(any(feature = "witness", feature = "mldsa"))]
    pub(crate) fn with_signature(&self, signature: crate::NoteSignature) -> Self {
        let mut with = self.clone();
        with.note.add(signature);
        with
    }

    /// Checks that the key has signed it.
    ///
    /// # Errors
    ///
    /// [`Error::NotSigned`] and [`Error::BadSignature`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), Error> {
        self.note.verify(key)
    }
}

impl fmt::Display for SignedCheckpoint {
    /// The note as it is kept and sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}
