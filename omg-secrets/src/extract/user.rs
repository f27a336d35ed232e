//! The name of the user whose password is assigned: the assignment directly before it.

use super::assign::{self, Assignment};

/// How far before a password's name, and how many lines before its own, a user's name counts.
const REACH: usize = 240;
const LINES: usize = 3;

/// The nearest assignment to the name of a user before the password whose name begins at `at`:
/// one that is further away belongs to something else.
pub(crate) fn before(bytes: &[u8], at: usize) -> Option<Assignment> {
    let low = reach(bytes, at);
    let text = &bytes[low..at];
    let words = (0..text.len()).rev().filter(|&from| {
        let rest = &text[from..];
        let starts = |word: &str| {
            rest.get(..word.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
        };
        matches!(rest[0] | 0x20, b'u' | b'l') && ["user", "uid", "login"].into_iter().any(starts)
    });
    words
        .filter_map(|from| assignment(bytes, low + from))
        .find(|found| found.value.end <= at)
}

/// The start of the lines in which a user's name counts.
fn reach(bytes: &[u8], at: usize) -> usize {
    let low = at.saturating_sub(REACH);
    let ends = memchr::memrchr_iter(b'\n', &bytes[low..at]);
    ends.take(LINES + 1)
        .nth(LINES)
        .map_or(low, |end| low + end + 1)
}

/// The assignment to the name around `at`, of which connection strings write two words, and
/// whose values end where the next one begins.
fn assignment(bytes: &[u8], at: usize) -> Option<Assignment> {
    let mut name = assign::name_around(bytes, at);
    let rest = bytes.get(name.end..)?;
    let second = [" id", " name"].iter().any(|word| {
        rest.get(..word.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    });
    if second {
        name = assign::name_around(bytes, name.end + 1);
    }
    let mut found = assign::forward(bytes, name)?;
    if !found.quoted {
        let text = &bytes[found.value.clone()];
        let length = text.iter().position(|b| b";&,".contains(b));
        found.value.end = found.value.start + length.unwrap_or(text.len());
    }
    Some(found)
}
