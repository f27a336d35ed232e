//! Secrets in sentences that people and programs write.

use std::ops::Range;

use crate::text::{line, skip_spaces};

/// `password is "…"` and `password for x is …`, with `at` on the word: the text in the quotes.
pub(crate) fn password(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let end = bytes.len().min(at + 90);
    let text = &bytes[at..end];
    let text = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
    let is = memchr::memmem::find(text, b" is ")?;
    let before = &text[..is];
    if before.iter().any(|b| b".=({;:".contains(b)) {
        return None;
    }
    let start = at + is + 4;
    let quote = *bytes.get(start).filter(|b| b"\"'`".contains(b))?;
    let close = memchr::memchr(quote, &bytes[start + 1..bytes.len().min(start + 60)])?;
    Some(start + 1..start + 1 + close)
}

/// The lines behind `at` that hold 32 hexadecimal digits and nothing else, as Jenkins writes its
/// first password to its log.
pub(crate) fn lines_of_hex(bytes: &[u8], at: usize) -> impl Iterator<Item = Range<usize>> {
    let text = &bytes[at..bytes.len().min(at + 200)];
    let mut from = at;
    text.split(|&b| b == b'\n').filter_map(move |part| {
        let value = part.trim_ascii();
        let start = from + part.len() - part.trim_ascii_start().len();
        from += part.len() + 1;
        let hex = value.len() == 32 && value.iter().all(u8::is_ascii_hexdigit);
        hex.then_some(start..start + value.len())
    })
}

/// The word after `Unseal Key N:` or `unseal`, with `at` on the words.
pub(crate) fn unseal_key(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let range = line(bytes, at, 120);
    let from = at
        + bytes[at..range.end]
            .iter()
            .position(|b| *b == b':' || *b == b'l')?;
    let mut start = from + 1;
    if let Some(colon) = memchr::memchr(b':', &bytes[at..range.end.min(at + 20)]) {
        start = at + colon + 1;
    }
    let start = skip_spaces(bytes, start);
    let value = bytes.get(start..range.end)?.trim_ascii();
    let value = value
        .split(|b| b.is_ascii_whitespace() || b"\"'`".contains(b))
        .next()?;
    Some(start..start + value.len())
}
