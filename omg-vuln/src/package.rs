//! What is asked about: a name and a version within an ecosystem.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::version::Order;

/// A package as a vulnerability database knows it.
///
/// For distributions that publish advisories by *source* package (Debian, Ubuntu, Alpine),
/// name and version are those of the source package.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub struct Package {
    /// The collection of packages within which the name is unique.
    pub ecosystem: Ecosystem,
    /// The name, as the ecosystem spells it.
    pub name: String,
    /// The installed version, as the ecosystem spells it.
    pub version: String,
    /// The package URL, where the caller knows it: shown, and matched against VEX statements.
    pub purl: Option<String>,
}

impl Package {
    /// A package without a package URL.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_vuln::{Ecosystem, Package};
    ///
    /// let openssl = Package::new(Ecosystem::arch(), "openssl", "3.6.1-1");
    /// assert_eq!(openssl.to_string(), "openssl 3.6.1-1");
    /// ```
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            version: version.into(),
            purl: None,
        }
    }

    /// The same package with its package URL.
    #[must_use]
    pub fn with_purl(mut self, purl: impl Into<String>) -> Self {
        self.purl = Some(purl.into());
        self
    }

    /// The name in the one spelling by which it is looked up: PEP 503 for Python packages, lower
    /// case where the registry ignores case, the name itself elsewhere.
    pub fn canonical_name(&self) -> Cow<'_, str> {
        self.ecosystem.canonical_name(&self.name)
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// An ecosystem as OSV writes it: a name, and for distributions a release after a colon,
/// as in `crates.io`, `Debian:12` or `Alpine:v3.20`.
///
/// Any name is accepted, since the official list grows: OSV schema, "Defined Ecosystems".
/// Arch Linux is *not* on that list; [`Ecosystem::arch`] is this crate's name for what the
/// Arch security tracker covers.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Ecosystem(Cow<'static, str>);

impl Ecosystem {
    /// What the Arch Linux security tracker covers.
    pub fn arch() -> Self {
        Self(Cow::Borrowed("Arch Linux"))
    }

