//! Literals by a few of their bytes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bits of a hash: so many that few bytes are taken for those of a rule.
const HASH_BITS: u32 = 16;

/// Rules by the first two to four bytes of a literal, or by the last two.
pub(super) struct Index {
    /// One bit for every hash.
    bits: Box<[u64; 1 << (HASH_BITS - 6)]>,
    rules: HashMap<u32, Vec<Entry>, BuildHasherDefault<Multiplied>>,
}

/// A literal and its rule.
pub(super) type Entry = (&'static [u8], u32);

impl Default for Index {
    fn default() -> Self {
        Self {
            bits: Box::new([0; 1 << (HASH_BITS - 6)]),
            rules: HashMap::default(),
        }
    }
}

impl Index {
    pub(super) fn insert(&mut self, key: u32, literal: &'static str, rule: u32) {
        let (word, bit) = Self::bit(key);
        self.bits[word] |= bit;
        let entry = (literal.as_bytes(), rule);
        self.rules.entry(key).or_default().push(entry);
    }

    fn bit(key: u32) -> (usize, u64) {
        let hash = multiplied(key.into()) >> (u64::BITS - HASH_BITS);
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// Whether there may be rules by these bytes.
    #[inline(always)]
    pub(super) fn may_have(&self, key: u32) -> bool {
        let (word, bit) = Self::bit(key);
        self.bits[word] & bit != 0
    }

    #[inline(always)]
    pub(super) fn get(&self, key: u32) -> &[Entry] {
        if self.may_have(key) {
            self.look_up(key)
        } else {
            &[]
        }
    }

    #[cold]
    fn look_up(&self, key: u32) -> &[Entry] {
        self.rules.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// A multiplicative hash (Knuth, volume 3, section 6.4), of which the highest bits are the best.
/// The keys are those of the built-in rules, so that nobody can choose them to collide.
fn multiplied(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// [`multiplied`] for a map, which looks at the lowest bits first.
#[derive(Default)]
struct Multiplied(u64);

impl Hasher for Multiplied {
    fn write_u32(&mut self, key: u32) {
        self.0 = multiplied(key.into()).rotate_left(32);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = multiplied(self.0 ^ u64::from(*byte)).rotate_left(32);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
