//! Hackage's order of versions: numbers with dots between them.
//!
//! The rules are those of the Haskell Package Versioning Policy, section "Version numbers":
//! versions compare as lists of numbers, so that `1.0` is older than `1.0.0`. The order is
//! total.

use std::cmp::Ordering;

use super::dotted;

/// Compares two versions as `Data.Version` and Cabal do.
///
/// Allocates nothing; the time is linear in the length of the strings. Of two where the shorter
/// begins the longer, the longer is newer. A component that is no number, which no version has,
/// comes after all numbers, by its codes.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::hackage::compare;
///
/// assert_eq!(compare("1.10", "1.9.3"), Ordering::Greater);
/// assert_eq!(compare("1.0", "1.0.0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    dotted::by_prefix(a.split('.'), b.split('.'), dotted::by_code)
}

/// Tells whether a text is a version: one or more numbers with dots between them.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::hackage::is_version;
///
/// assert!(is_version("0.11.3.0"));
/// assert!(!is_version("^>=1.0"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    dotted::are_numbers(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_list_is_newer() {
        for pair in ["1", "1.0", "1.0.0", "1.0.1", "1.1", "1.10"].windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}
