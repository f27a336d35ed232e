//! The formats, by their first bytes.

/// How much of the start says what an archive is.
pub(super) const HEAD: usize = 262;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Zip,
    Tar,
    Gzip,
    Zstd,
}

pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some(Kind::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Kind::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        _ if bytes.get(257..262) == Some(b"ustar") => Some(Kind::Tar),
        _ => None,
    }
}

/// Whether the bytes begin like an archive that [`members`](super::members) opens. 262 bytes suffice.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    kind(bytes).is_some()
}
