//! Conan's order of versions: components of any kind, `-pre-release`, `+build`.
//!
//! The rules are those of Conan 2's reference, section "Version" ("This is not an
//! implementation of semver, as users may use any pattern"), and of its tutorial, section
//! "Version ranges"; results equal those of its class `Version`.
//!
//! **This is not a total order.** A number and a text compare as texts, so that some compare
//! in a circle: `10 < 2a < 3 < 10`. So compare pairwise, and do not sort.

use std::cmp::Ordering;

use super::{digits, shape};

/// Compares two versions as Conan does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// - The build stands behind the last `+`, the pre-release behind the first `-` before it.
/// - Components compare one by one, numbers by value, text by its codes, and a number with a
///   text as texts. Trailing zeros do not count, a longer list is newer than its beginning.
/// - A pre-release is older than its release, whatever the builds; then a build is newer than
///   none.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::conan::compare;
///
/// assert_eq!(compare("1.1.1q", "1.1.1w"), Ordering::Less);
/// assert_eq!(compare("1.2.0", "1.2"), Ordering::Equal);
/// assert_eq!(compare("3.0.0-alpha15", "3.0.0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Parts::of(a), Parts::of(b));
    compare_lists(a.core, b.core).then_with(|| match (a.prerelease, b.prerelease) {
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(pre_a), Some(pre_b)) => {
            compare_lists(pre_a, pre_b).then_with(|| compare_builds(a.build, b.build))
        }
        (None, None) => compare_builds(a.build, b.build),
    })
}

/// Tells whether a text can be a version: letters, digits and `_+.-` (Conan 2 reference,
/// section "conanfile.py", "version"), of which one is a digit.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::conan::is_version;
///
/// assert!(is_version("cci.20210118"));
/// assert!(!is_version("system"));
/// assert!(!is_version("[>=1.0 <2]"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    shape::may_be(text, b"_+.-")
}

struct Parts<'a> {
    core: &'a str,
    prerelease: Option<&'a str>,
    build: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let (text, build) = match text.rsplit_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let (core, prerelease) = match text.split_once('-') {
            Some((core, prerelease)) => (core, Some(prerelease)),
            None => (text, None),
        };
        Self {
            core,
            prerelease,
            build,
        }
    }
}

fn compare_builds(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare_lists(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

fn compare_lists(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (components(a), components(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => compare_components(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The components up to the last that is not zero.
fn components(text: &str) -> impl Iterator<Item = &[u8]> {
    let counting = text
        .split('.')
        .rev()
        .skip_while(|part| is_number(part.as_bytes()) && digits::are_zero(part.as_bytes()));
    let count = counting.count();
    text.split('.').take(count).map(str::as_bytes)
}

fn compare_components(a: &[u8], b: &[u8]) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => digits::compare(a, b),
        (true, false) => digits::shortest(a).cmp(b),
        (false, true) => a.cmp(digits::shortest(b)),
        (false, false) => a.cmp(b),
    }
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_not_transitive() {
        assert_eq!(compare("10", "2a"), Ordering::Less);
        assert_eq!(compare("2a", "3"), Ordering::Less);
        assert_eq!(compare("3", "10"), Ordering::Less);
    }

    #[test]
    fn prereleases_then_builds() {
        let ascending = [
            "1-a", "1-a+1", "1-b", "1.0", "1+1", "1+1.1", "1+2", "1.1", "1.10", "1.a",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn trailing_zeros_do_not_count() {
        for (a, b) in [
            ("1.0.0", "1"),
            ("1-1.0", "1.0-1"),
            ("1.00", "1"),
            ("0", "0.0"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }
}
