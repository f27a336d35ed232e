//! Whether a trusted key signed a file.

pub mod check;
pub mod events;
pub mod keyring;
pub mod query;
pub mod result;
