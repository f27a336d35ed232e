//! The orders in which distributions and registries place their versions.
//!
//! Each module has two functions over raw version strings as they stand in a package database
//! or an advisory. `compare` never fails: strings that break the rules of their own format are
//! placed by a rule that the module states, and every order is deterministic, linear in the
//! length of its input, and free of recursion. `is_version` tells whether a text can be a version
//! at all; a place in the order of one that cannot, as `latest` or `^4.17.0`, means nothing.
//!
//! Raw strings get no [`Ord`]. For [`alpm`], [`conan`] and [`maven`] there could be none, as
//! their orders are not transitive; for the others it would invite comparing strings of
//! different formats.
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
pub mod conan;
pub mod cran;
pub mod debian;
pub mod hackage;
pub mod maven;
pub mod nuget;
pub mod opam;
pub mod packagist;
pub mod pep440;
pub mod pub_semver;
pub mod rpm;
pub mod rubygems;
pub mod semver;

mod digits;
mod dotted;
mod shape;

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
    /// Conan's order, see [`conan::compare`]. Not transitive.
    Conan,
    /// R's order, see [`cran::compare`].
    Cran,
    /// Haskell's order, see [`hackage::compare`].
    Hackage,
    /// Maven's order, see [`maven::compare`]. Not transitive.
    Maven,
    /// NuGet's order, see [`nuget::compare`].
    NuGet,
    /// opam's order, see [`opam::compare`].
    Opam,
    /// Composer's order, see [`packagist::compare`].
    Packagist,
    /// Dart's order, see [`pub_semver::compare`].
    Pub,
    /// RubyGems' order, see [`rubygems::compare`].
    RubyGems,
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
            Self::Conan => conan::compare(a, b),
            Self::Cran => cran::compare(a, b),
            Self::Hackage => hackage::compare(a, b),
            Self::Maven => maven::compare(a, b),
            Self::NuGet => nuget::compare(a, b),
            Self::Opam => opam::compare(a, b),
            Self::Packagist => packagist::compare(a, b),
            Self::Pub => pub_semver::compare(a, b),
            Self::RubyGems => rubygems::compare(a, b),
        }
    }

    /// Tells whether a text can be a version in this order.
    ///
    /// [`Order::compare`] has a place for every text, and that of one that is no version says
    /// nothing: a wildcard, a requirement, a branch, `latest`, `unknown`, a URL, a text with
    /// blanks and the empty text are none. Where the answer is `false`, only equality with
    /// the very same text means anything.
    ///
    /// ```
    /// use omg_vuln::version::Order;
    ///
    /// assert!(Order::SemVer.is_version("v4.17.21"));
    /// for text in ["latest", "^4.17.0", "4.x", "*", "(devel)", ""] {
    ///     assert!(!Order::SemVer.is_version(text), "{text}");
    /// }
    /// ```
    #[must_use]
    pub fn is_version(self, text: &str) -> bool {
        match self {
            Self::Alpm => alpm::is_version(text),
            Self::Debian => debian::is_version(text),
            Self::Rpm => rpm::is_version(text),
            Self::Apk => apk::is_version(text),
            Self::SemVer => semver::is_version(text),
            Self::Pep440 => pep440::is_version(text),
            Self::Conan => conan::is_version(text),
            Self::Cran => cran::is_version(text),
            Self::Hackage => hackage::is_version(text),
            Self::Maven => maven::is_version(text),
            Self::NuGet => nuget::is_version(text),
            Self::Opam => opam::is_version(text),
            Self::Packagist => packagist::is_version(text),
            Self::Pub => pub_semver::is_version(text),
            Self::RubyGems => rubygems::is_version(text),
        }
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
        !matches!(self, Self::Alpm | Self::Conan | Self::Maven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: [Order; 15] = [
        Order::Alpm,
        Order::Debian,
        Order::Rpm,
        Order::Apk,
        Order::SemVer,
        Order::Pep440,
        Order::Conan,
        Order::Cran,
        Order::Hackage,
        Order::Maven,
        Order::NuGet,
        Order::Opam,
        Order::Packagist,
        Order::Pub,
        Order::RubyGems,
    ];

    #[test]
    fn long_texts_are_read_a_few_times_and_not_once_for_each_part() {
        let patterns = [
            "1", "0", "a", "~", "-", ".", "1.", "0.", "a.", "a1", "1a", "1-", "-0", "0-rc.", "_p1",
            "v", "-dev", "+", "1.0-ga", "0.a-",
        ];
        for pattern in patterns {
            for front in ["", "1.0-"] {
                let long = format!("{front}{}", pattern.repeat(10_000 / pattern.len()));
                let longer = format!("{long}2");
                for order in ORDERS {
                    digits::READ.set(0);
                    let there = order.compare(&long, &longer);
                    assert_eq!(
                        order.compare(&longer, &long),
                        there.reverse(),
                        "{order:?} {pattern}"
                    );
                    assert_eq!(
                        order.compare(&long, &long),
                        Ordering::Equal,
                        "{order:?} {pattern}"
                    );
                    let _ = order.is_version(&long);
                    let times = digits::READ.get() / long.len();
                    // Seven texts were read, Maven's up to four times over.
                    assert!(times < 80, "{order:?} {front}{pattern}: {times} times");
                }
            }
        }
    }

    #[test]
    fn what_is_no_version_in_any_order() {
        let no_versions = [
            "",
            " ",
            "latest",
            "^4.17.0",
            "~4.17",
            "~> 2.0",
            "4.x",
            "4.17.X",
            "4.*",
            "*",
            "(devel)",
            "==4.17.0",
            ">=1",
            "unknown",
            "UNKNOWN",
            "NOASSERTION",
            "None",
            "(none)",
            "HEAD",
            "master",
            "https://x.org/1.0.tgz",
            "git+ssh://git@x.org/y#1",
            "file:../y",
            "workspace:*",
            "1.0 ",
            " 1.0",
            "1.0\n",
            "1.0 - 2.0",
            "1.0 || 2",
            "1.0,2.0",
            "[1.0,2.0)",
            "${version}",
            "1.0\u{301}",
            "１.０",
            "\u{0}",
            "8e5e7e5ab8b370d6c329ec480221332ada57f0ab",
        ];
        for order in ORDERS {
            for text in no_versions {
                assert!(!order.is_version(text), "{order:?} {text:?}");
            }
            for text in [
                "1",
                "0",
                "1.0",
                "10.20.30",
                "007.1",
                "20240101",
                "99999999999999999999.1",
            ] {
                assert!(order.is_version(text), "{order:?} {text:?}");
            }
        }
    }

    #[test]
    fn odd_and_real_versions_are_versions() {
        let real = [
            (
                Order::Alpm,
                "1:r1234.abcdef0-1.1 6.12.arch1-1 1.1.1.o-1 2.36.02+ga7c869v-1 v3.1-2",
            ),
            (
                Order::Debian,
                "2:8.39-13~deb12u1 1.0.2+dfsg1-0.1+b2 0~20200101 5.10.0-26 1:2:3-4",
            ),
            (
                Order::Rpm,
                "1:1.1.1k-12.el8_9 2.0~rc1^git5-1.fc40 r1234-1 3.10.0-1160.el7.x86_64",
            ),
            (
                Order::Apk,
                "1.36.1-r15 9.3_p1-r0 3.0.0_alpha20240101-r0 2.4.1a-r0 1.0~ab12-r1",
            ),
            (
                Order::SemVer,
                "v4 v1.2.3+incompatible v0.0.0-20220314234659-1baeb1ce4c0b 1.0.0-0.3.7 9.1.0-2",
            ),
            (
                Order::Pep440,
                "1!1.0 2004.1 3.1.3.post1 3.2rc1 1.0.dev5 1.0+ubuntu.1 v1.0 1.0-1",
            ),
            (
                Order::Conan,
                "cci.20210118 1.1.1w 0.0.0.cci.20220311 2023-10-25 3.0.0-alpha15",
            ),
            (Order::Cran, "1.0-2 2024.1.1 0.3-4.1"),
            (Order::Hackage, "0.11.3.0 2.1.2.1"),
            (
                Order::Maven,
                "Finchley.SR2 31.1-jre 5.3.0.Final 1.0-20240101.123456-1 r09 2.0.0-M1 1.2.3_4",
            ),
            (Order::NuGet, "13.0.1.4-Preview.2+sha.abc 1.0.0-beta-01"),
            (Order::Opam, "v0.16.0 4.14.0~beta1 4.14.0+options 1.0-1"),
            (
                Order::Packagist,
                "v5.4.0-RC1 1.0.0beta2.1 1.0-dev 2012-01-02 1.0.0-p1 v1.0+x",
            ),
            (Order::Pub, "0.13.3+1 3.0.0-nullsafety.2"),
            (Order::RubyGems, "7.0.0.rc1 1.13.0-java 2.0.0.pre.1"),
        ];
        for (order, versions) in real {
            for version in versions.split(' ') {
                assert!(order.is_version(version), "{order:?} {version}");
            }
        }
    }
}
