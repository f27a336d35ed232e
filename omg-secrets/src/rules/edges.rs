//! Where a token may begin and end: not within a longer word.

/// Whether a token may begin at `start`.
pub(crate) fn left_edge(bytes: &[u8], start: usize) -> bool {
    let first = bytes.get(start).copied().unwrap_or_default();
    let Some(before) = start.checked_sub(1).map(|at| bytes[at]) else {
        return true;
    };
    if !(before.is_ascii_alphanumeric() || before == b'_')
        || !(first.is_ascii_alphanumeric() || first == b'_')
    {
        return true;
    }
    // An escape, a percent encoding, or the word `bot` in the path of a request.
    let two = start.checked_sub(2).map(|at| bytes[at]);
    let three = start.checked_sub(3).map(|at| bytes[at]);
    matches!(before, b'n' | b'r' | b't') && two == Some(b'\\')
        || before.is_ascii_hexdigit() && three == Some(b'%')
        || bytes[..start].ends_with(b"/bot")
}

/// Whether a token may end at `end`, if its last character is one of the class `last`, which could
/// go on.
pub(crate) fn right_edge(bytes: &[u8], end: usize, last: Option<char>) -> bool {
    let Some(&next) = bytes.get(end) else {
        return true;
    };
    match last {
        None => !next.is_ascii_alphanumeric(),
        Some('v') => true,
        Some('w' | 's' | 'j' | 'e' | 'z') => {
            !(next.is_ascii_alphanumeric() || next == b'_' || next == b'-')
        }
        Some('b' | 'p' | 'c') => !(next.is_ascii_alphanumeric() || next == b'/' || next == b'+'),
        Some(_) => !(next.is_ascii_alphanumeric() || next == b'_'),
    }
}
