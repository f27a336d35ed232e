use super::{
    change::{Change, Changed, compare},
    found::Found,
    recorded::{FileKind, Recorded},
};
use crate::model::package::Package;

/// The files of one package.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PackageFiles {
    /// The name of the package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: Option<String>,
    /// How many paths were looked at, unreadable ones included.
    pub checked: usize,
    /// Whether a regular file of it may be executed; `None` if that is not known, since some
    /// are missing or could not be looked at and the others may not.
    pub executable: Option<bool>,
    /// What is not as recorded, sorted by path.
    pub changed: Vec<Changed>,
    /// What could not be looked at, with the reason; sorted.
    pub unreadable: Vec<String>,
}

impl PackageFiles {
    /// Compares what is recorded of a package's files with what was found.
    pub fn check(package: &Package, files: impl IntoIterator<Item = (Recorded, Found)>) -> Self {
        let mut result = Self {
            name: package.name.clone(),
            version: package.version.clone(),
            architecture: package.architecture.clone(),
            checked: 0,
            executable: Some(false),
            changed: Vec::new(),
            unreadable: Vec::new(),
        };
        for (recorded, found) in files {
            result.checked += 1;
            result.executable = match (&found, result.executable) {
                (_, Some(true)) => Some(true),
                (Found::There(seen), _)
                    if seen.kind == FileKind::File && seen.mode & 0o111 != 0 =>
                {
                    Some(true)
                }
                (Found::There(_), known) => known,
                _ => None,
            };
            let path = || String::from_utf8_lossy(&recorded.path).into_owned();
            if let Found::Unreadable(reason) = &found {
                result.unreadable.push(format!("{}: {reason}", path()));
            }
            let changes = compare(&recorded, &found);
            if !changes.is_empty() {
                result.changed.push(Changed {
                    path: path(),
                    changes,
                    is_configuration: recorded.is_configuration,
                });
            }
        }
        result.changed.sort();
        result.unreadable.sort();
        result
    }

    /// What is missing, modified, and changed configuration, in this order.
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for file in &self.changed {
            let [missing, modified, configuration] = &mut counts;
            match (file.changes.as_slice(), file.is_configuration) {
                ([Change::Missing], _) => *missing += 1,
                (_, true) => *configuration += 1,
                (_, false) => *modified += 1,
            }
        }
        counts
    }
}

/// The files of a whole machine.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// One for each package whose files are recorded, in the order of the inventories.
    pub packages: Vec<PackageFiles>,
    /// The names of packages whose database records no files, or none that can be read; sorted.
    pub unrecorded: Vec<String>,
    /// What lies below `/usr`, without `/usr/local`, and belongs to no package; sorted. Of a
    /// directory that belongs to none, its own path with a slash behind it.
    pub extra: Vec<String>,
    /// Directories below `/usr` that could not be listed; sorted.
    pub unlisted: Vec<String>,
}

impl Report {
    /// How many paths were looked at.
    pub fn checked(&self) -> usize {
        self.packages.iter().map(|package| package.checked).sum()
    }

    /// What is missing, modified, and changed configuration, in this order.
    pub fn counts(&self) -> [usize; 3] {
        self.packages.iter().fold([0; 3], |[a, b, c], package| {
            let [missing, modified, configuration] = package.counts();
            [a + missing, b + modified, c + configuration]
        })
    }

    /// Whether every package has a record and everything could be looked at.
    pub fn is_complete(&self) -> bool {
        let readable = |package: &PackageFiles| package.unreadable.is_empty();
        let all = self.unrecorded.is_empty() && self.unlisted.is_empty();
        all && self.packages.iter().all(readable)
    }
}
