//! Dart's order of versions: Semantic Versioning, in which build metadata count.
//!
//! The rules are those of the README of Dart's library pub_semver, section "Semantics".
//! Julia's `VersionNumber` ("Essentials", section "Version Numbers and Checking Versions")
//! orders in the same way: the builds of its binary packages differ in nothing else.
//! The order is total.

use std::cmp::Ordering;

use super::{dotted, semver};

/// Compares two versions as pub does.
///
/// Allocates nothing; the time is linear in the length of the strings. Components and
/// pre-releases compare as in [`semver::compare`], then the build metadata by the rules for
/// pre-releases: none is older than any.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::pub_semver::compare;
///
/// assert_eq!(compare("1.2.3+1", "1.2.3+2"), Ordering::Less);
/// assert_eq!(compare("1.2.3", "1.2.3+1"), Ordering::Less);
/// assert_eq!(compare("1.2.3-rc+9", "1.2.3"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((_, _, build_a), (_, _, build_b)) = (semver::parts(a), semver::parts(b));
    semver::compare(a, b).then_with(|| match (build_a, build_b) {
        (Some(a), Some(b)) => dotted::by_prefix(a.split('.'), b.split('.'), dotted::by_code),
        (a, b) => a.is_some().cmp(&b.is_some()),
    })
}

/// Tells whether a text can be a version, as [`semver::is_version`] does.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::pub_semver::is_version;
///
/// assert!(is_version("3.0.0-nullsafety.2+1"));
/// assert!(!is_version("any"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    semver::is_version(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_metadata_count_last() {
        let ascending = [
            "1.0.0-pre",
            "1.0.0-pre+0",
            "1.0.0",
            "1.0.0+0",
            "1.0.0+1",
            "1.0.0+1.0",
            "1.0.0+a",
            "1.0.1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}
