//! opam's order of versions, which is Debian's with other characters.
//!
//! The rules are those of the opam manual, section "Package Formulas", "Version ordering". opam
//! knows no epoch, and forbids the colon; up to that, the order is that of [`debian`]. The
//! order is total.

use std::cmp::Ordering;

use super::{debian, shape};

/// Compares two versions as opam does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::opam::compare;
///
/// assert_eq!(compare("v0.16.0", "v0.9.1"), Ordering::Greater);
/// assert_eq!(compare("4.14.0~beta1", "4.14.0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    debian::compare(a, b)
}

/// Tells whether a text can be a version: letters, digits and `-_+.~` (opam manual, "Common file
/// format", `ident`), of which one is a digit.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::opam::is_version;
///
/// assert!(is_version("v0.16.0"));
/// assert!(!is_version("dev"));
/// assert!(!is_version(">= 4.08"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    shape::may_be(text, b"-_+.~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_opam_2_1() {
        // As `opam list --all-versions` of opam 2.1.2 lists them.
        let ascending = [
            "1~a", "1-", "1-1~a", "1-1", "1-1+1", "1a", "1+1", "1-1-1", "1.0", "1.a", "1_1", "v1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}
