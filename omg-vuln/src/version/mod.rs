//! The orders in which distributions and registries place their versions.
//!
//! Each module has one function, `compare`, over raw version strings as they stand in a
//! package database or an advisory. No order fails: strings that break the rules of
//! their own format are placed by a rule that the module states, and every order is
//! deterministic, linear in the length of its input, and free of recursion.
//!
//! Raw strings get no [`Ord`]. For [`alpm`], [`maven`] and [`packagist`] there could be none, as
//! their orders are not transitive; for the others it would invite comparing strings of different formats.
//!
//! # Examples
//!
//! ```
//! use std::cmp::Ordering;
//! use omg_vuln::version::{self, Order};
//!
//! assert_eq!(version::alpm::compare("1:1.0-1", "2.0-1"), Ordering::Greater);
//! // The same two strings mean different things to different package managers.
//! assert_eq!(Order::Debian.compare("1.0~rc1", "1.0"), Ordering::Less);
//! assert_eq!(Order::Alpm.compare("1.0~rc1", "1.0"), Ordering::Greater);
//! ```

pub mod alpm;
pub mod apk;
pub mod debian;
pub mod maven;
pub mod nuget;
pub mod numbers;
pub mod packagist;
pub mod pep440;
pub mod pub_dart;
pub mod rpm;
pub mod rubygems;
pub mod semver;

mod digits;
mod plausible;

use std::cmp::Ordering;

/// Which of the version orders applies, for callers that decide at run time.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::Order;
///
/// assert_eq!(Order::Pep440.compare("1.0rc1", "1.0"), Ordering::Less);
/// assert_eq!(Order::SemVer.compare("1.0.0+a", "1.0.0+b"), Ordering::Equal);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Order {
    /// pacman's order, see [`alpm::compare`]. Not transitive.
    Alpm,
    /// dpkg's order, see [`debian::compare`].
    Debian,
    /// RPM's order, see [`rpm::compare`].
    Rpm,
    /// apk's order, see [`apk::compare`].
    Apk,
    /// Semantic Versioning's precedence, see [`semver::compare`].
    SemVer,
    /// Python's order, see [`pep440::compare`].
    Pep440,
    /// Maven's order, see [`maven::compare`]. Not transitive.
    Maven,
    /// NuGet's order, see [`nuget::compare`].
    NuGet,
    /// The order of gems, see [`rubygems::compare`].
    RubyGems,
    /// Composer's order, see [`packagist::compare`]. Not transitive.
    Packagist,
    /// The order of Dart's packages, see [`pub_dart::compare`].
    Pub,
    /// Lists of numbers (CRAN, Hackage), see [`numbers::compare`].
    Numbers,
}

impl Order {
    /// Compares two versions in this order.
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Alpm => alpm::compare(a, b),
            Self::Debian => debian::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Apk => apk::compare(a, b),
            Self::SemVer => semver::compare(a, b),
            Self::Pep440 => pep440::compare(a, b),
            Self::Maven => maven::compare(a, b),
            Self::NuGet => nuget::compare(a, b),
            Self::RubyGems => rubygems::compare(a, b),
            Self::Packagist => packagist::compare(a, b),
            Self::Pub => pub_dart::compare(a, b),
            Self::Numbers => numbers::compare(a, b),
        }
    }

    /// Tells whether a text can be a version at all. Lock files and SBOMs hold ranges, tags and
    /// words in the place of versions; their place in the order means nothing.
    ///
    /// ```
    /// use omg_vuln::version::Order;
    ///
    /// assert!(Order::SemVer.is_version("v0.0.0-20230703072336-9a582bd098a2"));
    /// for text in ["latest", "^4.17.0", "4.x", "*", "(devel)", "==4.17.0", "unknown", ""] {
    ///     assert!(!Order::SemVer.is_version(text), "{text}");
    /// }
    /// ```
    #[must_use]
    pub fn is_version(self, text: &str) -> bool {
        plausible::is_version(self, text)
    }

    /// Tells whether a <= b and b <= c imply a <= c for all strings in this order.
    ///
    /// Where this is `false`, compare pairwise and never sort: [`slice::sort_by`] may
    /// panic on an order that is not total.
    ///
    /// ```
    /// use omg_vuln::version::Order;
    ///
    /// assert!(Order::Debian.is_total());
    /// assert!(!Order::Alpm.is_total());
    /// ```
    #[must_use]
    pub fn is_total(self) -> bool {
        !matches!(self, Self::Alpm | Self::Maven | Self::Packagist)
    }
}
