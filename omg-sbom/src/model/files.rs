//! Installed files: what is recorded of them, what was found, and in what the two differ.

use std::fmt;

use super::package::{Package, Sha256};

/// What lies at a path.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Anything else: a device, a socket, a named pipe.
    Other,
}

/// The digest of a file's content.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-256, which pacman records.
    Sha256(Sha256),
    /// MD5, which dpkg records: good against accidents, not against intent.
    Md5([u8; 16]),
}

/// What a package database records of one path. What it does not record is `None`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// The path below the root, without a slash at either end.
    pub path: Vec<u8>,
    /// What lies there.
    pub kind: Option<FileKind>,
    /// The permission bits with setuid, setgid and sticky (07777).
    pub mode: Option<u32>,
    /// The numeric owner.
    pub uid: Option<u32>,
    /// The numeric group.
    pub gid: Option<u32>,
    /// The size of a regular file, in bytes.
    pub size: Option<u64>,
    /// The digest of a regular file.
    pub digest: Option<Digest>,
    /// What a symbolic link points at.
    pub link: Option<Vec<u8>>,
    /// Whether the administrator is expected to change it.
    pub is_configuration: bool,
}

impl Recorded {
    /// Makes a record that says no more than that something lies there.
    pub fn new(path: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }
}

/// What was found at a path.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing.
    Missing,
    /// It could not be looked at, for this reason.
    Unreadable(String),
    /// This.
    There(Seen),
}

/// What lies at a path.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Seen {
    /// What it is.
    pub kind: FileKind,
    /// The permission bits with setuid, setgid and sticky (07777).
    pub mode: u32,
    /// The numeric owner.
    pub uid: u32,
    /// The numeric group.
    pub gid: u32,
    /// The size, in bytes.
    pub size: u64,
    /// The digest, of the kind that is recorded; `None` where there was no need to compute it.
    pub digest: Option<Digest>,
    /// What a symbolic link points at.
    pub link: Option<Vec<u8>>,
}

impl Seen {
    /// Makes what lies at a path, owned by root and without content or target.
    pub fn new(kind: FileKind, mode: u32) -> Self {
        Self {
            kind,
            mode,
            uid: 0,
            gid: 0,
            size: 0,
            digest: None,
            link: None,
        }
    }
}

/// In what a file differs from its record.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Change {
    /// It is not there.
    Missing,
    /// It is something else, such as a link in place of a file.
    Kind,
    /// The link points elsewhere.
    Link,
    /// The content has another size.
    Size,
    /// The content is another one.
    Content,
    /// The permissions are others.
    Mode,
    /// The owner or group is another one.
    Owner,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Kind => "kind",
            Self::Link => "link",
            Self::Size => "size",
            Self::Content => "content",
            Self::Mode => "mode",
            Self::Owner => "owner",
        })
    }
}

/// Compares one record with what was found; nothing if it is as recorded.
///
/// A content that has the recorded size and no digest counts as changed: nobody looked.
///
/// # Examples
///
/// ```
/// use omg_sbom::files::{Change, FileKind, Found, Recorded, Seen, compare};
///
/// let mut recorded = Recorded::new("usr/bin/su");
/// recorded.mode = Some(0o4755);
/// let found = Found::There(Seen::new(FileKind::File, 0o755));
/// assert_eq!(compare(&recorded, &found), [Change::Mode]);
/// assert_eq!(compare(&recorded, &Found::Missing), [Change::Missing]);
/// ```
pub fn compare(recorded: &Recorded, found: &Found) -> Vec<Change> {
    let seen = match found {
        Found::Missing => return vec![Change::Missing],
        Found::Unreadable(_) => return Vec::new(),
        Found::There(seen) => seen,
    };
    if recorded.kind.is_some_and(|kind| kind != seen.kind) {
        return vec![Change::Kind];
    }
    let mut changes = Vec::new();
    let mut differs = |change, differs| {
        if differs {
            changes.push(change);
        }
    };
    let link = recorded.link.as_ref();
    differs(
        Change::Link,
        link.is_some_and(|link| Some(link) != seen.link.as_ref()),
    );
    if seen.kind == FileKind::File {
        let other_size = recorded.size.is_some_and(|size| size != seen.size);
        differs(Change::Size, other_size);
        let digest = recorded.digest.as_ref();
        let other = digest.is_some_and(|digest| Some(digest) != seen.digest.as_ref());
        differs(Change::Content, other && !other_size);
    }
    // The permissions of a link mean nothing (chmod(2)).
    let has_mode = seen.kind != FileKind::Symlink;
    differs(
        Change::Mode,
        has_mode && recorded.mode.is_some_and(|mode| mode != seen.mode),
    );
    let other_owner = recorded.uid.is_some_and(|uid| uid != seen.uid);
    let other_group = recorded.gid.is_some_and(|gid| gid != seen.gid);
    differs(Change::Owner, other_owner || other_group);
    changes
}

/// A file that is not as recorded.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Changed {
    /// The path below the root, with U+FFFD in place of bytes that are not UTF-8.
    pub path: String,
    /// In what it differs, at least one.
    pub changes: Vec<Change>,
    /// Whether the administrator is expected to change it.
    pub is_configuration: bool,
}

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
