//! Bytes as text: lines, words, encodings.

pub(crate) mod encoding;

use std::ops::Range;

/// The line that holds `at`, without its end, looking at most `reach` bytes to each side.
pub(crate) fn line(bytes: &[u8], at: usize, reach: usize) -> Range<usize> {
    let low = at.saturating_sub(reach);
    let high = bytes.len().min(at + reach);
    let start = memchr::memrchr(b'\n', &bytes[low..at]).map_or(low, |found| low + found + 1);
    let end = memchr::memchr(b'\n', &bytes[at..high]).map_or(high, |found| at + found);
    start..end
}

/// Whether `word`, in lower case, stands in the text in any case.
pub(crate) fn holds(text: &[u8], word: &str) -> bool {
    let word = word.as_bytes();
    let Some(&first) = word.first() else {
        return true;
    };
    let upper = first.to_ascii_uppercase();
    memchr::memchr2_iter(first, upper, text).any(|at| {
        text[at..]
            .get(..word.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(word))
    })
}

/// Whether the byte is a letter, a digit, `_` or `-`, of which tokens consist.
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A bit for every letter of a text, in either case. A digit shares the bit of a letter.
pub(crate) fn letters(text: &[u8]) -> u32 {
    text.iter().fold(0, |all, byte| all | 1 << (byte & 31))
}

/// The position behind spaces and tabs.
pub(crate) fn skip_spaces(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}