    /// The ecosystem with this name, for distributions with the release: `Debian:12`.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The whole name, with the release.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without the release: `Debian` of `Debian:12`.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |(name, _)| name)
    }

    /// The release, where there is one: `12` of `Debian:12`.
    pub fn release(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, release)| release)
    }

    /// How this ecosystem orders versions, where this crate knows it.
    ///
    /// Without an order are ecosystems whose records list versions (Android, FreeBSD, OSS-Fuzz),
    /// and those that repackage others under one name (Docker Hardened Images, Root).
    pub fn order(&self) -> Option<Order> {
        Some(match self.name() {
            "Arch Linux" => Order::Alpm,
            "Debian" | "Ubuntu" | "Echo" => Order::Debian,
            "Alpine"
            | "Wolfi"
            | "Chainguard"
            | "MinimOS"
            | "Alpaquita"
            | "BellSoft Hardened Containers" => Order::Apk,
            "AlmaLinux" | "Azure Linux" | "Mageia" | "Photon OS" | "Red Hat" | "Rocky Linux"
            | "SUSE" | "TuxCare" | "openEuler" | "openSUSE" => Order::Rpm,
            // Tags of actions are semantic versions with a `v` and fewer numbers.
            "Bitnami" | "GHC" | "GitHub Actions" | "Go" | "Hex" | "Kubernetes" | "SwiftURL"
            | "VSCode" | "crates.io" | "npm" => Order::SemVer,
            "PyPI" => Order::Pep440,
            "Maven" => Order::Maven,
            "NuGet" => Order::NuGet,
            "RubyGems" => Order::RubyGems,
            "Packagist" => Order::Packagist,
            // Builds of Julia's binary packages differ in the build metadata alone.
            "Julia" | "Pub" => Order::Pub,
            "Bioconductor" | "CRAN" => Order::Cran,
            "Hackage" => Order::Hackage,
            "ConanCenter" => Order::Conan,
            "opam" => Order::Opam,
            _ => return None,
        })
    }

    /// Whether a record filed under `self` speaks of packages of `other`.
    ///
    /// A record without a release speaks of all releases. Ubuntu writes `22.04:LTS` in
    /// records for what everybody, the OSV interface included, calls `22.04`; its paid
    /// `Pro` streams are different archives and match only themselves.
    pub fn covers(&self, other: &Self) -> bool {
        self == other
            || self.name() == other.name()
                && match (self.release(), other.release()) {
                    (None, _) => true,
                    (Some(ours), Some(theirs)) => {
                        ours.trim_end_matches(":LTS") == theirs.trim_end_matches(":LTS")
                    }
                    (Some(_), None) => false,
                }
    }

    /// The spelling of a package name under which two spellings are the same package: PEP 503,
    /// "Normalized Names", for PyPI; without regard to case where the registry has none (NuGet,
    /// Packagist and GitHub).
    pub(crate) fn canonical_name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.name() {
            "PyPI" => {}
            "NuGet" | "Packagist" | "GitHub Actions" if name.chars().any(char::is_uppercase) => {
                return name.to_lowercase().into();
            }
            _ => return name.into(),
        }
        let normal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.chars().all(normal) && !name.contains("--") {
            return name.into();
        }
        let mut out = String::with_capacity(name.len());
        for c in name.chars() {
            if matches!(c, '-' | '_' | '.') {
                if !out.ends_with('-') {
                    out.push('-');
                }
            } else {
                out.extend(c.to_lowercase());
            }
        }
        out.into()
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Ecosystem {
    type Err = std::convert::Infallible;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eco(s: &str) -> Ecosystem {
        Ecosystem::new(s)
    }

    #[test]
    fn a_record_without_release_covers_every_release() {
        assert!(eco("Debian").covers(&eco("Debian:12")));
        assert!(!eco("Debian:11").covers(&eco("Debian:12")));
        assert!(!eco("Debian:12").covers(&eco("Debian")));
        assert!(!eco("Debian").covers(&eco("Ubuntu:22.04")));
    }

    #[test]
    fn ubuntu_lts_is_the_same_release_and_pro_is_not() {
        assert!(eco("Ubuntu:22.04:LTS").covers(&eco("Ubuntu:22.04")));
        assert!(eco("Ubuntu:22.04").covers(&eco("Ubuntu:22.04:LTS")));
        assert!(!eco("Ubuntu:Pro:22.04:LTS").covers(&eco("Ubuntu:22.04")));
    }

    #[test]
    fn python_names_are_compared_by_pep_503() {
        let pypi = eco("PyPI");
        assert_eq!(pypi.canonical_name("Zope.Interface__x"), "zope-interface-x");
        assert_eq!(pypi.canonical_name("plain-name"), "plain-name");
        assert_eq!(eco("npm").canonical_name("A_b"), "A_b");
    }

    #[test]
    fn every_registry_has_an_order() {
        for ecosystem in [
            "Bioconductor",
            "Bitnami",
            "CRAN",
            "ConanCenter",
            "GHC",
            "GitHub Actions",
            "Go",
            "Hackage",
            "Hex",
            "Julia",
            "Kubernetes",
            "Maven",
            "Maven:https://repo1.maven.org/maven2",
            "NuGet",
            "Packagist",
            "Pub",
            "PyPI",
            "RubyGems",
            "SwiftURL",
            "VSCode",
            "crates.io",
            "npm",
            "opam",
        ] {
            assert!(eco(ecosystem).order().is_some(), "{ecosystem}");
        }
    }

    #[test]
    fn names_of_registries_without_case_are_compared_without_it() {
        for ecosystem in ["NuGet", "Packagist", "GitHub Actions"] {
            let canonical = eco(ecosystem)
                .canonical_name("Newtonsoft.Json")
                .into_owned();
            assert_eq!(canonical, "newtonsoft.json", "{ecosystem}");
        }
        assert_eq!(eco("RubyGems").canonical_name("RedCloth"), "RedCloth");
    }
}
