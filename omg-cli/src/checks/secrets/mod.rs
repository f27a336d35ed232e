//! Credentials in files, staged changes and history.

pub mod events;
pub mod query;
pub mod result;
pub mod search;
pub mod sources;
