use super::{desc, desc::Desc};
use crate::{
    model::{
        detail::Detail,
        error::ParseError,
        inventory::Inventory,
        limits,
        package::{InstallReason, Package, PackageKind},
        problem::{Problem, ProblemKind, shorten},
        source::Source,
    },
    read::collector::Collector,
};

/// What is wrong with a directory whose name does not split.
pub(crate) const NOT_A_PACKAGE_NAME: &str = "directory is not called name-version-release";

/// Gathers pacman's local database, one package directory after the other.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::{Detail, pacman::LocalDatabase};
///
/// let mut database = LocalDatabase::new(Detail::Full);
/// database.add(b"bash-5.2.037-1", Some(b"%NAME%\nbash\n\n%VERSION%\n5.2.037-1\n"))?;
/// database.add(b"zlib-1:1.3.1-2", None)?;
/// let inventory = database.finish();
///
/// // Its directory says that zlib is installed, so it is listed, and the missing file reported.
/// assert_eq!(inventory.packages().len(), 2);
/// assert_eq!(inventory.problems()[0].subject, "zlib-1:1.3.1-2");
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
#[derive(Debug)]
pub struct LocalDatabase {
    detail: Detail,
    collector: Collector,
}

impl LocalDatabase {
    /// Starts with nothing.
    pub fn new(detail: Detail) -> Self {
        Self::with_capacity(detail, 0)
    }

    /// Starts with nothing, and with room for so many packages.
    pub(crate) fn with_capacity(detail: Detail, packages: usize) -> Self {
        Self {
            detail,
            collector: Collector::with_capacity(packages.min(limits::MAX_ENTRIES)),
        }
    }

    /// Adds a package directory by its name and the content of its file `desc`, if there is one.
    ///
    /// What is wrong with the entry becomes a problem: a name that is not
    /// `name-version-release`, a `desc` that is missing, larger than
    /// [`limits::MAX_DESC_BYTES`], incomplete, or of another package than its directory.
    /// A package is listed whenever its directory name tells name and version.
    /// With [`Detail::Names`] `desc` is not looked at.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooManyEntries`].
    pub fn add(&mut self, directory: &[u8], desc: Option<&[u8]>) -> Result<(), ParseError> {
        let Some((name, version)) = self.split(directory)? else {
            return Ok(());
        };
        let package = Package::new(PackageKind::Alpm, name, version);
        if self.detail == Detail::Names {
            return self.collector.package(package);
        }
        let subject = shorten(&String::from_utf8_lossy(directory));
        match desc {
            None => {
                let missing = Problem::new(subject, ProblemKind::Unreadable, "no file desc");
                self.add_unread(directory, missing)
            }
            Some(bytes) if bytes.len() > limits::MAX_DESC_BYTES => {
                let detail = format!("desc is larger than {} bytes", limits::MAX_DESC_BYTES);
                let problem = Problem::new(subject, ProblemKind::LimitExceeded, detail);
                self.add_unread(directory, problem)
            }
            Some(bytes) => self.add_desc(package, desc::parse(bytes, &subject), subject),
        }
    }

    /// Adds a package directory whose `desc` could not be read, and why.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooManyEntries`].
    pub fn add_unread(&mut self, directory: &[u8], problem: Problem) -> Result<(), ParseError> {
        if let Some((name, version)) = self.split(directory)? {
            self.collector.problem(problem)?;
            self.collector
                .package(Package::new(PackageKind::Alpm, name, version))?;
        }
        Ok(())
    }

    /// The inventory of what was added.
    pub fn finish(self) -> Inventory {
        self.collector.finish(Source::Pacman)
    }

