//! Proofs that an entry is in a tree, and that a tree continues another.

use crate::error::Error;
use crate::hash::Hash;
use crate::merkle::Frontier;

/// Makes a proof from a log's leaves in one pass, keeping no more than the proof's hashes.
#[derive(Clone, Debug)]
pub struct Prover {
    /// The subtrees of the proof, in the order of the proof: from, to, root once known.
    parts: Vec<(u64, u64, Frontier)>,
    at: u64,
    size: u64,
    subject: u64,
}

impl Prover {
    /// For the proof that the entry `index` is in the tree of `size` entries
    /// (RFC 9162, section 2.1.3.1).
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProof`] if there is no such entry.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, Error> {
        if index >= size {
            return Err(Error::NoSuchProof { index, size });
        }
        let mut ranges = Vec::new();
        path(index, 0, size, &mut ranges);
        Ok(Self::new(ranges, index, size))
    }

    /// For the proof that the tree of `new` entries continues that of `old`
    /// (RFC 9162, section 2.1.4.1).
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProof`] if `old` is zero or greater than `new`.
    pub fn consistency(old: u64, new: u64) -> Result<Self, Error> {
        if old == 0 || old > new {
            return Err(Error::NoSuchProof {
                index: old,
                size: new,
            });
        }
        let mut ranges = Vec::new();
        subproof(old, 0, new, true, &mut ranges);
        Ok(Self::new(ranges, old, new))
    }

    fn new(ranges: Vec<(u64, u64)>, subject: u64, size: u64) -> Self {
        let part = |(from, to)| (from, to, Frontier::default());
        Self {
            parts: ranges.into_iter().map(part).collect(),
            at: 0,
            size,
            subject,
        }
    }

    /// Starts after the leaves of this tree, instead of with the first one: for a log whose
    /// first entries were removed.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProof`] if the proof needs leaves that this tree has only as a whole.
    pub fn after(mut self, tree: &Frontier) -> Result<Self, Error> {
        let (index, size) = (self.subject, self.size);
        let none = Error::NoSuchProof { index, size };
        if self.at > 0 || tree.size() > index {
            return Err(none);
        }
        for (from, to, part) in &mut self.parts {
            *part = tree.part(*from, *to).ok_or(none.clone())?;
        }
        self.at = tree.size();
        Ok(self)
    }

    /// The next leaf, by its hash; leaves beyond the tree are ignored.
    pub fn push(&mut self, leaf: Hash) {
        let at = self.at;
        let part = self
            .parts
            .iter_mut()
            .find(|(from, to, _)| (*from..*to).contains(&at));
        if let Some((_, _, subtree)) = part {
            subtree.push(leaf);
        }
        self.at += 1;
    }

    /// The proof that an entry is in the tree.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProof`] if fewer leaves were pushed than the tree has.
    pub fn into_inclusion(self) -> Result<InclusionProof, Error> {
        let (index, size) = (self.subject, self.size);
        let hashes = self.finish()?;
        Ok(InclusionProof {
            index,
            size,
            hashes,
        })
    }

    /// The proof that one tree continues another.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProof`] if fewer leaves were pushed than the tree has.
    pub fn into_consistency(self) -> Result<ConsistencyProof, Error> {
        let (old, new) = (self.subject, self.size);
        let hashes = self.finish()?;
        Ok(ConsistencyProof { old, new, hashes })
    }

    fn finish(self) -> Result<Vec<Hash>, Error> {
        if self.at < self.size {
            return Err(Error::NoSuchProof {
                index: self.subject,
                size: self.at,
            });
        }
        let roots = self.parts.iter().map(|(_, _, subtree)| subtree.root());
        Ok(roots.collect())
    }
}

/// The largest power of two smaller than `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

fn path(index: u64, from: u64, to: u64, ranges: &mut Vec<(u64, u64)>) {
    if to - from == 1 {
        return;
    }
    let middle = from + split(to - from);
    if index < middle {
        path(index, from, middle, ranges);
        ranges.push((middle, to));
    } else {
        path(index, middle, to, ranges);
        ranges.push((from, middle));
    }
}

