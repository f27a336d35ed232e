//! The one pass: registers of the width that the processor has.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x16};

use super::BLOCK;
use super::buckets::{self, Tables};
use super::literals::Literals;
use super::runs::{self, Masks, Runs, classes, kinds};
use super::windows::{self, WINDOW};

/// So many bytes are seen for a block: a window may begin with its last.
const SEEN: usize = BLOCK + WINDOW - 1;

/// What a pass tells.
pub(crate) trait Visit {
    /// A run of at least [`MIN_RUN`](super::MIN_RUN) token characters and the
    /// [`kinds`](super::kinds) of them, in order of position.
    fn run(&mut self, start: usize, end: usize, kinds: u8);

    /// A literal, by its number, and where it stands; windows are in order of position.
    fn literal(&mut self, number: u32, at: usize);
}

/// Finds the runs, and literals each with a number of the caller's.
pub(crate) struct Prefilter {
    level: Level,
    sets: Vec<Tables>,
    literals: Literals,
}

impl Prefilter {
    /// An empty literal is nowhere.
    pub(crate) fn new(literals: &[(Vec<u8>, u32)]) -> Self {
        let windows = windows::chosen(literals);
        Self {
            level: Level::new(),
            sets: buckets::dealt(&windows),
            literals: Literals::new(windows),
        }
    }

    /// Tells `visitor` of every run and every literal in `bytes`.
    pub(crate) fn pass(&self, bytes: &[u8], visitor: &mut impl Visit) {
        dispatch!(self.level, simd => self.blocks(simd, bytes, visitor));
    }

    // The functions below are inlined into one for each kind of register.

    #[inline(always)]
    fn blocks<S: Simd>(&self, simd: S, bytes: &[u8], visitor: &mut impl Visit) {
        let mut runs = Runs::default();
        let mut at = 0;
        while let Some(Ok(seen)) = bytes.get(at..at + SEEN).map(<&[u8; SEEN]>::try_from) {
            self.block(simd, bytes, at, seen, &mut runs, visitor);
            at += BLOCK;
        }
        // What is left, with zeros behind it, which are in no run.
        while at <= bytes.len() {
            let rest = &bytes[at..bytes.len().min(at + SEEN)];
            let mut seen = [0; SEEN];
            seen[..rest.len()].copy_from_slice(rest);
            self.block(simd, bytes, at, &seen, &mut runs, visitor);
            at += BLOCK;
        }
    }

    #[inline(always)]
    fn block<S: Simd>(
        &self,
        simd: S,
        bytes: &[u8],
        at: usize,
        seen: &[u8; SEEN],
        runs: &mut Runs,
        visitor: &mut impl Visit,
    ) {
        let (mut token, mut places) = (0, 0);
        for part in (0..BLOCK).step_by(S::u8s::LEN) {
            let (tokens, candidates) = self.part(simd, &seen[part..]);
            token |= tokens << part;
            places |= candidates << part;
        }
        while places != 0 {
            let place = places.trailing_zeros() as usize;
            places &= places - 1;
            let mut four = [0; WINDOW];
            four.copy_from_slice(&seen[place..place + WINDOW]);
            self.place(bytes, at + place, four, visitor);
        }
        runs.block(
            token,
            #[inline(always)]
            |before, run| {
                let start = match before {
                    0 => at + run.trailing_zeros() as usize,
                    _ => at - before,
                };
                let end = at + BLOCK - run.leading_zeros() as usize;
                let mut all = masks(simd, seen).kinds(run);
                if before > BLOCK {
                    all |= of_long(&bytes[start..at]);
                } else if before > 0 {
                    let bits = u64::MAX << (BLOCK - before);
                    all |= masks(simd, &bytes[at - BLOCK..at]).kinds(bits);
                }
                visitor.run(start, end, all);
            },
        );
    }

