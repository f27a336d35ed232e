//! Quoted arguments of calls.

use std::ops::Range;

/// The quoted argument of this number, counted from zero, of the call whose name begins at `at`.
pub(crate) fn argument(bytes: &[u8], at: usize, which: usize) -> Option<Range<usize>> {
    let end = bytes.len().min(at + 260);
    let mut from = at;
    for number in 0..=which {
        let open = from + memchr::memchr(b'"', &bytes[from..end])?;
        let close = open + 1 + memchr::memchr(b'"', &bytes[open + 1..end])?;
        let gap = &bytes[from..open];
        if number > 0 && !gap.iter().all(|b| b.is_ascii_whitespace() || *b == b',') {
            return None;
        }
        if number == which {
            return Some(open + 1..close);
        }
        from = close + 1;
    }
    None
}
