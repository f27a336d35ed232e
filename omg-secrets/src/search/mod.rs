//! The search for candidates.

pub(crate) mod prefilter;
