//! Debian's order of versions, `[epoch:]upstream[-revision]`.
//!
//! The rules are those of deb-version(7), "Sorting algorithm", as dpkg implements them
//! in `lib/dpkg/version.c`. The order is total.

use std::cmp::Ordering;

use super::{digits, shape};

/// Compares two versions as dpkg does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// - Epochs first: the digits in front of the first `:`; none is 0. If what stands
///   there is not all digits, which dpkg refuses, there is no epoch and the colon is an
///   ordinary character of the version.
/// - Then the upstream version, up to the last `-`; then the revision, which counts as
///   `0` when absent.
/// - `~` sorts before everything, the end of the string included; letters sort before
///   all other characters; digits compare as numbers of any length.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::debian::compare;
///
/// assert_eq!(compare("1.0~rc1-1", "1.0-1"), Ordering::Less);
/// assert_eq!(compare("1:0.9-1", "1.0-1"), Ordering::Greater);
/// assert_eq!(compare("1.0", "0:1.0-0"), Ordering::Equal);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (epoch_a, a) = digits::split_epoch(a.as_bytes(), b':');
    let (epoch_b, b) = digits::split_epoch(b.as_bytes(), b':');
    let ((upstream_a, revision_a), (upstream_b, revision_b)) =
        (split_revision(a), split_revision(b));
    digits::compare(epoch_a, epoch_b)
        .then_with(|| compare_part(upstream_a, upstream_b))
        .then_with(|| compare_part(revision_a, revision_b))
}

/// Tells whether a text can be a version: deb-version(7), section "Description".
///
/// An upstream version starts with a digit, which dpkg asks for with a warning; `latest` would
/// be one otherwise. A wildcard as `4.x` is none, though the grammar allows its characters.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::debian::is_version;
///
/// assert!(is_version("1:2.0~rc1+dfsg-3+deb12u1"));
/// assert!(!is_version("None"));
/// assert!(!is_version(">= 1.0"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let (epoch, rest) = digits::split_epoch(text.as_bytes(), b':');
    let rest = text.get(text.len() - rest.len()..).unwrap_or_default();
    // Colons are allowed in the upstream version only behind an epoch.
    let allowed: &[u8] = if epoch.is_empty() { b".+-~" } else { b".+-~:" };
    rest.starts_with(|first: char| first.is_ascii_digit()) && shape::may_be(rest, allowed)
}

pub(super) fn split_revision(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().rposition(|byte| *byte == b'-') {
        Some(dash) => (&text[..dash], &text[dash + 1..]),
        None => (text, &[]),
    }
}

/// Alternates between non-digits, which compare by [`weight`], and numbers.
pub(super) fn compare_part<'a>(mut a: &'a [u8], mut b: &'a [u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        (a, b) = match skip_equal_text(a, b) {
            Ok(rest) => rest,
            Err(order) => return order,
        };
        let ((number_a, rest_a), (number_b, rest_b)) = (digits::take(a), digits::take(b));
        let order = digits::compare(number_a, number_b);
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

type Pair<'a> = (&'a [u8], &'a [u8]);

/// Drops what is equal up to the next number in both, or tells which is first.
fn skip_equal_text<'a>(mut a: &'a [u8], mut b: &'a [u8]) -> Result<Pair<'a>, Ordering> {
    while starts_with_text(a) || starts_with_text(b) {
        let order = weight(a.first()).cmp(&weight(b.first()));
        if order.is_ne() {
            return Err(order);
        }
        // Only text has a weight other than zero, so both have a character to drop.
        (a, b) = (
            a.get(1..).unwrap_or_default(),
            b.get(1..).unwrap_or_default(),
        );
    }
    Ok((a, b))
}

fn starts_with_text(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| !byte.is_ascii_digit())
}

/// '~' < end of the part and start of a number < letters < all else.
fn weight(byte: Option<&u8>) -> i16 {
    match byte {
        None => 0,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i16::from(*byte),
        Some(byte) => i16::from(*byte) + 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tilde_then_end_then_letters_then_the_rest() {
        for pair in ["1~~", "1~~a", "1~", "1", "1a", "1+"].windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn a_prefix_that_is_no_number_is_no_epoch() {
        assert_eq!(compare("a:1", "1:1"), Ordering::Less);
        assert_eq!(compare("a:1", "a:2"), Ordering::Less);
    }

    #[test]
    fn an_absent_revision_is_zero() {
        assert_eq!(compare("1", "1-0"), Ordering::Equal);
        assert_eq!(compare("1", "1-"), Ordering::Equal);
        assert_eq!(compare("1", "1-1"), Ordering::Less);
        assert_eq!(compare("1", "1-~1"), Ordering::Greater);
    }
}
