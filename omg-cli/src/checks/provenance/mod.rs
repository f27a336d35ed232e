//! How, from what and by whom an artifact was built.

pub mod artifact;
pub mod builders;
pub mod buildinfo;
pub mod bundles;
pub mod check;
pub mod events;
pub mod npm;
pub mod online;
pub mod query;
pub mod rebuild;
pub mod result;
pub mod summary;
pub mod trust;
