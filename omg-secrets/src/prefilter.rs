//! Where a credential can be at all, found at the speed of memory.
//!
//! Two ways: [`each_run`] lists the long runs of token characters; [`Literals`] searches
//! packed literals (Teddy), in sets of at most 32, for what stands in no such run.

use aho_corasick::packed;
use aho_corasick::{AhoCorasick, Input, Span};

/// The shortest run of token characters that is looked at. The shortest token of a built-in
/// rule that is found by its run has 19.
pub(crate) const MIN_RUN: usize = 16;

/// Literals in one packed search: with up to 32 it looks at 32 bytes at once, with more at 16.
const SET: usize = 32;

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        // The cast cannot truncate: the loop ends at 256.
        #[allow(clippy::cast_possible_truncation)]
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        byte += 1;
    }
    table
};

/// What stands in a run: one bit a kind.
pub(crate) mod kinds {
    pub(crate) const LOWER: u8 = 1;
    pub(crate) const UPPER: u8 = 2;
    pub(crate) const DIGIT: u8 = 4;
    pub(crate) const UNDERSCORE: u8 = 8;
    pub(crate) const DASH: u8 = 16;

    const OF: [u8; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 26 {
            table[b'a' as usize + at] = LOWER;
            table[b'A' as usize + at] = UPPER;
            at += 1;
        }
        at = 0;
        while at < 10 {
            table[b'0' as usize + at] = DIGIT;
            at += 1;
        }
        table[b'_' as usize] = UNDERSCORE;
        table[b'-' as usize] = DASH;
        table
    };

    pub(crate) fn of(run: &[u8]) -> u8 {
        run.iter().fold(0, |all, b| all | OF[usize::from(*b)])
    }
}

/// Whether the byte is a letter, a digit, `_` or `-`.
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// How many bytes are classified at once.
const BLOCK: usize = 64;

/// Calls `found` with the start and the end of every run of at least [`MIN_RUN`] token
/// characters, in order.
///
/// Text is made of short words, so that a search that jumps ahead is wrong about every
/// second of its branches. Here each byte is looked at, but sixty-four at once and without a
/// branch: one bit a byte, and a run is where sixteen bits are set.
pub(crate) fn each_run(bytes: &[u8], mut found: impl FnMut(usize, usize)) {
    // Token characters directly before the block.
    let mut carried = 0;
    let mut base = 0;
    let mut block = |base: usize, mask: u64| {
        if mask == u64::MAX {
            carried += BLOCK;
            return;
        }
        let first = mask.trailing_ones() as usize;
        if carried + first >= MIN_RUN {
            found(base - carried, base + first);
        }
        carried = mask.leading_ones() as usize;
        let mut inner = mask & u64::MAX << first;
        inner &= u64::MAX >> carried;
        let mut starts = inner & inner >> 1;
        starts &= starts >> 2;
        starts &= starts >> 4;
        starts &= starts >> 8;
        while starts != 0 {
            let start = starts.trailing_zeros() as usize;
            let end = start + (inner >> start).trailing_ones() as usize;
            found(base + start, base + end);
            // An inner run ends before the last bit of its block.
            starts &= u64::MAX << end;
        }
    };
    let mut blocks = bytes.chunks_exact(BLOCK);
    for whole in &mut blocks {
        if let Ok(whole) = whole.try_into() {
            block(base, mask(whole));
        }
        base += BLOCK;
    }
    let rest = blocks.remainder();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    block(base, mask(&last));
}

/// One bit for each byte, set where it is a token character.
fn mask(block: &[u8; BLOCK]) -> u64 {
    let mut ones = [0_u8; BLOCK];
    // Comparisons instead of a table, which the compiler turns into vectors.
    for (one, &byte) in ones.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *one = u8::from(letter | digit | (byte == b'_') | (byte == b'-'));
    }
    // The product moves the lowest bits of eight bytes side by side into the highest byte.
    let (eights, _) = ones.as_chunks::<8>();
    eights.iter().rev().fold(0, |mask, eight| {
        let packed = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask << 8 | packed
    })
}

/// A set of literals, each with a number of the caller's.
pub(crate) struct Literals {
    sets: Vec<Set>,
}

/// Patterns that one pass looks for, and the literals that begin with each of them.
struct Set {
    searcher: Searcher,
    literals: Vec<Vec<Literal>>,
}

/// A literal and its number.
type Literal = (Vec<u8>, u32);

