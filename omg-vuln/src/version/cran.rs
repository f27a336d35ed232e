//! R's order of versions: numbers with `.` or `-` between them.
//!
//! The rules are those of "Writing R Extensions", section "The DESCRIPTION file", and of R's
//! help page `compareVersion`: both separators mean the same, and versions compare as lists
//! of numbers. CRAN and Bioconductor use the order, which is total.
//!
//! The operators of R's `numeric_version` differ in one point: to them `1.0` equals `1.0.0`.
//! OSV's recorded comparisons follow `compareVersion`, as this order does.

use std::cmp::Ordering;

use super::dotted;

/// Compares two versions as R's `compareVersion` does.
///
/// Allocates nothing; the time is linear in the length of the strings. Of two where the shorter
/// begins the longer, the longer is newer. A component that is no number, which no version has,
/// comes after all numbers, by its codes.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::cran::compare;
///
/// assert_eq!(compare("1.0-10", "1.0-9"), Ordering::Greater);
/// assert_eq!(compare("0.01.0", "0.1-0"), Ordering::Equal);
/// assert_eq!(compare("1.0", "1.0.0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    dotted::by_prefix(a.split(['.', '-']), b.split(['.', '-']), dotted::by_code)
}

/// Tells whether a text is a version: one or more numbers with `.` or `-` between them.
///
/// R asks for two numbers, and its own releases and OSV's bounds are content with one.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::cran::is_version;
///
/// assert!(is_version("1.0-2"));
/// assert!(!is_version(">= 1.0"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    text.split('-').all(dotted::are_numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_separators_mean_the_same() {
        assert_eq!(compare("1-2.3", "1.2-3"), Ordering::Equal);
        for pair in ["1", "1-0", "1.0.0", "1-0-1", "1.1", "1.10"].windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn numbers_need_to_be_there() {
        for text in ["1.", "-1", "1..2", "1.-2", "1.2a", ""] {
            assert!(!is_version(text), "{text}");
        }
    }
}
