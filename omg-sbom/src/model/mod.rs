//! Packages and their identity, and what every reader shares: errors, limits, problems.

pub(crate) mod detail;
pub(crate) mod difference;
pub(crate) mod digest;
pub(crate) mod distribution;
pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod identity;
pub(crate) mod inventory;
pub mod limits;
#[cfg(feature = "fs")]
pub(crate) mod machine;
pub(crate) mod name;
pub(crate) mod os_release;
pub(crate) mod package;
pub(crate) mod problem;
pub(crate) mod source;
pub(crate) mod state;
