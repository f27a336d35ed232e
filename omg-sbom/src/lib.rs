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

#[cfg(feature = "document")]
mod document;
#[cfg(feature = "fs")]
mod machine;
mod model;
mod read;
#[cfg(feature = "document")]
mod relate;
#[cfg(any(feature = "cyclonedx", feature = "spdx"))]
mod write;

#[cfg(feature = "document")]
pub use document::{
    builder::SbomBuilder,
    component::{Component, Contact, Declared, Need, Reference, ReferenceKind},
    conclusions::Conclusions,
    sbom::Sbom,
    serial::Serial,
    vulnerability::{
        Analysis, Looked, Placement, Rating, UnknownReference, Vulnerability, VulnerabilityState,
    },
};
#[cfg(feature = "fs")]
pub use machine::error::ReadError;
pub use model::error::{ParseError, PurlError};
#[cfg(feature = "archive")]
pub use read::archive;
#[cfg(feature = "document")]
pub use relate::order::Order;
#[cfg(feature = "sign")]
pub use write::signature;
#[cfg(feature = "spdx")]
pub use write::spdx;
#[cfg(feature = "cyclonedx")]
pub use write::{check, cyclonedx};

pub mod inventory {
    //! Inventories: what package databases, lock files and SBOMs list.
    //!
    //! Each reader takes bytes and returns an [`Inventory`]: the packages, sorted, and
    //! the [`Problem`]s, that is, every entry that could not be read as it should.
    //! An inventory with problems is not complete, and "nothing found" in it does not
    //! mean that nothing is there.

    #[cfg(feature = "fs")]
    pub use crate::model::machine::Machine;
    pub use crate::{
        model::{
            detail::Detail,
            difference::Difference,
            digest::{Sha256, Sha512},
            distribution::{Distribution, Family},
            identity::Identity,
            inventory::Inventory,
            limits,
            os_release::OsRelease,
            package::{InstallReason, Origin, Package, PackageKind, Scope, Sourced, Validation},
            problem::{Problem, ProblemKind},
            source::Source,
        },
        read::{apk, apt, dpkg, lockfile, sbom},
    };

    pub mod pacman {
        //! pacman's databases: `local`, what is installed, and `sync`, what the repositories offer.
        //!
        //! Format: libalpm's `lib/libalpm/be_local.c` and `be_sync.c`, which are its only complete
        //! description; alpm-db-desc(5) describes the local files.

        #[cfg(feature = "fs")]
        pub use crate::machine::{names::Names, pacman::read_local};
        pub use crate::read::pacman::{
            config::Config,
            local::{LocalDatabase, split_directory_name},
            sync::{SyncCoverage, SyncDatabase, SyncPackage},
        };
    }
}

pub mod files {
    //! Whether the installed files are as their packages say: pacman's `mtree` and dpkg's
    //! `md5sums`, compared with what is there.
    //!
    //! Everything here is pure: the caller brings what is recorded and what was found, or has
    //! `inventory::Machine::check_files` read both (feature `fs`). The databases compared with lie
    //! on the same disk as the files: whoever could change one could change both, so that this shows
    //! accidents and careless intruders, and proves nothing against careful ones. dpkg records MD5
    //! only, and neither modes nor owners.
    //!
    //! Formats: mtree(5) as libarchive writes it; dpkg's `info/*.md5sums` and `*.list`.

    pub use crate::{
        model::files::{
            change::{Change, Changed, compare},
            found::{Found, Seen},
            recorded::{Digest, FileKind, Recorded},
            report::{PackageFiles, Report},
        },
        read::files::{md5sums::parse_md5sums, mtree::parse_mtree},
    };
}

#[cfg(feature = "document")]
pub mod licence {
    //! What packages say of their licence, as SPDX expressions.
    //!
    //! Nothing is guessed: a name that can mean several licences stays [`Licence::Ambiguous`], and
    //! a text that is no name of a licence stays [`Licence::Unresolved`].

    pub use crate::{
        read::copyright::read_debian,
        relate::licence::{
            debian::resolve_debian, expression::list_version, meaning::Licence, recorded::resolve,
        },
    };
}

#[cfg(all(doctest, feature = "sign"))]
#[doc = include_str!("../README.md")]
struct Readme;
