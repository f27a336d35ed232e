use std::fmt;

use super::{
    found::Found,
    recorded::{FileKind, Recorded},
};

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