    fn split<'a>(&mut self, directory: &'a [u8]) -> Result<Option<(&'a str, &'a str)>, ParseError> {
        let parts = str::from_utf8(directory)
            .ok()
            .and_then(split_directory_name);
        if parts.is_none() {
            let subject = shorten(&String::from_utf8_lossy(directory));
            self.collector.malformed(subject, NOT_A_PACKAGE_NAME)?;
        }
        Ok(parts)
    }

    fn add_desc(
        &mut self,
        directory: Package,
        desc: Desc,
        subject: String,
    ) -> Result<(), ParseError> {
        let Desc {
            mut package,
            problems,
        } = desc;
        for problem in problems {
            self.collector.problem(problem)?;
        }
        if package.name.is_empty() || package.version.is_empty() {
            self.collector
                .malformed(subject, "desc has no name or no version")?;
            return self.collector.package(directory);
        }
        if (&package.name, &package.version) != (&directory.name, &directory.version) {
            let detail = format!(
                "desc is of {} {}",
                shorten(&package.name),
                shorten(&package.version)
            );
            let problem = Problem::new(subject, ProblemKind::Inconsistent, detail);
            self.collector.problem(problem)?;
            return self.collector.package(directory);
        }
        // be_local.c: pacman writes no %REASON% for what was asked for by name.
        package.reason.get_or_insert(InstallReason::Explicit);
        self.collector.package(package)
    }
}

/// The name and version in the name of a package directory, split at the last but one `-`.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::pacman::split_directory_name;
///
/// assert_eq!(split_directory_name("xorg-server-1:21.1-2"), Some(("xorg-server", "1:21.1-2")));
/// assert_eq!(split_directory_name("xorg-server"), None);
/// ```
pub fn split_directory_name(directory: &str) -> Option<(&str, &str)> {
    let (rest, release) = directory.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    if name.is_empty() || version.is_empty() || release.is_empty() {
        return None;
    }
    Some((name, directory.get(name.len() + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESC: &[u8] = b"%NAME%\nbash\n\n%VERSION%\n5.2-1\n";

    fn one(directory: &[u8], desc: Option<&[u8]>) -> (Vec<Package>, Vec<ProblemKind>) {
        let mut database = LocalDatabase::new(Detail::Full);
        database.add(directory, desc).unwrap();
        let (packages, problems) = database.finish().into_parts();
        (
            packages,
            problems.into_iter().map(|problem| problem.kind).collect(),
        )
    }

    #[test]
    fn what_is_installed_is_listed_whatever_its_desc_is_like() {
        let large = vec![b'\n'; limits::MAX_DESC_BYTES + 1];
        let cases: [(Option<&[u8]>, ProblemKind); 7] = [
            (None, ProblemKind::Unreadable),
            (Some(&large), ProblemKind::LimitExceeded),
            (Some(b""), ProblemKind::Malformed),
            (Some(b"%NAME%\nbash\n\n%VERSION%\n"), ProblemKind::Malformed),
            (Some(b"%VERSION%\n5.2-1\n"), ProblemKind::Malformed),
            (
                Some(b"%NAME%\nzsh\n\n%VERSION%\n5.2-1\n"),
                ProblemKind::Inconsistent,
            ),
            (
                Some(b"%NAME%\nbash\n\n%VERSION%\n5.2-2\n"),
                ProblemKind::Inconsistent,
            ),
        ];
        for (desc, kind) in cases {
            let (packages, problems) = one(b"bash-5.2-1", desc);
            assert_eq!(packages, [Package::new(PackageKind::Alpm, "bash", "5.2-1")]);
            assert_eq!(problems, [kind]);
        }
        let (packages, problems) = one(b"bash-5.2-1", Some(DESC));
        assert_eq!(packages[0].reason, Some(InstallReason::Explicit));
        assert!(problems.is_empty());
    }

    #[test]
    fn names_that_do_not_split_are_problems() {
        let names: [&[u8]; 7] = [
            b"bash",
            b"bash-1",
            b"-1-1",
            b"bash--1",
            b"bash-1-",
            b"\xff-1-1",
            b"",
        ];
        for name in names {
            let (packages, problems) = one(name, Some(DESC));
            assert_eq!(
                (packages.len(), problems),
                (0, vec![ProblemKind::Malformed]),
                "{name:?}"
            );
        }
    }

    #[test]
    fn desc_is_not_looked_at_for_names() {
        let mut database = LocalDatabase::new(Detail::Names);
        database.add(b"bash-5.2-1", Some(b"%NAME%\nzsh\n")).unwrap();
        assert!(database.finish().is_complete());
    }
}
