//! Judges of a value: is it random, well formed, or an example?

pub(crate) mod checksum;
pub(crate) mod entropy;
pub(crate) mod named;
pub(crate) mod naming;
pub(crate) mod placeholder;
pub(crate) mod structure;
