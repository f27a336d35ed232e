//! Proofs as files (C2SP tlog-proof).

use std::fmt;

use crate::checkpoint::SignedCheckpoint;
use crate::error::Error;
use crate::hash::Hash;
use crate::merkle::InclusionProof;
use crate::note::{decode_base64, encode_base64};

/// A proof that needs neither the log nor a network: an entry's number, its inclusion proof and
/// the signed checkpoint that it leads to (C2SP tlog-proof, version 1; `.tlog-proof` files).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TlogProof {
    /// The inclusion proof.
    pub inclusion: InclusionProof,
    /// The checkpoint that it leads to.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    const HEADER: &str = "c2sp.org/tlog-proof@v1";

    /// A proof from its parts.
    ///
    /// # Errors
    ///
    /// [`Error::ProofFails`] if the proof is for a tree of another size.
    pub fn new(inclusion: InclusionProof, checkpoint: SignedCheckpoint) -> Result<Self, Error> {
        if inclusion.size != checkpoint.checkpoint().size {
            return Err(Error::ProofFails);
        }
        Ok(Self {
            inclusion,
            checkpoint,
        })
    }

    /// Reads a `.tlog-proof` file. Its `extra` line, of which this crate makes no use, is
    /// allowed and dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |why| Error::Syntax { what: "proof", why };
        let (head, note) = text.split_once("\n\n").ok_or(bad("it has no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(Self::HEADER) {
            return Err(bad("its first line is not c2sp.org/tlog-proof@v1"));
        }
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index: u64 = index
            .filter(|digits| *digits == "0" || !digits.starts_with(['0', '+']))
            .and_then(|digits| digits.parse().ok())
            .ok_or(bad("it has no index"))?;
        let hash = |line: &str| {
            let bytes = decode_base64(line).and_then(|bytes| bytes.try_into().ok());
            bytes.map(Hash::from_bytes).ok_or(bad("a hash is bad"))
        };
        let hashes = lines.map(hash).collect::<Result<Vec<_>, _>>()?;
        if hashes.len() > 63 {
            return Err(bad("it has more than 63 hashes"));
        }
        let checkpoint = SignedCheckpoint::parse(note)?;
        let size = checkpoint.checkpoint().size;
        Self::new(InclusionProof::new(index, size, hashes), checkpoint)
    }

    /// Checks that the checkpoint is signed by the key and that the leaf is in its tree.
    ///
    /// # Errors
    ///
    /// [`Error::NotSigned`], [`Error::BadSignature`] and [`Error::ProofFails`].
    pub fn verify(&self, leaf: &Hash, key: &crate::VerifyingKey) -> Result<(), Error> {
        self.checkpoint.verify(key)?;
        self.inclusion
            .verify(leaf, &self.checkpoint.checkpoint().root)
    }
}

impl fmt::Display for TlogProof {
    /// The text of a `.tlog-proof` file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\nindex {}", Self::HEADER, self.inclusion.index)?;
        for hash in &self.inclusion.hashes {
            writeln!(f, "{}", encode_base64(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
