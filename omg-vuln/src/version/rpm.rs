//! RPM's order of versions, `[epoch:]version[-release]`.
//!
//! The rules are those of rpm-version(7) and of `rpmvercmp` and `rpmverCmp` in RPM's
//! `rpmio/rpmvercmp.c` and `lib/rpmver.c`. The order is total.

use std::cmp::Ordering;

use super::{digits, shape};

/// Compares two versions as RPM does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// - Epochs first: the digits in front of a `:`; none is 0. If what stands there is not
///   all digits, the colon is an ordinary separator.
/// - Then the version, up to the last `-`; then the release. A version without a
///   release is older than the same version with one, be it empty.
/// - `~` sorts before everything, the end included; `^` after the end but before all
///   else; digits are newer than letters; other characters, the non-ASCII ones among
///   them, only separate.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::rpm::compare;
///
/// assert_eq!(compare("1.0~rc1-1.el9", "1.0-1.el9"), Ordering::Less);
/// assert_eq!(compare("1.0^git1-1", "1.0-1"), Ordering::Greater);
/// assert_eq!(compare("1.0^git1-1", "1.0.1-1"), Ordering::Less);
/// assert_eq!(compare("1.0", "1.0-1"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (epoch_a, a) = digits::split_epoch(a.as_bytes(), b':');
    let (epoch_b, b) = digits::split_epoch(b.as_bytes(), b':');
    let ((version_a, release_a), (version_b, release_b)) = (split_release(a), split_release(b));
    digits::compare(epoch_a, epoch_b)
        .then_with(|| compare_segments(version_a, version_b))
        .then_with(|| match (release_a, release_b) {
            (Some(a), Some(b)) => compare_segments(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
}

/// Tells whether a text can be a version: rpm-version(7) and "Version" and "Release" of RPM's
/// spec file format, which allow letters, digits and `._+~^`.
///
/// Without a digit the text is a word, as `latest` or `unknown`.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::rpm::is_version;
///
/// assert!(is_version("1:1.1.1k-12.el8_9"));
/// assert!(!is_version("None"));
/// assert!(!is_version("(none)"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let (_, rest) = digits::split_epoch(text.as_bytes(), b':');
    let rest = text.get(text.len() - rest.len()..).unwrap_or_default();
    let version = rest.rsplit_once('-').map_or(rest, |(version, _)| version);
    shape::may_be(version, b"._+~^-") && shape::may_be(rest, b"._+~^-")
}

fn split_release(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().rposition(|byte| *byte == b'-') {
        Some(dash) => (&text[..dash], Some(&text[dash + 1..])),
        None => (text, None),
    }
}

fn compare_segments(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (segment_a, rest_a) = Segment::take(a);
        let (segment_b, rest_b) = Segment::take(b);
        let order = segment_a.compare(segment_b);
        if order.is_ne() || segment_a == Segment::End {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

/// What follows the separators, in ascending order of kind.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Segment<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a [u8]),
    Digits(&'a [u8]),
}

impl<'a> Segment<'a> {
    fn take(text: &'a [u8]) -> (Self, &'a [u8]) {
        let counts = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'^');
        let (_, text) = digits::take_while(text, |byte| !counts(byte));
        match text {
            [] => (Self::End, text),
            [b'~', rest @ ..] => (Self::Tilde, rest),
            [b'^', rest @ ..] => (Self::Caret, rest),
            [first, ..] if first.is_ascii_digit() => {
                let (segment, rest) = digits::take(text);
                (Self::Digits(segment), rest)
            }
            _ => {
                let (segment, rest) = digits::take_while(text, u8::is_ascii_alphabetic);
                (Self::Letters(segment), rest)
            }
        }
    }

    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Digits(a), Self::Digits(b)) => digits::compare(a, b),
            (Self::Letters(a), Self::Letters(b)) => a.cmp(b),
            (a, b) => a.kind().cmp(&b.kind()),
        }
    }

    fn kind(self) -> u8 {
        match self {
            Self::Tilde => 0,
            Self::End => 1,
            Self::Caret => 2,
            Self::Letters(_) => 3,
            Self::Digits(_) => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tilde_then_end_then_caret_then_letters_then_digits() {
        for pair in ["1~", "1", "1^", "1a", "1.1"].windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn separators_only_separate() {
        assert_eq!(compare("1..0", "1.0"), Ordering::Equal);
        assert_eq!(compare("1.", "1"), Ordering::Equal);
        assert_eq!(compare("1.β", "1.α"), Ordering::Equal);
    }

    #[test]
    fn a_release_is_newer_than_none() {
        assert_eq!(compare("1", "1-"), Ordering::Less);
        assert_eq!(compare("1-", "1-0"), Ordering::Less);
    }
}