enum Searcher {
    Packed(packed::Searcher),
    /// Where the processor has no vectors, or a literal is too short for them.
    Plain(AhoCorasick),
}

/// The search compares as many bytes at once as the shortest pattern of a set has, up to this.
const COMPARED: usize = 4;

impl Literals {
    pub(crate) fn new(mut literals: Vec<Literal>) -> Self {
        literals.sort();
        // Literals that no search can tell apart by the bytes that it compares share a pattern,
        // unless that would be a word of many texts.
        let mut groups: Vec<(Vec<u8>, Vec<Literal>)> = Vec::new();
        for (literal, number) in literals {
            let common = groups.last().map_or(0, |(pattern, _)| {
                let pairs = pattern.iter().zip(&literal);
                pairs.take_while(|(a, b)| a == b).count()
            });
            match groups.last_mut() {
                Some((pattern, members))
                    if common == pattern.len()
                        || common >= COMPARED
                            && !literal[..common].iter().all(u8::is_ascii_lowercase) =>
                {
                    pattern.truncate(common);
                    members.push((literal, number));
                }
                _ => groups.push((literal.clone(), vec![(literal, number)])),
            }
        }
        // Short patterns are kept from the others, so that they do not make those common too.
        let class = |pattern: &[u8]| pattern.len().min(COMPARED);
        groups.sort_by_key(|(pattern, _)| class(pattern));
        let parts = groups.chunk_by(|(a, _), (b, _)| class(a) == class(b));
        let sets = parts.flat_map(|part| part.chunks(SET)).filter_map(|set| {
            let patterns: Vec<&[u8]> = set.iter().map(|(pattern, _)| &pattern[..]).collect();
            Some(Set {
                searcher: Searcher::new(&patterns)?,
                literals: set.iter().map(|(_, members)| members.clone()).collect(),
            })
        });
        Self {
            sets: sets.collect(),
        }
    }

    /// Calls `found` with the number and the position of every literal, set by set.
    pub(crate) fn each(&self, bytes: &[u8], mut found: impl FnMut(u32, usize)) {
        for set in &self.sets {
            let mut from = 0;
            while let Some((pattern, start)) = set.searcher.find(bytes, from) {
                for (literal, number) in set.literals.get(pattern).into_iter().flatten() {
                    if bytes[start..].starts_with(literal) {
                        found(*number, start);
                    }
                }
                from = start + 1;
            }
        }
    }
}

impl Searcher {
    fn new(patterns: &[&[u8]]) -> Option<Self> {
        let mut builder = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostFirst)
            .builder();
        if let Some(searcher) = builder.extend(patterns).build() {
            return Some(Self::Packed(searcher));
        }
        AhoCorasick::builder()
            .match_kind(aho_corasick::MatchKind::LeftmostFirst)
            .build(patterns)
            .ok()
            .map(Self::Plain)
    }

    fn find(&self, bytes: &[u8], from: usize) -> Option<(usize, usize)> {
        if from >= bytes.len() {
            return None;
        }
        let span = Span {
            start: from,
            end: bytes.len(),
        };
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(bytes, span),
            Self::Plain(searcher) => searcher.find(Input::new(bytes).span(span)),
        }?;
        Some((found.pattern().as_usize(), found.start()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> Vec<&str> {
        let mut out = Vec::new();
        each_run(text.as_bytes(), |start, end| out.push(&text[start..end]));
        out
    }

    #[test]
    fn runs_are_found_wherever_they_begin() {
        for pad in 0..140 {
            let text = format!("{} {} x", ".".repeat(pad), "a".repeat(16));
            assert_eq!(runs(&text), ["a".repeat(16)], "{pad}");
        }
        assert!(runs(&"a".repeat(15)).is_empty());
        assert!(runs("").is_empty());
        let long = "b".repeat(100);
        assert_eq!(runs(&format!("aaaaaaaaaaaaaaa {long}")), [long.as_str()]);
        for length in 16..300 {
            let run = "c".repeat(length);
            assert_eq!(runs(&run), [run.as_str()]);
            assert_eq!(
                runs(&format!("a {run} {run}")),
                [run.as_str(), run.as_str()]
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn runs_are_those_of_a_plain_search(text in "([a-z]{0,40}[. ]{1,2}){0,20}") {
            let plain: Vec<&str> = text.split(['.', ' ']).filter(|run| run.len() >= MIN_RUN).collect();
            proptest::prop_assert_eq!(runs(&text), plain);
        }
    }
}