    /// A register of bytes: where token characters stand, and where a window may begin.
    #[inline(always)]
    fn part<S: Simd>(&self, simd: S, seen: &[u8]) -> (u64, u64) {
        let none = S::u8s::splat(simd, 0);
        let all = [
            halves(simd, seen),
            halves(simd, &seen[1..]),
            halves(simd, &seen[2..]),
            halves(simd, &seen[3..]),
        ];
        let mut places = none;
        for Tables { halves: tables } in &self.sets {
            places |= looked_up(simd, &tables[0], all[0])
                & looked_up(simd, &tables[1], all[1])
                & looked_up(simd, &tables[2], all[2])
                & looked_up(simd, &tables[3], all[3]);
        }
        let class = looked_up(simd, &runs::TABLES, all[0]);
        (
            class.simd_ne(none).to_bitmask(),
            places.simd_ne(none).to_bitmask(),
        )
    }

    #[inline(never)]
    fn place(&self, bytes: &[u8], at: usize, four: [u8; WINDOW], visitor: &mut impl Visit) {
        self.literals.at(bytes, at, four, |number, start| {
            visitor.literal(number, start);
        });
    }
}

/// The kinds in a run of more than a block, once for each.
#[cold]
fn of_long(run: &[u8]) -> u8 {
    kinds::of(run)
}

/// The lower and the upper half of each byte of a register.
#[inline(always)]
fn halves<S: Simd>(simd: S, bytes: &[u8]) -> [S::u8s; 2] {
    let bytes = S::u8s::from_slice(simd, &bytes[..S::u8s::LEN]);
    [bytes & S::u8s::splat(simd, 0x0F), bytes >> 4]
}

/// The bits that both halves have in their tables.
#[inline(always)]
fn looked_up<S: Simd>(simd: S, tables: &[[u8; 16]; 2], [lower, upper]: [S::u8s; 2]) -> S::u8s {
    let of_lower = S::u8s::block_splat(u8x16::from_slice(simd, &tables[0]));
    let of_upper = S::u8s::block_splat(u8x16::from_slice(simd, &tables[1]));
    of_lower.swizzle_dyn_within_blocks(lower) & of_upper.swizzle_dyn_within_blocks(upper)
}

/// What the bytes of a block are.
#[inline(always)]
fn masks<S: Simd>(simd: S, block: &[u8]) -> Masks {
    let mut masks = Masks::default();
    for part in (0..BLOCK).step_by(S::u8s::LEN) {
        let class = looked_up(simd, &runs::TABLES, halves(simd, &block[part..]));
        masks.lower |= of_kind(simd, class, kinds::LOWER) << part;
        masks.upper |= of_kind(simd, class, kinds::UPPER) << part;
        masks.digit |= of_kind(simd, class, kinds::DIGIT) << part;
        masks.underscore |= of_kind(simd, class, kinds::UNDERSCORE) << part;
        masks.dash |= of_kind(simd, class, kinds::DASH) << part;
    }
    masks
}

