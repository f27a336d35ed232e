use crate::model::digest::Sha256;

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
