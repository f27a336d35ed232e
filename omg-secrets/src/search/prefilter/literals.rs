//! The literals by the bytes of their window.

use super::windows::{Literal, WINDOW, Window};

/// Slots of the table for each window, at least, so that most places find an empty one.
const SLOTS: usize = 6;

/// No entry.
const NONE: u32 = u32::MAX;

/// Bits of a hash, one for each value, that tell quickly that no window is there.
const KNOWN_BITS: u32 = 14;

#[derive(Debug)]
pub(super) struct Literals {
    /// A bit for each window.
    known: Box<[u64; 1 << (KNOWN_BITS - 6)]>,
    /// By the hash of a window's bytes, the first entry.
    slots: Vec<u32>,
    /// So far to the right that the bits of a slot are left.
    shift: u32,
    entries: Vec<Entry>,
    /// How long the windows are, each length once.
    lengths: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    key: u32,
    length: u32,
    /// The next entry of the same slot.
    next: u32,
    literals: Vec<Literal>,
}

impl Literals {
    pub(super) fn new(windows: Vec<Window>) -> Self {
        let slots = (windows.len() * SLOTS).next_power_of_two().max(2);
        let mut all = Self {
            known: Box::new([0; 1 << (KNOWN_BITS - 6)]),
            slots: vec![NONE; slots],
            shift: 32 - slots.trailing_zeros().min(32),
            entries: Vec::with_capacity(windows.len()),
            lengths: Vec::new(),
        };
        for window in windows {
            let length = u32::try_from(window.bytes.len()).unwrap_or(u32::MAX);
            let mut four = [0; WINDOW];
            four[..window.bytes.len()].copy_from_slice(&window.bytes);
            let key = u32::from_le_bytes(four);
            let known = hash(key, 32 - KNOWN_BITS);
            all.known[known >> 6] |= 1 << (known & 63);
            let slot = hash(key, all.shift);
            let number = u32::try_from(all.entries.len()).unwrap_or(NONE);
            let next = std::mem::replace(&mut all.slots[slot], number);
            all.entries.push(Entry {
                key,
                length,
                next,
                literals: window.literals,
            });
            if !all.lengths.contains(&length) {
                all.lengths.push(length);
            }
        }
        all
    }

    /// Whether a window may stand at `at`.
    #[inline(always)]
    pub(super) fn may_stand(&self, bytes: &[u8], at: usize) -> bool {
        let four = four(bytes, at);
        let mut known = 0;
        for &length in &self.lengths {
            let hash = hash(first(four, length), 32 - KNOWN_BITS);
            known |= self.known[hash >> 6] >> (hash & 63);
        }
        known & 1 != 0
    }

    /// Calls `found` with the number and the position of every literal whose window stands at
    /// `at`.
    pub(super) fn at(&self, bytes: &[u8], at: usize, mut found: impl FnMut(u32, usize)) {
        let four = four(bytes, at);
        for &length in &self.lengths {
            let key = first(four, length);
            let mut next = self.slots[hash(key, self.shift)];
            while let Some(entry) = self.entries.get(next as usize) {
                next = entry.next;
                if entry.key != key || entry.length != length {
                    continue;
                }
                for literal in &entry.literals {
                    if let Some(start) = literal.start(bytes, at) {
                        found(literal.number, start);
                    }
                }
            }
        }
    }
}

/// The bytes of the longest window that may stand at `at`; zeros are behind the last.
#[inline(always)]
fn four(bytes: &[u8], at: usize) -> u32 {
    let rest = bytes.get(at..).unwrap_or_default();
    let four = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut four = [0; WINDOW];
        four[..rest.len()].copy_from_slice(rest);
        four
    });
    u32::from_le_bytes(four)
}

/// The first bytes of four.
#[inline(always)]
fn first(four: u32, length: u32) -> u32 {
    four & u32::MAX >> (32 - 8 * length)
}

/// A multiplication by the golden ratio, of which the highest bits depend on all of the key.
#[inline(always)]
fn hash(key: u32, shift: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> shift) as usize
}