fn subproof(old: u64, from: u64, to: u64, whole: bool, ranges: &mut Vec<(u64, u64)>) {
    if old == to {
        if !whole {
            ranges.push((from, to));
        }
        return;
    }
    let middle = from + split(to - from);
    if old <= middle {
        subproof(old, from, middle, whole, ranges);
        ranges.push((middle, to));
    } else {
        subproof(old, middle, to, false, ranges);
        ranges.push((from, middle));
    }
}

/// That an entry is in a tree.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Hash, merkle::{Frontier, Prover}};
///
/// # fn main() -> Result<(), omg_auditlog::Error> {
/// let leaves: Vec<Hash> = (0..7u8).map(|n| Hash::leaf(&[n])).collect();
/// let mut tree = Frontier::default();
/// let mut prover = Prover::inclusion(5, 7)?;
/// for leaf in &leaves {
///     tree.push(*leaf);
///     prover.push(*leaf);
/// }
/// let proof = prover.into_inclusion()?;
/// proof.verify(&leaves[5], &tree.root())?;
/// assert!(proof.verify(&leaves[4], &tree.root()).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct InclusionProof {
    /// The entry's number.
    pub index: u64,
    /// How many entries the tree has.
    pub size: u64,
    /// The hashes from the leaf to the root.
    pub hashes: Vec<Hash>,
}

impl InclusionProof {
    /// A proof from its parts.
    #[must_use]
    pub fn new(index: u64, size: u64, hashes: Vec<Hash>) -> Self {
        Self {
            index,
            size,
            hashes,
        }
    }

    /// Checks that the leaf is in the tree with this root (RFC 9162, section 2.1.3.2).
    ///
    /// # Errors
    ///
    /// [`Error::ProofFails`] if it is not shown to be.
    pub fn verify(&self, leaf: &Hash, root: &Hash) -> Result<(), Error> {
        if self.index >= self.size {
            return Err(Error::ProofFails);
        }
        let (mut node, mut last) = (self.index, self.size - 1);
        let mut hash = *leaf;
        for sibling in &self.hashes {
            if last == 0 {
                return Err(Error::ProofFails);
            }
            if node & 1 == 1 || node == last {
                hash = Hash::node(sibling, &hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = Hash::node(&hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if last == 0 && hash == *root {
            Ok(())
        } else {
            Err(Error::ProofFails)
        }
    }
}

/// That a tree continues another: what the first one held is in the second one unchanged.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ConsistencyProof {
    /// How many entries the first tree has.
    pub old: u64,
    /// How many entries the second tree has.
    pub new: u64,
    /// The hashes that lead to both roots.
    pub hashes: Vec<Hash>,
}

impl ConsistencyProof {
    /// A proof from its parts.
    #[must_use]
    pub fn new(old: u64, new: u64, hashes: Vec<Hash>) -> Self {
        Self { old, new, hashes }
    }

    /// Checks that the tree with the root `new` continues that with the root `old`
    /// (RFC 9162, section 2.1.4.2).
    ///
    /// # Errors
    ///
    /// [`Error::ProofFails`] if it is not shown to.
    pub fn verify(&self, old: &Hash, new: &Hash) -> Result<(), Error> {
        let fails = Err(Error::ProofFails);
        if self.old == 0 || self.old > self.new {
            return fails;
        }
        if self.old == self.new {
            return if self.hashes.is_empty() && old == new {
                Ok(())
            } else {
                fails
            };
        }
        let mut hashes = self.hashes.iter();
        let first = if self.old.is_power_of_two() {
            Some(old)
        } else {
            hashes.next()
        };
        let Some(first) = first else { return fails };
        let (mut node, mut last) = (self.old - 1, self.new - 1);
        while node & 1 == 1 {
            node >>= 1;
            last >>= 1;
        }
        let (mut old_root, mut new_root) = (*first, *first);
        for hash in hashes {
            if last == 0 {
                return fails;
            }
            if node & 1 == 1 || node == last {
                old_root = Hash::node(hash, &old_root);
                new_root = Hash::node(hash, &new_root);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                new_root = Hash::node(&new_root, hash);
            }
            node >>= 1;
            last >>= 1;
        }
        if last == 0 && old_root == *old && new_root == *new {
            Ok(())
        } else {
            fails
        }
    }
}
