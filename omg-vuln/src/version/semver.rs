//! The precedence of Semantic Versioning 2.0.0, for strings that may not conform.
//!
//! For conforming versions this is section 11 of the specification: build metadata is
//! ignored, a pre-release comes before its release. What registries carry beyond that
//! is read leniently, by one rule for all strings, so the order is total.

use std::cmp::Ordering;

use super::dotted::{self, Text};
use super::shape;

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
    compare_with(a, b, dotted::by_code)
}

/// Tells whether a text can be a version: numbers with dots between them, then a pre-release and
/// build metadata as sections 9 and 10 of the specification allow them.
///
/// A leading `v` and any number of components are accepted, as [`compare`] reads them: npm's
/// and Swift's tags carry the one, GitHub's actions (`v4`) the other. Pseudo-versions and
/// `+incompatible` of Go's modules conform ("Go Modules Reference", section "Versions").
///
/// # Examples
///
/// ```
/// use omg_vuln::version::semver::is_version;
///
/// assert!(is_version("v0.0.0-20220314234659-1baeb1ce4c0b"));
/// assert!(!is_version("^4.17.0"));
/// assert!(!is_version("4.x"));
/// assert!(!is_version("(devel)"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let (core, prerelease, metadata) = parts(text);
    dotted::are_numbers(core)
        && [prerelease, metadata]
            .into_iter()
            .flatten()
            .all(dotted::are_identifiers)
}

/// Compares by components, then by pre-releases, text being compared by `text`.
pub(super) fn compare_with(a: &str, b: &str, text: Text) -> Ordering {
    let ((core_a, pre_a, _), (core_b, pre_b, _)) = (parts(a), parts(b));
    dotted::padded(core_a.split('.'), core_b.split('.'), text).then_with(|| match (pre_a, pre_b) {
        (Some(a), Some(b)) => dotted::by_prefix(a.split('.'), b.split('.'), text),
        (a, b) => b.is_some().cmp(&a.is_some()),
    })
}

/// Splits into the components, the pre-release and the metadata; drops the leading `v`.
pub(super) fn parts(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let text = shape::without_v(text);
    let (text, metadata) = split(text, '+');
    let (core, prerelease) = split(text, '-');
    (core, prerelease, metadata)
}

fn split(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
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
