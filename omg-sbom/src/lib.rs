//! What is installed, from bytes you already hold: package databases of Linux
//! distributions, lock files and existing SBOMs, read into one kind of record.
//!
//! # Examples
//!
//! ```
//! use omg_sbom::inventory::{OsRelease, dpkg};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let status = b"Package: openssl\nStatus: install ok installed\n\
//!     Architecture: amd64\nVersion: 3.0.15-1~deb12u1\n";
//! let inventory = dpkg::parse_status(status)?;
//! assert!(inventory.is_complete());
//!
//! let os = OsRelease::parse(b"ID=debian\nVERSION_ID=\"12\"\n")?;
//! assert_eq!(
//!     inventory.packages()[0].purl(Some(&os))?,
//!     "pkg:deb/debian/openssl@3.0.15-1~deb12u1?arch=amd64&distro=debian-12"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Feature flags
//!
//! | Feature | Default | Adds |
//! |---|---|---|
//! | `cyclonedx` | yes | [`cyclonedx`]: CycloneDX 1.5, 1.6 and 1.7 as JSON, 1.5 as XML; implies `document` |
//! | `spdx` | no | `spdx`: SPDX 2.3 as JSON; implies `document` |
//! | `sign` | no | `signature`: JSF signatures (ES256) within CycloneDX documents; implies `cyclonedx` |
//! | `document` | with either | `Sbom`, what both are made of, and `licence` |
//! | `archive` | no | `archive::read`: metadata, scripts and file list of a package file (`.pkg.tar.zst`, `.deb`) |
//! | `sync` | no | `inventory::pacman::SyncDatabase::parse`: tar with gzip, zstd, xz or no compression |
//! | `fs` | no | `inventory::Machine::read_root` and the other functions that open files (Unix only); implies `sync` |
//!
//! # What this crate does not do
//!
//! It runs no package manager, makes no network request, and reads no clock,
//! environment variable or home directory. Without the feature `fs` it opens no
//! file.
//!
//! It sets no panic hook. A panic of a decoder of compressed data, each another crate, is caught
//! (features `archive` and `sync`) and is an error of the file: whoever made a file must not end the
//! program that looks at it. None is known that a file alone causes; with `panic = "abort"` nothing
//! could be caught, and what the process says of such a panic is for its own hook to decide.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "archive")]
pub mod archive;
#[cfg(feature = "cyclonedx")]
pub mod check;
#[cfg(feature = "cyclonedx")]
pub mod cyclonedx;
#[cfg(any(feature = "archive", feature = "sync"))]
mod decompress;
#[cfg(feature = "document")]
mod document;
mod error;
pub mod files;
#[cfg(feature = "document")]
mod graph;
pub mod inventory;
#[cfg(feature = "document")]
pub mod licence;
mod purl;
#[cfg(feature = "sign")]
pub mod signature;
#[cfg(feature = "spdx")]
pub mod spdx;
#[cfg(feature = "document")]
mod version;

#[cfg(feature = "document")]
pub use document::{
    Analysis, Component, Conclusions, Contact, Declared, Looked, Need, Placement, Rating,
    Reference, ReferenceKind, Sbom, SbomBuilder, Serial, UnknownReference, Vulnerability,
    VulnerabilityState,
};

#[cfg(feature = "fs")]
pub use error::ReadError;
pub use error::{ParseError, PurlError};

#[cfg(all(doctest, feature = "sign"))]
#[doc = include_str!("../README.md")]
struct Readme;
