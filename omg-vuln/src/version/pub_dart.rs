//! The order of Dart's packages at pub.dev: Semantic Versioning 2.0.0, and then the build metadata,
//! which that specification ignores (pub_semver, `Version.compareTo`).

use std::cmp::Ordering;

use super::semver;

/// Compares two versions of Dart's packages. Allocates nothing; the time is linear.
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::pub_dart::compare;
///
/// assert_eq!(compare("1.0.0", "1.0.0+1"), Ordering::Less);
/// assert_eq!(compare("1.0.0+9", "1.0.0+10"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let build = |text: &'_ str| text.find('+').map(|at| at + 1);
    semver::compare(a, b).then_with(|| match (build(a), build(b)) {
        (Some(x), Some(y)) => {
            let (a, b) = (a.get(x..).unwrap_or(""), b.get(y..).unwrap_or(""));
            semver::compare_prerelease(a.split('.'), b.split('.'))
        }
        (a, b) => a.is_some().cmp(&b.is_some()),
    })
}
