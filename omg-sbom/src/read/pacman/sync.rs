use std::collections::HashMap;

use crate::model::{
    digest::Sha256,
    inventory::Inventory,
    package::{Origin, Package},
};

/// What one repository offers: pacman's `sync/NAME.db`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SyncDatabase {
    pub(super) repository: String,
    pub(super) packages: HashMap<String, SyncPackage>,
}

impl SyncDatabase {
    /// The repository's name.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// How many packages it offers.
    pub fn len(&self) -> usize {
        self.packages.len()
    }

    /// Whether it offers nothing.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// The offer of that name.
    pub fn get(&self, name: &str) -> Option<&SyncPackage> {
        self.packages.get(name)
    }
}

/// One package that a repository offers.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SyncPackage {
    /// The version on offer.
    pub version: String,
    /// The file name of the archive.
    pub archive_name: Option<String>,
    /// The size of the archive, in bytes.
    pub archive_size: Option<u64>,
    /// The digest of the archive.
    pub archive_sha256: Option<Sha256>,
    /// The detached OpenPGP signature of the archive; not verified here.
    pub archive_signature: Option<Vec<u8>>,
}

/// Whether the sync databases at hand are those of all configured repositories: they are or
/// they are not, so that this type is closed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SyncCoverage {
    /// All are there and were read: a package in none of them is foreign.
    All,
    /// Some are missing or broken: a package in none of the others may be in those.
    Partial,
}

impl Inventory {
    /// Fills in the origin of pacman packages, and the digest and signature of their archives.
    ///
    /// `databases` are in the order of `pacman.conf`. A package's repository is the first one
    /// that offers the installed version, else the first one that offers the name at all; an
    /// origin that the local database itself records is kept. Digest, signature, name and size
    /// of the archive are taken over only where the version on offer is the installed one.
    /// A package that no database offers is [`Origin::Foreign`] with [`SyncCoverage::All`],
    /// and stays as it is with [`SyncCoverage::Partial`] or without any database.
    pub fn attach_sync(&mut self, databases: &[SyncDatabase], coverage: SyncCoverage) {
        for package in self.packages_mut() {
            attach(package, databases, coverage);
        }
    }
}

fn attach(package: &mut Package, databases: &[SyncDatabase], coverage: SyncCoverage) {
    let same_version = |database: &&SyncDatabase| {
        database
            .get(&package.name)
            .is_some_and(|offer| offer.version == package.version)
    };
    let exact = databases.iter().find(same_version);
    let database = exact.or_else(|| databases.iter().find(|d| d.get(&package.name).is_some()));
    if package.origin == Origin::Unknown {
        package.origin = match database {
            Some(database) => Origin::Repository(database.repository.clone()),
            None if coverage == SyncCoverage::All && !databases.is_empty() => Origin::Foreign,
            None => Origin::Unknown,
        };
    }
    let Some(offer) = exact.and_then(|database| database.get(&package.name)) else {
        return;
    };
    package.archive_name.clone_from(&offer.archive_name);
    package.archive_size = offer.archive_size;
    package.archive_sha256 = offer.archive_sha256;
    package
        .archive_signature
        .clone_from(&offer.archive_signature);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{package::PackageKind, source::Source};

    fn database(repository: &str, name: &str, version: &str) -> SyncDatabase {
        let offer = SyncPackage {
            version: version.to_owned(),
            archive_name: Some("file".to_owned()),
            archive_size: Some(7),
            archive_sha256: Some(Sha256::from([7; 32])),
            archive_signature: Some(vec![7]),
        };
        let packages = HashMap::from([(name.to_owned(), offer)]);
        SyncDatabase {
            repository: repository.to_owned(),
            packages,
        }
    }

    fn attached(databases: &[SyncDatabase], coverage: SyncCoverage, origin: Origin) -> Package {
        let mut package = Package::new(PackageKind::Alpm, "bash", "2-1");
        package.origin = origin;
        let mut inventory = Inventory::new(Source::Pacman, vec![package], Vec::new());
        inventory.attach_sync(databases, coverage);
        inventory.packages()[0].clone()
    }

    #[test]
    fn the_same_version_goes_before_the_same_name() {
        let databases = [
            database("core", "bash", "1-1"),
            database("testing", "bash", "2-1"),
            database("mirror", "bash", "2-1"),
        ];
        let found = attached(&databases, SyncCoverage::All, Origin::Unknown);
        assert_eq!(found.origin, Origin::Repository("testing".to_owned()));
        assert_eq!(
            (found.archive_size, found.archive_signature),
            (Some(7), Some(vec![7]))
        );

        let found = attached(&databases[..1], SyncCoverage::All, Origin::Unknown);
        assert_eq!(found.origin, Origin::Repository("core".to_owned()));
        assert_eq!((found.archive_sha256, found.archive_name), (None, None));
        assert_eq!((found.archive_size, found.archive_signature), (None, None));
    }

    #[test]
    fn foreign_is_what_all_databases_lack() {
        let other = [database("core", "zsh", "2-1")];
        let origin = |databases, coverage| attached(databases, coverage, Origin::Unknown).origin;
        assert_eq!(origin(&other, SyncCoverage::All), Origin::Foreign);
        assert_eq!(origin(&other, SyncCoverage::Partial), Origin::Unknown);
        assert_eq!(origin(&[], SyncCoverage::All), Origin::Unknown);
    }

    #[test]
    fn a_recorded_origin_is_kept() {
        let recorded = Origin::Repository("cachyos".to_owned());
        let databases = [database("extra", "bash", "2-1")];
        assert_eq!(
            attached(&databases, SyncCoverage::All, recorded.clone()).origin,
            recorded
        );
    }
}
