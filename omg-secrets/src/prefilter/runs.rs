//! The long runs of token characters, and what they are made of.

use super::BLOCK;

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

/// Whether the byte is a letter, a digit, `_` or `-`.
pub(crate) const fn is_token(byte: u8) -> bool {
    kinds::of_one(byte) != 0
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

/// A bit for each byte of a block, for each kind.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    pub(super) lower: u64,
    pub(super) upper: u64,
    pub(super) digit: u64,
    pub(super) underscore: u64,
    pub(super) dash: u64,
}

impl Masks {
    /// The kinds of some of the bytes.
    #[inline(always)]
    pub(super) fn kinds(&self, bytes: u64) -> u8 {
        let any = |mask: u64, kind: u8| u8::from(mask & bytes != 0) * kind;
        any(self.lower, kinds::LOWER)
            | any(self.upper, kinds::UPPER)
            | any(self.digit, kinds::DIGIT)
            | any(self.underscore, kinds::UNDERSCORE)
            | any(self.dash, kinds::DASH)
    }
}

/// Runs that blocks tell, one after the other.
///
/// Text is made of short words, so that a search that jumps ahead is wrong about every second
/// of its branches. Here each byte is looked at, but sixty-four at once and without a branch:
/// a run is where sixteen bits are set.
#[derive(Default)]
pub(super) struct Runs {
    /// How many token characters stand directly before the next block.
    carried: usize,
}

impl Runs {
    /// Calls `found` with how many bytes before the block each run began that ends in it, and
    /// which bytes of the block it has; `token` has a bit for each token character.
    #[inline(always)]
    pub(super) fn block(&mut self, token: u64, mut found: impl FnMut(usize, u64)) {
        if token == u64::MAX {
            self.carried += BLOCK;
            return;
        }
        let first = token.trailing_ones();
        if self.carried + first as usize >= MIN_RUN {
            found(self.carried, !(u64::MAX << first));
        }
        self.carried = token.leading_ones() as usize;
        let inner = token & u64::MAX << first & u64::MAX >> self.carried;
        let mut starts = inner & inner >> 1;
        starts &= starts >> 2;
        starts &= starts >> 4;
        starts &= starts >> 8;
        while starts != 0 {
            let start = starts.trailing_zeros();
            let end = start + (inner >> start).trailing_ones();
            // An inner run ends before the last bit of its block.
            let beyond = u64::MAX << end;
            found(0, u64::MAX << start & !beyond);
            starts &= beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_tell_the_kind_of_every_byte() {
        for byte in 0..=u8::MAX {
            let [lower, upper] = TABLES;
            let class = lower[usize::from(byte & 0x0F)] & upper[usize::from(byte >> 4)];
            let kind = kinds::of_one(byte);
            let expected = if kind == 0 { 0 } else { classes(kind) };
            assert_eq!(class & !expected, 0, "{byte}");
            assert_eq!(class.count_ones(), u32::from(kind != 0), "{byte}");
        }
    }
}
