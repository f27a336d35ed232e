//! The packages of one database or document, and what of it could not be read.

use super::{package::Package, problem::Problem, source::Source};

/// The packages of one database or document, and what of it could not be read.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::{Inventory, Package, PackageKind, Source};
///
/// let packages = vec![
///     Package::new(PackageKind::Alpm, "zlib", "1:1.3.1-2"),
///     Package::new(PackageKind::Alpm, "bash", "5.2.37-1"),
/// ];
/// let inventory = Inventory::new(Source::Pacman, packages, Vec::new());
/// assert_eq!(inventory.packages()[0].name, "bash");
/// assert!(inventory.is_complete());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inventory {
    source: Source,
    packages: Vec<Package>,
    problems: Vec<Problem>,
}

impl Inventory {
    /// Makes an inventory; the lists are sorted and exact repetitions dropped.
    ///
    /// Packages are sorted by kind, name, version and architecture, as text.
    pub fn new(source: Source, packages: Vec<Package>, mut problems: Vec<Problem>) -> Self {
        let mut packages = sorted(packages);
        packages.dedup();
        problems.sort();
        problems.dedup();
        Self {
            source,
            packages,
            problems,
        }
    }

    /// What it was read from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The packages, sorted.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// What could not be read as it should, sorted.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether everything was read: there are no problems.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }

    /// The packages and the problems, by value.
    pub fn into_parts(self) -> (Vec<Package>, Vec<Problem>) {
        (self.packages, self.problems)
    }

    /// To fill in what packages are not sorted by.
    pub(crate) fn packages_mut(&mut self) -> &mut [Package] {
        &mut self.packages
    }

    #[cfg(feature = "fs")]
    pub(crate) fn add_problems(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
        self.problems.sort();
        self.problems.dedup();
    }
}

/// Sorts by reference and moves each package once: they are large. The sort is stable, so that
/// what the key does not tell apart stays in the order of the source.
fn sorted(packages: Vec<Package>) -> Vec<Package> {
    if packages.is_sorted_by(|a, b| a.sort_key() <= b.sort_key()) {
        return packages;
    }
    let mut order: Vec<_> = packages.iter().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.sort_key().cmp(&b.sort_key()));
    let order: Vec<_> = order.into_iter().map(|(index, _)| index).collect();
    let mut slots: Vec<_> = packages.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|index| slots.get_mut(index)?.take())
        .collect()
}
