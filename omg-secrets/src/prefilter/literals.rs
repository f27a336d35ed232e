//! The literals by the bytes of their window.

use super::windows::{Literal, WINDOW, Window};

/// Slots of the table for each window, at least, so that most places find an empty one.
const SLOTS: usize = 6;

/// No entry.
const NONE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(super) struct Literals {
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
            slots: vec![NONE; slots],
            shift: 32 - slots.trailing_zeros().min(32),
            ..Self::default()
        };
        for window in windows {
            let length = u32::try_from(window.bytes.len()).unwrap_or(u32::MAX);
            let mut four = [0; WINDOW];
            four[..window.bytes.len()].copy_from_slice(&window.bytes);
            let key = u32::from_le_bytes(four);
            let slot = all.slot(key);
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

    /// Calls `found` with the number and the position of every literal whose window stands at
    /// `at`.
    pub(super) fn at(&self, bytes: &[u8], at: usize, mut found: impl FnMut(u32, usize)) {
        let rest = bytes.get(at..).unwrap_or_default();
        let four = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut four = [0; WINDOW];
            four[..rest.len()].copy_from_slice(rest);
            four
        });
        for &length in &self.lengths {
            let key = u32::from_le_bytes(four) & u32::MAX >> (32 - 8 * length);
            let mut next = self.slots[self.slot(key)];
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

    /// A multiplication by the golden ratio, of which the highest bits depend on all of the key.
    fn slot(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }
}
