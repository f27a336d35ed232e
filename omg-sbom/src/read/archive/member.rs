use std::borrow::Cow;

/// One file, directory or link that the package installs.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Member {
    /// The path below the root, as stored, without `./` before and `/` behind it; the root
    /// itself is `.`. Not necessarily UTF-8.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// The permission bits with setuid, setgid and sticky (07777).
    pub mode: u32,
    /// The numeric owner.
    pub uid: u64,
    /// The numeric group.
    pub gid: u64,
    /// The size of a file's content, in bytes; 0 for all else.
    pub size: u64,
    /// What a symbolic or hard link points at, as stored.
    pub link: Option<Vec<u8>>,
    /// The names of its extended attributes, such as `security.capability`, sorted.
    pub attributes: Vec<String>,
}

impl Member {
    /// The path as text, with U+FFFD in place of bytes that are not UTF-8.
    pub fn path_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.path)
    }

    /// Whether it runs with its owner's rights.
    pub fn is_setuid(&self) -> bool {
        self.kind.is_file() && self.mode & 0o4000 != 0
    }

    /// Whether it runs with its group's rights.
    pub fn is_setgid(&self) -> bool {
        self.kind.is_file() && self.mode & 0o2000 != 0
    }

    /// Whether everybody may write to it; links have no permissions of their own.
    pub fn is_world_writable(&self) -> bool {
        self.kind != MemberKind::Symlink && self.mode & 0o002 != 0
    }

    /// Whether it carries file capabilities (capabilities(7)), which can stand for setuid.
    pub fn has_capabilities(&self) -> bool {
        let mut names = self.attributes.iter();
        names.any(|name| name == "security.capability")
    }
}

/// What a [`Member`] is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum MemberKind {
    /// A regular file.
    File,
    /// Another name of a regular file.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A directory.
    Directory,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
}

impl MemberKind {
    pub(super) fn is_file(self) -> bool {
        matches!(self, Self::File | Self::HardLink)
    }

    pub(super) fn is_link(self) -> bool {
        matches!(self, Self::HardLink | Self::Symlink)
    }

    pub(super) fn is_special(self) -> bool {
        matches!(self, Self::CharacterDevice | Self::BlockDevice | Self::Fifo)
    }
}
