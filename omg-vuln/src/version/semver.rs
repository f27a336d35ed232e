//! The precedence of Semantic Versioning 2.0.0, for strings that may not conform.
//!
//! For conforming versions this is section 11 of the specification: build metadata is
//! ignored, a pre-release comes before its release. What registries carry beyond that
//! is read leniently, by one rule for all strings, so the order is total.

use std::cmp::Ordering;
use std::str::Split;

use super::digits;

/// Compares two versions by the precedence of Semantic Versioning.
///
/// Allocates nothing; the time is linear in the length of the strings. Where a string
/// does not conform:
///
/// - one leading `v` or `V` is dropped, as npm, Go and tags write it;
/// - there may be any number of components, an absent or empty one counting as `0`, so
///   `1.2` equals `1.2.0`, and `1.1.3.4.5` is newer than `1.1.3`;
/// - numbers may have leading zeros and any length;
/// - a component that is no number compares like a pre-release identifier: after all
///   numbers, by its ASCII codes.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::semver::compare;
///
/// assert_eq!(compare("1.0.0-rc.9", "1.0.0-rc.10"), Ordering::Less);
/// assert_eq!(compare("1.0.0-rc.1", "1.0.0"), Ordering::Less);
/// assert_eq!(compare("v1.0.0+20130313", "1.0.0"), Ordering::Equal);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((core_a, pre_a), (core_b, pre_b)) = (split(a), split(b));
    compare_core(core_a.split('.'), core_b.split('.')).then_with(|| match (pre_a, pre_b) {
        (Some(a), Some(b)) => compare_prerelease(a.split('.'), b.split('.')),
        (a, b) => b.is_some().cmp(&a.is_some()),
    })
}

/// Splits into the components and the pre-release; drops the prefix and the metadata.
fn split(text: &str) -> (&str, Option<&str>) {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let text = text
        .split_once('+')
        .map_or(text, |(version, _metadata)| version);
    match text.split_once('-') {
        Some((core, prerelease)) => (core, Some(prerelease)),
        None => (text, None),
    }
}

fn compare_core(mut a: Split<'_, char>, mut b: Split<'_, char>) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => compare_identifiers(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Section 11.4.4: of two that are equal so far, the one with more identifiers is newer.
pub(super) fn compare_prerelease(mut a: Split<'_, char>, mut b: Split<'_, char>) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => compare_identifiers(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Sections 11.4.1 to 11.4.3: numbers by value and before all others, those by ASCII.
fn compare_identifiers(a: &str, b: &str) -> Ordering {
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (numeric(a), numeric(b)) {
        (true, true) => digits::compare(a.as_bytes(), b.as_bytes()),
        (false, false) => a.cmp(b),
        (a, b) => b.cmp(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_section_11() {
        let ascending = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn metadata_is_ignored_even_where_it_looks_like_a_prerelease() {
        assert_eq!(compare("1.0.0+a-b", "1.0.0"), Ordering::Equal);
        assert_eq!(compare("1.0.0-a+b", "1.0.0-a+c"), Ordering::Equal);
    }

    #[test]
    fn what_does_not_conform_has_a_place() {
        assert_eq!(compare("", "0.0.0"), Ordering::Equal);
        assert_eq!(compare("1..2", "1.0.2"), Ordering::Equal);
        assert_eq!(compare("1.1.3.4.5", "1.1.3.4.6"), Ordering::Less);
        assert_eq!(
            compare("99999999999999999999.0.1", "99999999999999999999.0.0"),
            Ordering::Greater
        );
        assert_eq!(compare("1.x", "1.99"), Ordering::Greater);
    }
}
