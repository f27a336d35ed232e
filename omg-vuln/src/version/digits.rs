//! Runs of ASCII digits, read as numbers of any length.

use std::cmp::Ordering;

/// Compares two runs of digits by value. An empty run counts as zero.
pub(super) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (strip_zeros(a), strip_zeros(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Splits the digits off the front.
pub(super) fn take(text: &[u8]) -> (&[u8], &[u8]) {
    take_while(text, u8::is_ascii_digit)
}

/// Splits off the front for as long as the bytes are of one kind.
pub(super) fn take_while(text: &[u8], kind: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !kind(byte));
    let end = end.unwrap_or(text.len());
    #[cfg(test)]
    READ.set(READ.get() + end + 1);
    text.split_at(end)
}

#[cfg(test)]
thread_local! {
    /// How many bytes [`take_while`] has looked at, so that a test can tell how often an order
    /// reads its input.
    pub(super) static READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Splits an epoch off the front: digits, then `separator`.
///
/// Without one the whole text is the version, and the epoch is the empty run, zero.
pub(super) fn split_epoch(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match take(text) {
        (epoch, [first, version @ ..]) if *first == separator => (epoch, version),
        _ => (&[], text),
    }
}

/// The digits as the number is written without leading zeros; zero has one digit.
pub(super) fn shortest(digits: &[u8]) -> &[u8] {
    match strip_zeros(digits) {
        [] => b"0",
        rest => rest,
    }
}

/// Tells whether a run of digits is zero, as the empty run is.
pub(super) fn are_zero(digits: &[u8]) -> bool {
    strip_zeros(digits).is_empty()
}

fn strip_zeros(digits: &[u8]) -> &[u8] {
    take_while(digits, |byte| *byte == b'0').1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_at_any_length() {
        assert_eq!(compare(b"007", b"7"), Ordering::Equal);
        assert_eq!(compare(b"", b"000"), Ordering::Equal);
        assert_eq!(
            compare(b"18446744073709551616", b"18446744073709551615"),
            Ordering::Greater
        );
        assert_eq!(compare(b"9", b"10"), Ordering::Less);
    }

    #[test]
    fn an_epoch_needs_its_separator() {
        assert_eq!(split_epoch(b"1:2", b':'), (&b"1"[..], &b"2"[..]));
        assert_eq!(split_epoch(b":2", b':'), (&b""[..], &b"2"[..]));
        assert_eq!(split_epoch(b"a:2", b':'), (&b""[..], &b"a:2"[..]));
        assert_eq!(split_epoch(b"12", b':'), (&b""[..], &b"12"[..]));
    }
}
