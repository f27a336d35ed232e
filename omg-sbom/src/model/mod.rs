//! Packages and their identity, and what every reader shares: errors, limits, problems.

pub(crate) mod difference;
pub(crate) mod distribution;
pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod inventory;
pub mod limits;
pub(crate) mod os_release;
pub(crate) mod package;
pub(crate) mod problem;
mod purl;
pub(crate) mod state;
