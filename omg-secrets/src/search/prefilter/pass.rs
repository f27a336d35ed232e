//! The one pass: registers of the width that the processor has.

use fearless_simd::{Level, Simd, dispatch};

use super::batch::Batch;
use super::block::{BATCH, BLOCK};
use super::buckets::{self, Tables};
use super::list::List;
use super::literals::Literals;
use super::registers::{self, looks_up_six};
use super::runs::{Found, Runs};
use super::windows;

/// What a pass tells.
pub(crate) trait Visit {
    /// Which runs are to be told: a bit for each set of [`kinds`](super::kinds).
    fn wanted(&self) -> u32;

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
        Self::at(Level::new(), literals)
    }

    fn at(level: Level, literals: &[(Vec<u8>, u32)]) -> Self {
        let windows = windows::chosen(literals);
        let six = dispatch!(level, simd => six(simd));
        Self {
            level,
            sets: buckets::dealt(&windows, six),
            literals: Literals::new(windows),
        }
    }

    /// Tells `visitor` of every run and every literal in `bytes`, those of a batch together.
    pub(crate) fn pass(&self, bytes: &[u8], visitor: &mut impl Visit) {
        dispatch!(self.level, simd => self.batches(simd, bytes, visitor));
    }

    // This and what it calls is inlined into one function for each kind of register.
    #[inline(always)]
    fn batches<S: Simd>(&self, simd: S, bytes: &[u8], visitor: &mut impl Visit) {
        let wanted = visitor.wanted();
        let mut batch = Batch::default();
        let mut runs = Runs::default();
        let mut found = Found::default();
        let mut places = List::<(usize, u64), BATCH>::default();
        let mut at = 0;
        while at <= bytes.len() {
            // A last block without bytes ends the last run.
            let count = ((bytes.len() - at) / BLOCK + 1).min(BATCH);
            batch.read(simd, &bytes[at..]);
            runs.batch(at, &batch.token, count, &mut found);
            found.retain(
                #[inline(always)]
                |run| {
                    run.kinds = registers::kinds(simd, bytes, run.start, run.end);
                    wanted >> run.kinds & 1 != 0
                },
            );
            batch.places(
                simd,
                &self.sets,
                count,
                #[inline(always)]
                |block, bits| places.put_if(bits != 0, (at + block * BLOCK, bits)),
            );
            for run in found.drain() {
                visitor.run(run.start, run.end, run.kinds);
            }
            places.retain(
                #[inline(always)]
                |(at, bits)| {
                    *bits = self.known(bytes, *at, *bits);
                    *bits != 0
                },
            );
            for (at, mut bits) in places.drain().iter().copied() {
                while bits != 0 {
                    self.place(bytes, at + bits.trailing_zeros() as usize, visitor);
                    bits &= bits - 1;
                }
            }
            at += BATCH * BLOCK;
        }
    }

    /// Those of the places where a window may stand indeed.
    #[inline(always)]
    fn known(&self, bytes: &[u8], at: usize, mut places: u64) -> u64 {
        let mut known = 0;
        while places != 0 {
            let place = places.trailing_zeros();
            places &= places - 1;
            let may_stand = self.literals.may_stand(bytes, at + place as usize);
            known |= u64::from(may_stand) << place;
        }
        known
    }

    #[inline(never)]
    fn place(&self, bytes: &[u8], at: usize, visitor: &mut impl Visit) {
        self.literals.at(bytes, at, |number, start| {
            visitor.literal(number, start);
        });
    }
}

#[inline(always)]
fn six<S: Simd>(_: S) -> bool {
    looks_up_six::<S>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::prefilter::runs::{MIN_RUN, kinds};
    use crate::text::is_token;

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
        fn wanted(&self) -> u32 {
            u32::MAX
        }

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
        let numbered: Vec<_> = numbered.collect();
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
            let prefilter = Prefilter::at(level, &numbered);
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

    /// Positions in the first blocks, and around the end of a batch.
    fn paddings() -> impl Iterator<Item = usize> {
        (0..140).chain(BATCH * BLOCK - 70..BATCH * BLOCK + 5)
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands() {
        for literal in SOME {
            for pad in paddings() {
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
        for pad in paddings() {
            for length in [1, 15, 16, 17, 48, 63, 64, 65, 127, 128, 129, 200, 300] {
                let run = "c".repeat(length);
                let text = format!("{}{run} {run}", ".".repeat(pad));
                check(&[], text.as_bytes());
                check(&[], format!("{text} x").as_bytes());
            }
        }
    }

    #[test]
    fn as_many_runs_as_fit_are_all_told() {
        for pad in 0..MIN_RUN + 2 {
            let runs = format!("{}.", "c".repeat(MIN_RUN)).repeat(3 * BATCH * BLOCK / MIN_RUN);
            check(&[], format!("{}{runs}", "c".repeat(pad)).as_bytes());
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
