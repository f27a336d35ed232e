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
//! | `sync` | no | `inventory::pacman::SyncDatabase::parse`: tar with gzip, zstd, xz or no compression |
//! | `fs` | no | `inventory::Machine::read_root` and the other functions that open files (Unix only); implies `sync` |
//!
//! # What this crate does not do
//!
//! It runs no package manager, makes no network request, and reads no clock,
//! environment variable or home directory. Without the feature `fs` it opens no
//! file. It reports what the databases say; it does not compare the installed
//! files with them.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod error;
pub mod inventory;
mod purl;

#[cfg(feature = "fs")]
pub use error::ReadError;
pub use error::{ParseError, PurlError};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
