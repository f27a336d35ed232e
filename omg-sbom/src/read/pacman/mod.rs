//! pacman's databases: `local`, what is installed, and `sync`, what the repositories offer.
//!
//! Format: libalpm's `lib/libalpm/be_local.c` and `be_sync.c`, which are its only complete
//! description; alpm-db-desc(5) describes the local files.

#[cfg(feature = "fs")]
pub(crate) mod backup;
#[cfg(feature = "sync")]
mod budget;
pub(crate) mod config;
mod desc;
pub(crate) mod local;
pub(crate) mod sync;
#[cfg(feature = "sync")]
mod unpack;
