//! The long runs of token characters, and what they are made of.

use super::block::{BATCH, BLOCK};
use super::list::List;

/// The shortest run of token characters that is looked at. The shortest token of a built-in
/// rule that is found by its run has 19.
pub(crate) const MIN_RUN: usize = 16;

/// What stands in a run: one bit a kind.
pub(crate) mod kinds {
    pub(crate) const LOWER: u8 = 1;
    pub(crate) const UPPER: u8 = 2;
    pub(crate) const DIGIT: u8 = 4;
    pub(crate) const UNDERSCORE: u8 = 8;
    pub(crate) const DASH: u8 = 16;

    pub(in super::super) const ALL: [u8; 5] = [LOWER, UPPER, DIGIT, UNDERSCORE, DASH];

    pub(crate) fn of(text: &[u8]) -> u8 {
        text.iter().fold(0, |all, byte| all | of_one(*byte))
    }

    pub(super) const fn of_one(byte: u8) -> u8 {
        match byte {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'_' => UNDERSCORE,
            b'-' => DASH,
            _ => 0,
        }
    }
}

/// The kinds that bytes with some upper half have. Each pair is a bit of a class, so that two
/// lookups, by the lower and by the upper half, leave the one bit of the byte's kind.
const CLASSES: [(u8, u8); 7] = [
    (2, kinds::DASH),
    (3, kinds::DIGIT),
    (4, kinds::UPPER),
    (5, kinds::UPPER),
    (5, kinds::UNDERSCORE),
    (6, kinds::LOWER),
    (7, kinds::LOWER),
];

/// The classes by the lower and by the upper half of a byte.
pub(super) const TABLES: [[u8; 16]; 2] = {
    let mut tables = [[0; 16]; 2];
    let mut number = 0;
    while number < CLASSES.len() {
        let (upper, kind) = CLASSES[number];
        let mut lower = 0;
        while lower < 16 {
            if kinds::of_one(upper << 4 | lower) == kind {
                tables[0][lower as usize] |= 1 << number;
                tables[1][upper as usize] |= 1 << number;
            }
            lower += 1;
        }
        number += 1;
    }
    tables
};

/// The classes of a kind.
pub(super) const fn classes(kind: u8) -> u8 {
    let mut all = 0;
    let mut number = 0;
    while number < CLASSES.len() {
        if CLASSES[number].1 == kind {
            all |= 1 << number;
        }
        number += 1;
    }
    all
}

const _: () = assert!(BATCH == u32::BITS as usize);

/// The most runs that end in a block: each has a byte that is no token character before it.
pub(super) const RUNS: usize = BLOCK / (MIN_RUN + 1) + 1;

/// A run of token characters.
#[derive(Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kinds: u8,
}

/// The runs that end in a batch.
pub(super) type Found = List<Run, { BATCH * RUNS }>;

/// Steps from one token character to sixteen in a row.
const STEPS: [u32; 4] = [1, 2, 4, 8];

/// Runs that batches of blocks tell, one after the other.
///
/// Text is made of short words, so that a search that jumps ahead is wrong about every second
/// of its branches. Here each byte is looked at, but hundreds at once and without a branch:
/// a run ends behind sixteen bits that are set.
#[derive(Default)]
pub(super) struct Runs {
    /// The end of the last byte that is no token character.
    open: usize,
    /// The token characters of the block before.
    before: u64,
}

impl Runs {
    /// Adds the runs that end in the first `count` blocks from `at`; `token` has a bit for each
    /// token character.
    #[inline(always)]
    pub(super) fn batch(
        &mut self,
        at: usize,
        token: &[u64; BATCH],
        count: usize,
        found: &mut Found,
    ) {
        let ends = ends(self.before, token);
        let mut blocks = 0_u32;
        for (block, ends) in ends.iter().enumerate() {
            blocks |= u32::from(*ends != 0) << block;
        }
        blocks &= u32::MAX >> (BATCH - count.clamp(1, BATCH));
        while blocks != 0 {
            let block = blocks.trailing_zeros() as usize % BATCH;
            blocks &= blocks - 1;
            let at = at + block * BLOCK;
            let open = self.open(at, &token[..block]);
            let mut ends = ends[block];
            while ends != 0 {
                let before = (ends ^ (ends - 1)) >> 1;
                let run = Run {
                    start: opened(at, !token[block] & before).unwrap_or(open),
                    end: at + ends.trailing_zeros() as usize,
                    kinds: 0,
                };
                found.put_if(true, run);
                ends &= ends - 1;
            }
        }
        self.open = self.open(at + count * BLOCK, &token[..count]);
        self.before = token[BATCH - 1];
    }

    /// Where the run began that goes on at `at`, behind these blocks.
    #[inline(always)]
    fn open(&self, at: usize, blocks: &[u64]) -> usize {
        let mut at = at;
        for token in blocks.iter().rev() {
            at -= BLOCK;
            if let Some(open) = opened(at, !token) {
                return open;
            }
        }
        self.open
    }
}

/// The end of the last of the `others` in the block at `at`, if there are any.
#[inline(always)]
fn opened(at: usize, others: u64) -> Option<usize> {
    (others != 0).then(|| at + BLOCK - others.leading_zeros() as usize)
}

/// Where runs end.
#[inline(always)]
fn ends(before: u64, token: &[u64; BATCH]) -> [u64; BATCH] {
    let mut row = [before; BATCH + 1];
    row[1..].copy_from_slice(token);
    for step in STEPS {
        let mut longer = [row[0] & row[0] << step; BATCH + 1];
        let pairs = row[1..].iter().zip(&row[..BATCH]);
        for (longer, (row, earlier)) in longer[1..].iter_mut().zip(pairs) {
            *longer = row & (row << step | earlier >> (64 - step));
        }
        row = longer;
    }
    let mut ends = [0; BATCH];
    let pairs = row[1..].iter().zip(&row[..BATCH]);
    for ((ends, token), (row, earlier)) in ends.iter_mut().zip(token).zip(pairs) {
        *ends = (row << 1 | earlier >> 63) & !token;
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_token;

    #[test]
    fn halves_tell_the_kind_of_every_byte() {
        for byte in 0..=u8::MAX {
            let [lower, upper] = TABLES;
            let class = lower[usize::from(byte & 0x0F)] & upper[usize::from(byte >> 4)];
            let kind = kinds::of_one(byte);
            assert_eq!(kind != 0, is_token(byte), "{byte}");
            let expected = if kind == 0 { 0 } else { classes(kind) };
            assert_eq!(class & !expected, 0, "{byte}");
            assert_eq!(class.count_ones(), u32::from(kind != 0), "{byte}");
        }
    }
}
