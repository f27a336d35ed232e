//! NuGet's order: Semantic Versioning 2.0.0 with any number of components, of which four are usual,
//! and without regard to case (NuGet documentation, "Package versioning").

use std::cmp::Ordering;

use super::semver;

/// Compares two versions of NuGet packages. The time is linear in the length of the strings.
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::nuget::compare;
///
/// assert_eq!(compare("1.0", "1.0.0.0"), Ordering::Equal);
/// assert_eq!(compare("1.0.0-BETA", "1.0.0-beta"), Ordering::Equal);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    semver::compare(&a.to_ascii_lowercase(), &b.to_ascii_lowercase())
}
