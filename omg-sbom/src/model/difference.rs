use std::collections::BTreeMap;

use super::{
    inventory::Inventory,
    package::{Package, PackageKind},
};

/// What differs between two inventories.
///
/// Packages are the same if kind, namespace, name and architecture are; one of which several
/// versions are installed side by side is compared version by version.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::{Difference, Inventory, Package, PackageKind, Source};
///
/// let of = |version| {
///     let packages = vec![Package::new(PackageKind::Alpm, "zlib", version)];
///     Inventory::new(Source::Pacman, packages, Vec::new())
/// };
/// let (old, new) = (of("1:1.3-1"), of("1:1.3.1-1"));
/// let difference = Difference::between(&old, &new);
/// assert_eq!(difference.changed[0].1.version, "1:1.3.1-1");
/// assert!(difference.added.is_empty());
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Difference<'a> {
    /// Only in the second, sorted.
    pub added: Vec<&'a Package>,
    /// Only in the first, sorted.
    pub removed: Vec<&'a Package>,
    /// In both with another version: the first's and the second's, sorted.
    pub changed: Vec<(&'a Package, &'a Package)>,
}

type Key<'a> = (&'a PackageKind, Option<&'a str>, &'a str, Option<&'a str>);

impl<'a> Difference<'a> {
    /// Compares two inventories.
    pub fn between(old: &'a Inventory, new: &'a Inventory) -> Self {
        let (mut before, after) = (by_key(old), by_key(new));
        let mut difference = Self::default();
        for (key, packages) in after {
            let gone = before.remove(&key).unwrap_or_default();
            difference.compare(gone, packages);
        }
        difference.removed.extend(before.into_values().flatten());
        let key = |package: &&Package| (package.sort_key().0.clone(), package.name.clone());
        difference.removed.sort_by_key(key);
        difference
    }

    fn compare(&mut self, before: Vec<&'a Package>, after: Vec<&'a Package>) {
        let is_in = |list: &[&Package], package: &Package| {
            list.iter().any(|other| other.version == package.version)
        };
        let gone: Vec<_> = before
            .iter()
            .filter(|p| !is_in(&after, p))
            .copied()
            .collect();
        let come: Vec<_> = after
            .iter()
            .filter(|p| !is_in(&before, p))
            .copied()
            .collect();
        if let ([gone], [come]) = (gone.as_slice(), come.as_slice()) {
            self.changed.push((gone, come));
        } else {
            self.removed.extend(gone);
            self.added.extend(come);
        }
    }

    /// Whether both list the same packages.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

fn by_key(inventory: &Inventory) -> BTreeMap<Key<'_>, Vec<&Package>> {
    let mut map: BTreeMap<Key<'_>, Vec<&Package>> = BTreeMap::new();
    for package in inventory.packages() {
        let key = (
            &package.kind,
            package.namespace.as_deref(),
            package.name.as_str(),
            package.architecture.as_deref(),
        );
        map.entry(key).or_default().push(package);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::source::Source;

    #[test]
    fn several_versions_side_by_side() {
        let of = |versions: &[&str]| {
            let package = |version: &&str| Package::new(PackageKind::Cargo, "rand", *version);
            let packages = versions.iter().map(package).collect();
            Inventory::new(Source::CargoLock, packages, Vec::new())
        };
        let count = |old: &[&str], new: &[&str]| {
            let (old, new) = (of(old), of(new));
            let found = Difference::between(&old, &new);
            (found.added.len(), found.removed.len(), found.changed.len())
        };
        assert_eq!(count(&["1", "2"], &["1", "2"]), (0, 0, 0));
        assert_eq!(count(&["1", "2"], &["1", "3"]), (0, 0, 1));
        assert_eq!(count(&["1"], &["1", "3"]), (1, 0, 0));
        assert_eq!(count(&["1", "2"], &["3"]), (1, 2, 0));
        assert_eq!(count(&["1"], &[]), (0, 1, 0));
    }
}
