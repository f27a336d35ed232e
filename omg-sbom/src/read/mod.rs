//! Readers, one for each format: bytes in, records and problems out.

pub mod apk;
pub mod apt;
#[cfg(feature = "archive")]
pub mod archive;
pub(crate) mod collector;
#[cfg(feature = "document")]
pub(crate) mod copyright;
#[cfg(any(feature = "archive", feature = "sync"))]
pub(crate) mod decompress;
pub mod dpkg;
pub(crate) mod files;
pub mod lockfile;
pub(crate) mod pacman;
pub mod sbom;
mod stanza;
