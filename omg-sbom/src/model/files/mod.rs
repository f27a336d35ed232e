//! Installed files: what is recorded of them, what was found, and in what the two differ.

pub(crate) mod change;
pub(crate) mod found;
pub(crate) mod recorded;
pub(crate) mod report;
