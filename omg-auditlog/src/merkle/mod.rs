//! The Merkle tree over a log's entries: roots, proofs and tiles (RFC 6962, section 2; RFC 9162,
//! section 2.1; C2SP tlog-tiles).

mod proof;
mod tiles;
mod tlog;

pub use self::proof::{ConsistencyProof, InclusionProof, Prover};
pub use self::tiles::{TILE_WIDTH, Tile, TileBuilder, tile_path};
pub use self::tlog::TlogProof;

use crate::hash::Hash;

/// The right edge of a growing tree: the roots of the full subtrees that it consists of, at
/// most 64 hashes. Enough to add leaves and to know the root, without the leaves.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Hash, merkle::Frontier};
///
/// let mut tree = Frontier::default();
/// assert_eq!(tree.root(), Hash::EMPTY_TREE);
/// tree.push(Hash::leaf(b"a"));
/// tree.push(Hash::leaf(b"b"));
/// assert_eq!(tree.root(), Hash::node(&Hash::leaf(b"a"), &Hash::leaf(b"b")));
/// assert_eq!(tree.size(), 2);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    /// From the largest subtree, at the left, to the smallest.
    peaks: Vec<Hash>,
    /// The last leaf, and the left siblings on its way up to its peak.
    last: Option<Hash>,
    merged: Vec<Hash>,
}

impl Frontier {
    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut size = self.size;
        self.last = Some(leaf);
        self.merged.clear();
        // Each one bit at the end of the size is a full subtree that becomes a left sibling.
        while size & 1 == 1 {
            match self.peaks.pop() {
                Some(left) => {
                    self.merged.push(left);
                    hash = Hash::node(&left, &hash);
                }
                None => break,
            }
            size >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return Hash::EMPTY_TREE;
        };
        peaks.fold(*last, |right, left| Hash::node(left, &right))
    }

    /// The roots of the full subtrees, from the largest to the smallest.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// What this tree has of the leaves `from` to `to`, if that can be told from its full
    /// subtrees.
    fn part(&self, from: u64, to: u64) -> Option<Self> {
        let mut part = Self::default();
        let mut at = 0;
        for (peak, bit) in self
            .peaks
            .iter()
            .zip((0..64).rev().filter(|b| self.size >> b & 1 == 1))
        {
            let end = at + (1u64 << bit);
            if from <= at && end <= to {
                part.peaks.push(*peak);
                part.size += end - at;
            }
            at = end;
        }
        let wanted = to.min(self.size).saturating_sub(from);
        (part.size == wanted).then_some(part)
    }

    /// The last leaf, and the proof that it is the last of this tree.
    #[must_use]
    pub fn last(&self) -> Option<(Hash, InclusionProof)> {
        let leaf = self.last?;
        let higher = self.peaks.iter().rev().skip(1);
        let hashes = self.merged.iter().chain(higher).copied().collect();
        let proof = InclusionProof::new(self.size - 1, self.size, hashes);
        Some((leaf, proof))
    }

    /// The tree of a proof for its last leaf; `None` if the proof is not one for the last leaf
    /// or has the wrong number of hashes. Whether the tree is the right one, its root says:
    /// compare it with one that you trust.
    #[must_use]
    pub fn from_last(leaf: Hash, proof: &InclusionProof) -> Option<Self> {
        let size = proof.size;
        if size == 0 || proof.index != size - 1 {
            return None;
        }
        let inside = usize::try_from(size.trailing_zeros()).ok()?;
        let higher = usize::try_from(size.count_ones()).ok()? - 1;
        if proof.hashes.len() != inside + higher {
            return None;
        }
        let (merged, higher) = proof.hashes.split_at(inside);
        let peak = merged
            .iter()
            .fold(leaf, |right, left| Hash::node(left, &right));
        let mut peaks: Vec<Hash> = higher.iter().rev().copied().collect();
        peaks.push(peak);
        Some(Self {
            size,
            peaks,
            last: Some(leaf),
            merged: merged.to_vec(),
        })
    }
}

impl Extend<Hash> for Frontier {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}
