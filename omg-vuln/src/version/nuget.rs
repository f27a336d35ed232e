//! NuGet's order of versions, `major.minor[.patch[.revision]][-pre-release][+metadata]`.
//!
//! The rules are those of "Package versioning" in NuGet's documentation, sections "Version
//! basics", "Pre-release versions" and "Normalized version numbers": Semantic Versioning with
//! a fourth number, and labels that compare without regard to case. The order is total.
//!
//! NuGet reads a label of digits as a number only up to 2147483647, and as text beyond. Here
//! all compare by value, as Semantic Versioning 2.0.0, section 11.4.1, says.

use std::cmp::Ordering;

use super::{dotted, semver};

/// Compares two versions as NuGet does.
///
/// Allocates nothing; the time is linear in the length of the strings. An absent number counts
/// as `0`; beyond that, strings that do not conform are read as [`semver::compare`] reads them.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::nuget::compare;
///
/// assert_eq!(compare("1.0.0.1", "1.0.0"), Ordering::Greater);
/// assert_eq!(compare("1.0", "1.0.0.0"), Ordering::Equal);
/// assert_eq!(compare("1.0.0-BETA.2", "1.0.0-beta.10"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    semver::compare_with(a, b, dotted::without_case)
}

/// Tells whether a text can be a version; a floating one as `1.*` is none.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::nuget::is_version;
///
/// assert!(is_version("13.0.1.4-Preview.2+sha.abc"));
/// assert!(!is_version("[1.0,2.0)"));
/// assert!(!is_version("1.*"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    semver::is_version(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_numbers_count_and_case_does_not() {
        let ascending = [
            "1.0-a",
            "1.0.0.0-B",
            "1.0",
            "1.0.0.1-Z",
            "1.0.0.1",
            "1.0.1",
            "1.1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare("1.0-RC.1", "1-rc.01+x"), Ordering::Equal);
    }
}
