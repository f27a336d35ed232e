//! pacman's databases: `local`, what is installed, and `sync`, what the repositories offer.
//!
//! Format: libalpm's `lib/libalpm/be_local.c` and `be_sync.c`, which are its only complete
//! description; alpm-db-desc(5) describes the local files.

#[cfg(feature = "fs")]
mod backup;
#[cfg(feature = "sync")]
mod budget;
mod config;
mod desc;
mod local;
mod sync;
#[cfg(feature = "sync")]
mod unpack;

#[cfg(feature = "fs")]
pub(crate) use self::backup::backup_files;
#[cfg(feature = "fs")]
pub(crate) use self::local::NOT_A_PACKAGE_NAME;
pub use self::{
    config::Config,
    local::{LocalDatabase, split_directory_name},
    sync::{SyncCoverage, SyncDatabase, SyncPackage},
};
#[cfg(feature = "fs")]
pub use super::fs::{Names, read_local};
