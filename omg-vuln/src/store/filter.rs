//! Which packages a reader of feeds keeps records for.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::{Affected, Ecosystem, Package};

/// The packages that are asked about, by ecosystem without its release and by canonical name:
/// records about others need not be kept.
///
/// # Examples
///
/// ```
/// use omg_vuln::store::PackageFilter;
/// use omg_vuln::{Ecosystem, Package};
///
/// let packages = [Package::new(Ecosystem::new("Debian:12"), "openssl", "3.0.11-1")];
/// let filter = PackageFilter::of(&packages);
/// assert_eq!(filter.ecosystems().collect::<Vec<_>>(), ["Debian"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct PackageFilter<'a> {
    names: BTreeMap<&'a str, HashSet<Cow<'a, str>>>,
    everything: bool,
}

impl<'a> PackageFilter<'a> {
    /// Records about these packages.
    pub fn of(packages: &'a [Package]) -> Self {
        let mut names: BTreeMap<&str, HashSet<Cow<'_, str>>> = BTreeMap::new();
        for package in packages {
            names
                .entry(package.ecosystem.name())
                .or_insert_with(|| HashSet::with_capacity(packages.len()))
                .insert(package.canonical_name());
        }
        Self {
            names,
            everything: false,
        }
    }

    /// All records.
    pub fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    /// The ecosystems of the packages, without their releases, sorted.
    pub fn ecosystems(&self) -> impl Iterator<Item = &'a str> {
        self.names.keys().copied()
    }

    /// Whether a group of the Arch tracker about this package is kept.
    pub(super) fn keeps_arch(&self, name: &str) -> bool {
        let names = self.names.get(Ecosystem::arch().name());
        self.everything || names.is_some_and(|names| names.contains(name))
    }

    /// Whether a record that affects this package is kept.
    pub(super) fn keeps(&self, affected: &Affected) -> bool {
        let names = self.names.get(affected.ecosystem.name());
        self.everything || names.is_some_and(|names| names.contains(&affected.canonical_name()))
    }
}
