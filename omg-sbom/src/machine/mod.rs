//! The adapter that opens files (feature `fs`): it finds databases, reads their bytes and calls
//! the parsers. Regular files only; what else lies there is reported.

mod cache;
mod config;
mod files;
pub(crate) mod listing;
pub(crate) mod pacman;
mod records;
mod rooted;

use std::{
    io,
    path::{Path, PathBuf},
};

use self::{listing::Names, rooted::Root};
#[cfg(feature = "document")]
use crate::model::package::{Package, PackageKind};
#[cfg(feature = "document")]
use crate::relate::licence::read_debian;
use crate::{
    model::{
        error::{ParseError, ReadError},
        inventory::{Detail, Inventory, Source},
        limits,
        os_release::OsRelease,
        problem::{Problem, ProblemKind},
    },
    read::{
        apk,
        collector::{Collector, shorten},
        dpkg, lockfile, sbom,
    },
};

/// What was found below a root directory: the system's description of itself and one
/// inventory per package database.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Machine {
    /// `/etc/os-release`, else `/usr/lib/os-release`; `None` if there is neither.
    pub os_release: Option<OsRelease>,
    /// The inventories, in the order pacman, dpkg, apk; at least one, which may be empty,
    /// except where [`read_names`](Self::read_names) gave pacman's apart.
    ///
    /// A machine can have several, for instance where pacman is installed on Debian.
    pub inventories: Vec<Inventory>,
    /// What could not be read and belongs to none of the inventories.
    pub problems: Vec<Problem>,
}

impl Machine {
    /// Reads the package databases of the system whose root directory is `root`.
    ///
    /// Looked for are pacman's `/var/lib/pacman` (or the `DBPath` of `/etc/pacman.conf`), dpkg's
    /// `/var/lib/dpkg/status` and `status.d`, and apk's `/lib/apk/db/installed` and
    /// `/usr/lib/apk/db/installed`. Symbolic links are followed as if `root` were `/`, and
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
        for found in [read_dpkg(root), read_apk(root)] {
            let (found, failed) = apart(found);
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

    /// Whether everything was read: neither the machine nor an inventory has problems.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty() && self.inventories.iter().all(Inventory::is_complete)
    }
}

