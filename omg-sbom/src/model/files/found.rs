use super::recorded::{Digest, FileKind};

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
