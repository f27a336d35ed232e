//! Every package database below a root.

use std::path::Path;

use super::{
    dpkg,
    error::{ReadError, is_absent, parse_error, unreadable},
    lookup::read_optional,
    names::Names,
    pacman,
    rooted::Root,
    vendors,
};
#[cfg(feature = "document")]
use crate::{
    model::package::{Package, PackageKind},
    read::copyright::read_debian,
};
use crate::{
    model::{
        detail::Detail,
        inventory::Inventory,
        limits,
        machine::Machine,
        os_release::OsRelease,
        problem::{Problem, ProblemKind},
        source::Source,
    },
    read::apk,
};

impl Machine {
    /// Reads the package databases of the system whose root directory is `root`.
    ///
    /// Looked for are pacman's `/var/lib/pacman` (or the `DBPath` of `/etc/pacman.conf`), dpkg's
    /// `/var/lib/dpkg/status` and `status.d`, and apk's `/lib/apk/db/installed` and
    /// `/usr/lib/apk/db/installed`; a database of RPM is a failure, since it is not read. A database
    /// that is a link to nowhere is a failure, too. Symbolic links are followed as if `root` were `/`, and
    /// nothing outside of it is read. Nothing but regular files is read; a FIFO is a problem,
    /// not a wait. The tree must not be changed by an attacker meanwhile.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoDatabase`] if there is none of the databases: a machine whose
    /// packages are unknown is not one without packages. [`ReadError::Io`] or
    /// [`ReadError::Parse`] if what is there cannot be read as a whole; where another database
    /// can, it is returned, and the failure is among [`problems`](Self::problems).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::path::Path;
    /// use omg_sbom::inventory::{Detail, Machine};
    ///
    /// let machine = Machine::read_root(Path::new("/"), Detail::Full)?;
    /// for inventory in &machine.inventories {
    ///     println!("{}: {} packages", inventory.source(), inventory.packages().len());
    /// }
    /// # Ok::<(), omg_sbom::ReadError>(())
    /// ```
    pub fn read_root(root: &Path, detail: Detail) -> Result<Self, ReadError> {
        let root = Root::new(root);
        let (pacman, failed) = apart(pacman::read(&root, detail));
        Self::read_others(&root, pacman, failed, false)
    }

    /// Reads names and versions, as [`read_root`](Self::read_root) does with [`Detail::Names`],
    /// and gives those of pacman apart, in the form that is cheapest to make.
    ///
    /// # Errors
    ///
    /// As [`read_root`](Self::read_root).
    pub fn read_names(root: &Path) -> Result<(Self, Option<Names>), ReadError> {
        let root = Root::new(root);
        let (names, failed) = apart(pacman::read_names(&root));
        let machine = Self::read_others(&root, None, failed, names.is_some())?;
        Ok((machine, names))
    }

    /// Reads what is not pacman's.
    fn read_others(
        root: &Root,
        pacman: Option<Inventory>,
        failed: Option<ReadError>,
        has_names: bool,
    ) -> Result<Self, ReadError> {
        let mut problems = Vec::new();
        let os_release = read_os_release(root, &mut problems);
        let mut inventories = Vec::from_iter(pacman);
        let mut failures = Vec::from_iter(failed);
        for found in [dpkg::read(root), read_apk(root), refuse_rpm(root)] {
            let (mut found, failed) = apart(found);
            if let Some(dpkg) = found
                .as_mut()
                .filter(|found| found.source() == Source::Dpkg)
            {
                vendors::mark(root, dpkg);
            }
            inventories.extend(found);
            failures.extend(failed);
        }
        if inventories.is_empty() && !has_names {
            let none = || ReadError::NoDatabase {
                root: root.path().to_owned(),
            };
            return Err(failures.into_iter().next().unwrap_or_else(none));
        }
        problems.extend(failures.into_iter().map(ReadError::into_problem));
        problems.sort();
        Ok(Self {
            os_release,
            inventories,
            problems,
        })
    }

    /// Fills in the licences of dpkg's packages from their copyright files
    /// (`/usr/share/doc/PACKAGE/copyright`), one file for each package.
    ///
    /// Only machine-readable files say something; of the others, and where there is none, the
    /// licences stay unknown. Files over [`limits::MAX_VALUE_BYTES`] are passed over likewise.
    #[cfg(feature = "document")]
    pub fn read_licences(&mut self, root: &Path) {
        let root = Root::new(root);
        for inventory in &mut self.inventories {
            for package in inventory.packages_mut() {
                if let Some(licences) = licences(&root, package) {
                    package.licences = licences;
                }
            }
        }
    }
}

/// What the copyright file of one of dpkg's packages says, where it can be read.
#[cfg(feature = "document")]
fn licences(root: &Root, package: &Package) -> Option<Vec<String>> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    if package.kind != PackageKind::Deb || !package.name.bytes().all(is_plain) {
        return None;
    }
    let folder = Path::new("usr/share/doc").join(&package.name);
    let content = root.read(&folder.join("copyright"), limits::MAX_VALUE_BYTES);
    Some(read_debian(&String::from_utf8_lossy(&content.ok()?)))
}

fn apart<T>(found: Result<Option<T>, ReadError>) -> (Option<T>, Option<ReadError>) {
    match found {
        Ok(found) => (found, None),
        Err(error) => (None, Some(error)),
    }
}

fn read_os_release(root: &Root, problems: &mut Vec<Problem>) -> Option<OsRelease> {
    for path in ["etc/os-release", "usr/lib/os-release"] {
        let read = root.read(Path::new(path), limits::MAX_CONFIG_BYTES);
        match read.map(|content| OsRelease::parse(&content)) {
            Ok(Ok(os)) => return Some(os),
            Ok(Err(error)) => {
                problems.push(Problem::new(
                    path,
                    ProblemKind::LimitExceeded,
                    error.to_string(),
                ));
            }
            Err(error) if is_absent(&error) => {}
            Err(error) => problems.push(unreadable(path, &error)),
        }
    }
    None
}

/// RPM's databases, which this crate does not read: what they list is installed all the same.
fn refuse_rpm(root: &Root) -> Result<Option<Inventory>, ReadError> {
    const PLACES: [&str; 2] = ["var/lib/rpm", "usr/lib/sysimage/rpm"];
    const FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];
    for place in PLACES {
        for file in FILES {
            let path = Path::new(place).join(file);
            if root.is_there(&path) {
                return Err(ReadError::Unsupported {
                    path,
                    what: "databases of RPM",
                });
            }
        }
    }
    Ok(None)
}

fn read_apk(root: &Root) -> Result<Option<Inventory>, ReadError> {
    for path in ["lib/apk/db/installed", "usr/lib/apk/db/installed"] {
        let path = Path::new(path);
        if let Some(content) = read_optional(root, path, limits::MAX_STATUS_BYTES)? {
            let inventory = apk::parse_installed(&content);
            return inventory
                .map(Some)
                .map_err(|source| parse_error(path, source));
        }
    }
    Ok(None)
}