#[inline(always)]
fn of_kind<S: Simd>(simd: S, class: S::u8s, kind: u8) -> u64 {
    let wanted = class & S::u8s::splat(simd, classes(kind));
    wanted.simd_ne(S::u8s::splat(simd, 0)).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefilter::{MIN_RUN, is_token, kinds};

    const SOME: [&str; 13] = [
        "ab",
        "abc",
        "token",
        "token-",
        ": token ",
        "a_key",
        "api_key",
        "API_KEY",
        "://",
        "b",
        "$2a$",
        "aaaa",
        "\u{fc}b\0",
    ];

    /// Runs with their kinds; numbers of literals and positions, in order of both.
    #[derive(Debug, Default, Eq, PartialEq)]
    struct Told {
        runs: Vec<(usize, usize, u8)>,
        literals: Vec<(u32, usize)>,
    }

    impl Visit for Told {
        fn run(&mut self, start: usize, end: usize, kinds: u8) {
            self.runs.push((start, end, kinds));
        }

        fn literal(&mut self, number: u32, at: usize) {
            self.literals.push((number, at));
        }
    }

    /// By each kind of register that this processor has.
    fn told(literals: &[&str], bytes: &[u8]) -> Vec<Told> {
        let numbered = (0..)
            .zip(literals)
            .map(|(n, text)| (text.as_bytes().to_vec(), n));
        let mut prefilter = Prefilter::new(&numbered.collect::<Vec<_>>());
        let mut levels = vec![Level::baseline(), Level::new()];
        #[cfg(target_arch = "x86_64")]
        levels.extend(
            [
                Level::new().as_sse4_2().map(Level::Sse4_2),
                Level::new().as_avx2().map(Level::Avx2),
            ]
            .into_iter()
            .flatten(),
        );
        let mut all = Vec::new();
        for level in levels {
            prefilter.level = level;
            let mut told = Told::default();
            prefilter.pass(bytes, &mut told);
            told.literals.sort_unstable();
            all.push(told);
        }
        all
    }

    /// The same, one byte after the other.
    fn plain(literals: &[&str], bytes: &[u8]) -> Told {
        let mut told = Told::default();
        let mut start = 0;
        for (end, byte) in bytes.iter().chain([&0]).enumerate() {
            if is_token(*byte) {
                continue;
            }
            if end - start >= MIN_RUN {
                told.runs.push((start, end, kinds::of(&bytes[start..end])));
            }
            start = end + 1;
        }
        for (number, literal) in (0..).zip(literals) {
            let starts = |at: &usize| bytes[*at..].starts_with(literal.as_bytes());
            let at = (0..bytes.len()).filter(starts);
            told.literals.extend(at.map(|at| (number, at)));
        }
        told
    }

    fn check(literals: &[&str], bytes: &[u8]) {
        let plain = plain(literals, bytes);
        for told in told(literals, bytes) {
            assert_eq!(told, plain, "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands() {
        for literal in SOME {
            for pad in 0..140 {
                let text = format!("{}{literal}{literal}.", " ".repeat(pad));
                check(&SOME, text.as_bytes());
                check(&SOME, &text.as_bytes()[..text.len() - 1]);
            }
        }
        check(&SOME, b"");
        check(&[], b"aaaa");
    }

    #[test]
    fn runs_are_found_wherever_they_begin() {
        for pad in 0..140 {
            for length in [1, 15, 16, 17, 48, 63, 64, 65, 127, 128, 129, 200, 300] {
                let run = "c".repeat(length);
                let text = format!("{}{run} {run}", ".".repeat(pad));
                check(&[], text.as_bytes());
                check(&[], format!("{text} x").as_bytes());
            }
        }
    }

    #[test]
    fn kinds_are_those_of_every_byte() {
        for byte in 0..=u8::MAX {
            for length in [16, 17, 64, 65, 130, 200] {
                for at in [0, 1, 15, 16, length - 1] {
                    for pad in [0, 40] {
                        let mut text = vec![b'.'; pad];
                        text.extend(vec![b'a'; length]);
                        text[pad + at.min(length - 1)] = byte;
                        check(&[], &text);
                    }
                }
            }
        }
    }

    #[test]
    fn as_many_literals_as_somebody_may_bring() {
        let many: Vec<String> = (0..3000).map(|n| format!("{:05}key", n * 7)).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(
            &many,
            b"00000key 00007key 20993key, 00008key or 0000700014key",
        );
    }

    proptest::proptest! {
        #[test]
        fn a_pass_tells_what_a_plain_search_tells(
            text in "([a-c_:/$ 2-]|[A-Za-z0-9_-]{1,50}|token|key|api|[.\u{fc}\0 ]){0,60}",
        ) {
            check(&SOME, text.as_bytes());
        }

        #[test]
        fn any_bytes_can_be_looked_for_in_any(
            literals in proptest::collection::vec("[ab\u{e9}\u{0}]{1,6}", 1..60),
            text in "[ab\u{e9}\u{0}]{0,300}",
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            check(&literals, text.as_bytes());
        }
    }
}