impl Inventory {
    /// Reads a lock file; see [`lockfile::parse`].
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`] if it is no regular file or cannot be read, [`ReadError::Parse`].
    pub fn read_lockfile(path: &Path) -> Result<Self, ReadError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let content = read_file(path, limits::MAX_LOCKFILE_BYTES)?;
        lockfile::parse(&name, &content).map_err(|source| parse_error(path, source))
    }

    /// Reads an SBOM; see [`sbom::parse`].
    ///
    /// # Errors
    ///
    /// As [`read_lockfile`](Self::read_lockfile).
    pub fn read_sbom(path: &Path) -> Result<Self, ReadError> {
        let content = read_file(path, limits::MAX_SBOM_BYTES)?;
        sbom::parse(&content).map_err(|source| parse_error(path, source))
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

/// Reads a file that the caller named; it may be a link to anywhere.
fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    let real = path.canonicalize();
    real.and_then(|real| rooted::read_regular(&real, limit))
        .map_err(|source| io_error(path, source))
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

fn read_dpkg(root: &Root) -> Result<Option<Inventory>, ReadError> {
    let mut collector = Collector::default();
    let mut found = false;
    let path = Path::new("var/lib/dpkg/status");
    if let Some(content) = read_optional(root, path, limits::MAX_STATUS_BYTES)? {
        found = true;
        dpkg::collect(
            &content,
            dpkg::WithoutStatus::IsAProblem,
            "",
            &mut collector,
        )
        .map_err(|source| parse_error(path, source))?;
        report_interruption(root, &mut collector)?;
    }
    let path = Path::new("var/lib/dpkg/status.d");
    if let Some(names) = list_optional(root, path)? {
        found = true;
        for name in names {
            read_status_d(root, &path.join(name), &mut collector)?;
        }
    }
    Ok(found.then(|| collector.finish(Source::Dpkg)))
}

fn read_status_d(root: &Root, path: &Path, collector: &mut Collector) -> Result<(), ReadError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !dpkg::is_status_d_name(&name) {
        return Ok(());
    }
    let name = shorten(&name);
    let result = match root.read(path, limits::MAX_STATUS_BYTES) {
        Ok(content) => dpkg::collect(&content, dpkg::WithoutStatus::IsInstalled, &name, collector),
        Err(error) => collector.problem(unreadable(&format!("status.d/{name}"), &error)),
    };
    result.map_err(|source| parse_error(path, source))
}

/// dpkg keeps what it was about to write to `status` in files with numbers for names, and
/// leaves them behind when it is interrupted (dpkg source, `lib/dpkg/dbmodify.c`).
fn report_interruption(root: &Root, collector: &mut Collector) -> Result<(), ReadError> {
    let path = Path::new("var/lib/dpkg/updates");
    for name in list_optional(root, path)?.unwrap_or_default() {
        let name = name.to_string_lossy();
        if name.bytes().all(|b| b.is_ascii_digit()) {
            let detail = "dpkg was interrupted, status is not up to date";
            let problem =
                Problem::new(format!("updates/{name}"), ProblemKind::Inconsistent, detail);
            collector
                .problem(problem)
                .map_err(|source| parse_error(path, source))?;
        }
    }
    Ok(())
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

/// The content of a file, or `None` if there is no such file.
fn read_optional(root: &Root, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, ReadError> {
    match root.read(path, limit) {
        Ok(content) => Ok(Some(content)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(io_error(path, error)),
    }
}

/// The sorted names in a directory, or `None` if there is no such directory.
fn list_optional(root: &Root, path: &Path) -> Result<Option<Vec<PathBuf>>, ReadError> {
    match list(root, path) {
        Ok(names) => Ok(Some(names)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(io_error(path, error)),
    }
}

/// The sorted names in a directory.
fn list(root: &Root, path: &Path) -> io::Result<Vec<PathBuf>> {
    list_within(&root.resolve(path)?, limits::MAX_ENTRIES)
}

fn list_within(path: &Path, limit: usize) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        if names.len() >= limit {
            let detail = format!("more than {limit} directory entries");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
        }
        names.push(PathBuf::from(entry?.file_name()));
    }
    names.sort();
    Ok(names)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn unreadable(subject: &str, error: &io::Error) -> Problem {
    Problem::new(shorten(subject), kind_of_io(error), error.to_string())
}

fn kind_of_io(error: &io::Error) -> ProblemKind {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ProblemKind::LimitExceeded,
        _ => ProblemKind::Unreadable,
    }
}

fn kind_of_parse(error: &ParseError) -> ProblemKind {
    match error {
        ParseError::TooLarge { .. } | ParseError::TooManyEntries { .. } => {
            ProblemKind::LimitExceeded
        }
        _ => ProblemKind::Malformed,
    }
}

impl ReadError {
    fn into_problem(self) -> Problem {
        match self {
            Self::Io { path, source } => unreadable(&path.to_string_lossy(), &source),
            Self::Parse { path, source } => {
                let subject = shorten(&path.to_string_lossy());
                Problem::new(subject, kind_of_parse(&source), source.to_string())
            }
            Self::NoDatabase { root } => {
                let subject = shorten(&root.to_string_lossy());
                Problem::new(subject, ProblemKind::Unreadable, "no package database")
            }
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_owned(),
        source,
    }
}

fn parse_error(path: &Path, source: ParseError) -> ReadError {
    ReadError::Parse {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directory_entries_are_counted() {
        let directory = tempfile::TempDir::new().unwrap();
        for name in ["b", "a"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let names = list_within(directory.path(), 2).unwrap();
        assert_eq!(names, [PathBuf::from("a"), PathBuf::from("b")]);
        let error = list_within(directory.path(), 1).unwrap_err();
        assert_eq!(unreadable("x", &error).kind, ProblemKind::LimitExceeded);
    }
}
