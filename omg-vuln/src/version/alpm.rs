//! pacman's order of versions, `[epoch:]pkgver[-pkgrel]`.
//!
//! The rules are those of `alpm_pkg_vercmp`, `rpmvercmp` and `parseEVR` in pacman's
//! `lib/libalpm/version.c`, and of vercmp(8); results equal libalpm's for every pair of
//! strings, the strange ones included.
//!
//! **This is not a total order.** A version without a pkgrel equals the same version
//! with any: `1.5-1 = 1.5 = 1.5-2`, yet `1.5-1 < 1.5-2`. Beyond that, some strings that
//! no package carries compare in a circle. So compare pairwise, and do not sort.

use std::cmp::Ordering;

use super::{digits, dotted, shape};

/// Compares two versions as pacman does.
///
/// Allocates nothing; the time is linear in the length of the shorter string.
///
/// - Epochs come first: the digits in front of a `:`. None, or none in front of the
///   `:`, is epoch 0; `a:1` has no epoch.
/// - Then the pkgver, which is what stands in front of the *last* `-`.
/// - Then the pkgrel, but only if both versions have one.
/// - `~` has no special meaning: `1.0~rc1` is newer than `1.0`.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::alpm::compare;
///
/// assert_eq!(compare("1.0.10-1", "1.0.9-3"), Ordering::Greater);
/// assert_eq!(compare("1.0rc1-1", "1.0-1"), Ordering::Less);
/// assert_eq!(compare("1.5", "1.5-1"), Ordering::Equal);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let (a, b) = (Parts::of(a), Parts::of(b));
    compare_segments(a.epoch, b.epoch)
        .then_with(|| compare_segments(a.version, b.version))
        .then_with(|| match (a.release, b.release) {
            (Some(a), Some(b)) => compare_segments(a, b),
            _ => Ordering::Equal,
        })
}

/// Tells whether a text can be a version: PKGBUILD(5), "pkgver", "pkgrel" and "epoch".
///
/// A pkgver may hold anything but colons, slashes, hyphens and blanks; the characters here are
/// those that packages use. Without a digit the text is a word, as `latest` or `unknown`.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::alpm::is_version;
///
/// assert!(is_version("1:r1234.abcdef0-1"));
/// assert!(!is_version("latest"));
/// assert!(!is_version("None"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let (_, rest) = digits::split_epoch(text.as_bytes(), b':');
    let rest = text.get(text.len() - rest.len()..).unwrap_or_default();
    let (version, release) = match rest.rsplit_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    shape::may_be(version, b"._+~") && release.is_none_or(dotted::are_numbers)
}

struct Parts<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    /// `parseEVR`.
    fn of(text: &'a str) -> Self {
        let (epoch, rest) = digits::split_epoch(text.as_bytes(), b':');
        let epoch = if epoch.is_empty() { b"0" } else { epoch };
        match rest.iter().rposition(|byte| *byte == b'-') {
            Some(dash) => Self {
                epoch,
                version: &rest[..dash],
                release: Some(&rest[dash + 1..]),
            },
            None => Self {
                epoch,
                version: rest,
                release: None,
            },
        }
    }
}

/// `rpmvercmp` of libalpm, which has parted ways with RPM's function of that name.
///
/// Walks both strings by segments, each a run of digits or a run of letters; whatever
/// lies between is a separator of which only the length counts.
fn compare_segments(mut a: &[u8], mut b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    // The test stands before the separators are skipped, so a trailing separator counts
    // as something that remains: "1.0." > "1.0".
    while !a.is_empty() && !b.is_empty() {
        let (gap_a, rest_a) = digits::take_while(a, |byte| !byte.is_ascii_alphanumeric());
        let (gap_b, rest_b) = digits::take_while(b, |byte| !byte.is_ascii_alphanumeric());
        (a, b) = (rest_a, rest_b);
        let Some(first) = a.first().filter(|_| !b.is_empty()) else {
            break;
        };
        if gap_a.len() != gap_b.len() {
            return gap_a.len().cmp(&gap_b.len());
        }
        let numeric = first.is_ascii_digit();
        let kind = if numeric {
            u8::is_ascii_digit
        } else {
            u8::is_ascii_alphabetic
        };
        let (segment_a, rest_a) = digits::take_while(a, kind);
        let (segment_b, rest_b) = digits::take_while(b, kind);
        if segment_b.is_empty() {
            // Of two kinds: digits are newer than letters.
            return if numeric {
                Ordering::Greater
            } else {
                Ordering::Less
            };
        }
        let order = if numeric {
            digits::compare(segment_a, segment_b)
        } else {
            segment_a.cmp(segment_b)
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    compare_remainders(a, b)
}

/// What remains is newer than nothing, unless it starts with a letter: "1.0a" < "1.0".
fn compare_remainders(a: &[u8], b: &[u8]) -> Ordering {
    match (a.first(), b.first()) {
        (None, None) => Ordering::Equal,
        (Some(a), _) if a.is_ascii_alphabetic() => Ordering::Less,
        (None, Some(b)) if !b.is_ascii_alphabetic() => Ordering::Less,
        _ => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_not_transitive() {
        assert_eq!(compare("1.5-1", "1.5"), Ordering::Equal);
        assert_eq!(compare("1.5", "1.5-2"), Ordering::Equal);
        assert_eq!(compare("1.5-1", "1.5-2"), Ordering::Less);
    }

    #[test]
    fn epochs() {
        assert_eq!(compare("0:1.0", "1.0"), Ordering::Equal);
        assert_eq!(compare(":1.0", "1.0"), Ordering::Equal);
        assert_eq!(compare("a:1.0", "1.0"), Ordering::Less);
        assert_eq!(compare("1:1.0", "9.9"), Ordering::Greater);
    }

    #[test]
    fn separators_count_by_length() {
        assert_eq!(compare("1.0+1", "1.0.1"), Ordering::Equal);
        assert_eq!(compare("1..0", "1.0"), Ordering::Greater);
        assert_eq!(compare("1.0.", "1.0"), Ordering::Greater);
        assert_eq!(compare("9_..", "9"), Ordering::Greater);
    }

    #[test]
    fn letters_are_older_than_nothing_and_a_tilde_is_a_separator() {
        assert_eq!(compare("1.0a", "1.0"), Ordering::Less);
        assert_eq!(compare("1.0.a", "1.0"), Ordering::Greater);
        assert_eq!(compare("1.0~rc1", "1.0"), Ordering::Greater);
    }
}
