//! Packed literals, each found by a few of its bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::packed;
use aho_corasick::{AhoCorasick, Input, Span};

/// Literals in one packed search: with up to 32 it looks at 32 bytes at once, with more at 16.
const SET: usize = 32;

/// Buckets of such a search.
const BUCKETS: usize = 8;

/// A set of literals, each with a number of the caller's.
pub(crate) struct Literals {
    sets: Vec<Set>,
}

/// Windows that one pass looks for, and the literals that hold each of them.
struct Set {
    searcher: Searcher,
    literals: Vec<Vec<Literal>>,
}

/// A literal, its number, and where in it the window stands.
#[derive(Clone)]
struct Literal {
    text: Vec<u8>,
    number: u32,
    offset: usize,
}

enum Searcher {
    Packed(packed::Searcher),
    /// Where the processor has no vectors, or a literal is too short for them.
    Plain(AhoCorasick),
}

/// As many bytes of a literal are looked for, if it has them: the search compares no more at
/// once, and with windows of one length no two of them stand at one place.
const WINDOW: usize = 4;

/// A window with its length, and the literals that are found by it.
type Group<'a> = ((usize, &'a [u8]), Vec<Literal>);

/// What a window that no other literal holds costs, in the steps of [`commonness`].
const SHARED: u32 = 20;

impl Literals {
    pub(crate) fn new(literals: Vec<(Vec<u8>, u32)>) -> Self {
        let mut holders: HashMap<&[u8], u32> = HashMap::new();
        for (text, _) in &literals {
            let windows: BTreeSet<&[u8]> = windows(text).collect();
            windows
                .into_iter()
                .for_each(|w| *holders.entry(w).or_default() += 1);
        }
        let mut members = BTreeMap::<_, Vec<Literal>>::new();
        for (text, number) in &literals {
            let (offset, window) = cheapest(text, &holders);
            let key = (window.len(), window);
            members.entry(key).or_default().push(Literal {
                text: text.clone(),
                number: *number,
                offset,
            });
        }
        // Shorter windows are kept from the others: one of them would shorten what the search
        // compares of all.
        let members: Vec<Group<'_>> = members.into_iter().collect();
        let parts = members.chunk_by(|((a, _), _), ((b, _), _)| a == b);
        // Sets of one size: the fewer in each, the fewer places look like one of them.
        let even = |part: &[Group<'_>]| part.len().div_ceil(part.len().div_ceil(SET));
        let sets = parts
            .flat_map(|part| part.chunks(even(part)))
            .filter_map(|part| {
                let part = dealt(part);
                let windows: Vec<&[u8]> = part.iter().map(|((_, window), _)| *window).collect();
                Some(Set {
                    searcher: Searcher::new(&windows)?,
                    literals: part.iter().map(|(_, members)| members.clone()).collect(),
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
            while let Some((window, at)) = set.searcher.find(bytes, from) {
                for literal in set.literals.get(window).into_iter().flatten() {
                    if let Some(start) = at.checked_sub(literal.offset)
                        && bytes[start..].starts_with(&literal.text)
                    {
                        found(literal.number, start);
                    }
                }
                from = at + 1;
            }
        }
    }
}

fn windows(literal: &[u8]) -> impl Iterator<Item = &[u8]> {
    literal.windows(WINDOW.min(literal.len()).max(1))
}

/// The window of a literal that few texts hold, and many of the literals, and where it stands.
fn cheapest<'a>(literal: &'a [u8], holders: &HashMap<&[u8], u32>) -> (usize, &'a [u8]) {
    let cost = |window: &[u8]| -> (u32, u32) {
        let common = rarity(window);
        let shared = holders.get(window).copied().unwrap_or(1);
        (common + SHARED.saturating_sub(4 * shared), common)
    };
    windows(literal)
        .enumerate()
        .min_by_key(|(_, window)| (cost(window), *window))
        .unwrap_or_default()
}

/// The less, the fewer texts hold the window.
fn rarity(window: &[u8]) -> u32 {
    window.iter().map(|b| commonness(*b)).sum()
}

/// How often a byte stands in program text, in steps of about a factor of two.
const fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' => 9,
        b'e' | b't' => 8,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 7,
        b'c' | b'd' | b'l' | b'p' | b'u' | b'_' | b'm' | b'f' => 6,
        b'b' | b'g' | b'h' | b'x' | b'v' | b',' | b'(' | b')' | b'0' | b'-' | b'.' => 5,
        b'k' | b'w' | b'y' | b'1' | b'2' | b'=' | b'"' | b'/' | b':' | b'A' | b'E' | b'S'
        | b'T' | b'I' | b'R' | b'C' => 4,
        b'L' | b'N' | b'O' | b'P' | b'D' | b'M' | b'U' | b'3' | b'4' | b'5' | b'6' | b'8' => 3,
        b'$' | b'?' | b'~' | b'Q' | b'Z' | b'@' | b'%' => 0,
        _ => 2,
    }
}

/// The windows in an order in which those that end alike share a bucket of the search, which
/// deals them to its buckets in turn: a bucket of unlike ones lets many other texts through.
fn dealt<'a>(part: &[Group<'a>]) -> Vec<Group<'a>> {
    let mut part = part.to_vec();
    part.sort_by(|((_, a), _), ((_, b), _)| a.iter().rev().cmp(b.iter().rev()));
    let (rounds, more) = (part.len() / BUCKETS, part.len() % BUCKETS);
    let start = |bucket: usize| bucket * rounds + bucket.min(more);
    (0..=rounds)
        .flat_map(|round| (0..BUCKETS).map(move |bucket| (round, bucket)))
        .filter(|&(round, bucket)| start(bucket) + round < start(bucket + 1))
        .map(|(round, bucket)| part[start(bucket) + round].clone())
        .collect()
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

    const SOME: [&str; 12] = [
        "ab", "abc", "token", "token-", ": token ", "a_key", "api_key", "API_KEY", "://", "b",
        "$2a$", "aaaa",
    ];

    /// Numbers and positions, in order of both.
    fn literals(text: &str) -> Vec<(u32, usize)> {
        let all = (0..)
            .zip(SOME)
            .map(|(n, text)| (text.as_bytes().to_vec(), n));
        let mut out = Vec::new();
        Literals::new(all.collect()).each(text.as_bytes(), |number, at| out.push((number, at)));
        out.sort_unstable();
        out
    }

    fn plain_literals(text: &str) -> Vec<(u32, usize)> {
        let starts = |literal: &str| -> Vec<usize> {
            let at = 0..text.len();
            at.filter(|at| text[*at..].starts_with(literal)).collect()
        };
        let found = (0..)
            .zip(SOME)
            .flat_map(|(number, literal)| starts(literal).into_iter().map(move |at| (number, at)));
        found.collect()
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands() {
        for literal in SOME {
            for pad in 0..70 {
                let text = format!("{}{literal}{literal}.", " ".repeat(pad));
                assert_eq!(literals(&text), plain_literals(&text), "{text:?}");
            }
        }
        assert!(literals("").is_empty());
    }

    #[test]
    fn literals_that_hold_one_window_share_it() {
        let texts = ["private_key", "private-key", "Key: (private"];
        let all = texts.iter().map(|text| (text.as_bytes().to_vec(), 0));
        let literals = Literals::new(all.collect());
        assert_eq!(literals.sets.len(), 1);
        assert_eq!(literals.sets[0].literals.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn literals_are_those_of_a_plain_search(text in "([a-c_:/$ 2-]|token|key|api){0,60}") {
            proptest::prop_assert_eq!(literals(&text), plain_literals(&text));
        }
    }
}
