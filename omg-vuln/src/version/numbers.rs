//! Versions that are lists of numbers: CRAN, Bioconductor, Hackage and GHC.
//!
//! R, `package_version`: numbers separated by `.` or `-`, compared one by one; of two that are
//! equal so far, the longer is the newer. Haskell's PVP and `Data.Version` compare lists alike.

use std::cmp::Ordering;

use super::digits;

/// Compares two lists of numbers.
///
/// Allocates nothing; the time is linear in the length of the strings. A component that is not a
/// number comes after all numbers, by its bytes.
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::numbers::compare;
///
/// assert_eq!(compare("1.8", "1.8.0"), Ordering::Less);
/// assert_eq!(compare("0.9-10", "0.9-9"), Ordering::Greater);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split(['.', '-']), b.split(['.', '-']));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => compare_component(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_component(a: &str, b: &str) -> Ordering {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number(a), is_number(b)) {
        (true, true) => digits::compare(a.as_bytes(), b.as_bytes()),
        (false, false) => a.cmp(b),
        (a, b) => b.cmp(&a),
    }
}
