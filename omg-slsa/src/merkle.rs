//! Proofs of RFC 6962: that a log holds an entry, and that it only grew.

use sigstore_merkle::{hash_leaf, verify_consistency_proof, verify_inclusion_proof};
use sigstore_verify::types::{Sha256Hash, TransparencyLogEntry};

use crate::error::{Error, Rejection};

/// The hash of a tree, or of a leaf.
pub type Hash = [u8; 32];

/// The proof that a tree holds a leaf. Only the check makes it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Inclusion {
    index: u64,
    size: u64,
    root: Hash,
}

impl Inclusion {
    /// Checks a proof (RFC 6962, section 2.1.1).
    ///
    /// # Errors
    /// With [`Rejection::InclusionProof`] if it proves nothing.
    pub fn verify(
        leaf: &Hash,
        index: u64,
        size: u64,
        proof: &[Hash],
        root: &Hash,
    ) -> Result<Self, Error> {
        verify_inclusion_proof(&hash(leaf), index, size, &hashes(proof), &hash(root))
            .map_err(|error| Error::rejected(Rejection::InclusionProof, error.to_string()))?;
        Ok(Self {
            index,
            size,
            root: *root,
        })
    }

    /// The place of the leaf, the size of the tree and its root.
    pub fn proved(&self) -> (u64, u64, &Hash) {
        (self.index, self.size, &self.root)
    }
}

/// The proof that a tree begins with another. Only the check makes it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Consistency {
    old: (u64, Hash),
    new: (u64, Hash),
}

impl Consistency {
    /// Checks a proof (RFC 6962, section 2.1.2); a tree is its size and root.
    ///
    /// # Errors
    /// With [`Rejection::InclusionProof`] if it proves nothing.
    pub fn verify(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> Result<Self, Error> {
        verify_consistency_proof(old.0, new.0, &hashes(proof), &hash(old.1), &hash(new.1))
            .map_err(|error| Error::rejected(Rejection::InclusionProof, error.to_string()))?;
        Ok(Self {
            old: (old.0, *old.1),
            new: (new.0, *new.1),
        })
    }

    /// The sizes and roots of the earlier and the later tree.
    pub fn proved(&self) -> ((u64, &Hash), (u64, &Hash)) {
        ((self.old.0, &self.old.1), (self.new.0, &self.new.1))
    }
}

/// Whether each proof leads to the root that stands beside it, and each head is signed in the
/// log's own name. The verifier below asks whether that root and head are the log's, but finds the
/// log's key by four bytes of it, and where there is a head takes the root from there.
pub(crate) fn check_entries(entries: &[TransparencyLogEntry]) -> Result<(), Error> {
    for entry in entries {
        let Some(proof) = &entry.inclusion_proof else {
            continue;
        };
        let leaf = hash_leaf(entry.canonicalized_body.as_bytes());
        let (index, size) = (proof.log_index.get(), proof.tree_size);
        verify_inclusion_proof(&leaf, index, size, &proof.hashes, &proof.root_hash)
            .map_err(|error| Error::rejected(Rejection::InclusionProof, error.to_string()))?;
        if let Some(checkpoint) = proof.checkpoint.checkpoint() {
            check_name(checkpoint.origin(), proof.checkpoint.envelope())?;
        }
    }
    Ok(())
}

/// A head's signatures begin with a dash and the signer's name (C2SP signed-note). Rekor v1 has
/// its tree's number behind its name in the first line, and not here.
fn check_name(origin: &str, envelope: &str) -> Result<(), Error> {
    let name = match origin.split_once(" - ") {
        Some((name, _)) => name,
        None => origin,
    };
    let named = |line: &str| {
        let line = line.strip_prefix("\u{2014} ");
        let signer = line.and_then(|line| line.rsplit_once(' '));
        // An empty name signs nothing, although two empty names are equal.
        let signer = signer.filter(|(signer, _)| !signer.is_empty());
        signer.is_some_and(|(signer, _)| signer == name || signer == origin)
    };
    let parts = envelope.split_once("\n\n");
    if parts.is_some_and(|(_, signatures)| signatures.lines().any(named)) {
        return Ok(());
    }
    let detail = format!("nobody signed it in the name of {name:?}");
    Err(Error::rejected(Rejection::Checkpoint, detail))
}

fn hash(bytes: &Hash) -> Sha256Hash {
    Sha256Hash::from(*bytes)
}

fn hashes(list: &[Hash]) -> Vec<Sha256Hash> {
    list.iter().map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_signed_in_the_name_of_its_log() {
        let signed = |origin: &str, by: &str| {
            let envelope = format!("{origin}\n1\nAAAA\n\n\u{2014} {by} AAAA\n");
            check_name(origin, &envelope)
        };
        assert!(signed("rekor.example", "rekor.example").is_ok());
        assert!(signed("rekor.example - 17", "rekor.example").is_ok());
        assert!(signed("rekor.example - 17", "rekor.example - 17").is_ok());
        assert!(signed("rekor.example", "other.example").is_err());
        // No name, no signature and no end of the head equal nothing.
        assert!(signed("", "").is_err());
        assert!(check_name("a", "a\n1\nAAAA\n\n").is_err());
        assert!(check_name("a", "\u{2014} a AAAA").is_err());
    }
}
