//! Where a credential can be at all, found at the speed of memory.
//!
//! Two ways: [`next_run`] jumps from one long run of token characters to the next and looks
//! at one byte in sixteen between them; [`Literals`] searches packed literals (Teddy), in
//! sets of at most 32, for what stands in no such run.

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

/// Whether the byte is a letter, a digit, `_` or `-`.
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// The first run of at least [`MIN_RUN`] token characters that begins at or after `from`,
/// which must not be inside a run.
///
/// Such a run covers every sixteenth position, so that the others need not be read: the idea
/// of Boyer and Moore, for a class of characters.
pub(crate) fn next_run(bytes: &[u8], mut from: usize) -> Option<(usize, usize)> {
    let mut at = from + MIN_RUN - 1;
    loop {
        while !TOKEN[usize::from(*bytes.get(at)?)] {
            from = at + 1;
            at += MIN_RUN;
        }
        let mut start = at;
        while start > from && TOKEN[usize::from(bytes[start - 1])] {
            start -= 1;
        }
        if start + MIN_RUN > at + 1 {
            // The run must go on to its sixteenth byte; backwards, the gap shows soonest.
            let need = start + MIN_RUN;
            if need > bytes.len() {
                return None;
            }
            if let Some(gap) = (at + 1..need)
                .rev()
                .find(|&p| !TOKEN[usize::from(bytes[p])])
            {
                from = gap + 1;
                at = gap + MIN_RUN;
                continue;
            }
            at = need - 1;
        }
        let mut end = at + 1;
        while end < bytes.len() && TOKEN[usize::from(bytes[end])] {
            end += 1;
        }
        return Some((start, end));
    }
}

/// A set of literals, each with numbers of the caller's.
pub(crate) struct Literals {
    sets: Vec<(Searcher, Vec<Vec<u32>>)>,
}

enum Searcher {
    Packed(packed::Searcher),
    /// Where the processor has no vectors, or a literal is too short for them.
    Plain(AhoCorasick),
}

impl Literals {
    pub(crate) fn new(literals: &[(Vec<u8>, u32)]) -> Self {
        let mut sorted: Vec<_> = literals.iter().collect();
        sorted.sort();
        // A literal that begins with another one is found by that one.
        let mut short: Vec<(&[u8], Vec<u32>)> = Vec::new();
        for (literal, number) in sorted {
            match short.last_mut() {
                Some((known, numbers)) if literal.starts_with(known) => numbers.push(*number),
                _ => short.push((literal, vec![*number])),
            }
        }
        // The search compares as many bytes at once as the shortest of a set has, up to four:
        // short literals are kept from the others, so that they do not make those common too.
        short.sort_by_key(|(literal, _)| literal.len().min(4));
        let parts = short.chunk_by(|(a, _), (b, _)| a.len().min(4) == b.len().min(4));
        let sets = parts.flat_map(|part| part.chunks(SET)).filter_map(|set| {
            let patterns: Vec<&[u8]> = set.iter().map(|(literal, _)| *literal).collect();
            let numbers = set.iter().map(|(_, numbers)| numbers.clone()).collect();
            Some((Searcher::new(&patterns)?, numbers))
        });
        Self {
            sets: sets.collect(),
        }
    }

    /// Calls `found` with the number and the position of every literal, set by set.
    pub(crate) fn each(&self, bytes: &[u8], mut found: impl FnMut(u32, usize)) {
        for (searcher, numbers) in &self.sets {
            let mut from = 0;
            while let Some((pattern, start)) = searcher.find(bytes, from) {
                for number in numbers.get(pattern).into_iter().flatten() {
                    found(*number, start);
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
        let (mut out, mut from) = (Vec::new(), 0);
        while let Some((start, end)) = next_run(text.as_bytes(), from) {
            out.push(&text[start..end]);
            from = end;
        }
        out
    }

    #[test]
    fn runs_are_found_wherever_they_begin() {
        for pad in 0..40 {
            let text = format!("{} {} x", ".".repeat(pad), "a".repeat(16));
            assert_eq!(runs(&text), ["a".repeat(16)], "{pad}");
        }
        assert!(runs(&"a".repeat(15)).is_empty());
        assert!(runs("").is_empty());
        let long = "b".repeat(100);
        assert_eq!(runs(&format!("aaaaaaaaaaaaaaa {long}")), [long.as_str()]);
    }

    proptest::proptest! {
        #[test]
        fn runs_are_those_of_a_plain_search(text in "[a. ]{0,200}") {
            let plain: Vec<&str> = text.split(['.', ' ']).filter(|run| run.len() >= MIN_RUN).collect();
            proptest::prop_assert_eq!(runs(&text), plain);
        }
    }
}
