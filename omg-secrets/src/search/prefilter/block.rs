//! How much is looked at before something is told.

/// How many bytes are looked at at once: one bit each in a mask.
pub(super) const BLOCK: usize = 64;

/// So many blocks are searched before what is in them is told.
pub(super) const BATCH: usize = 32;
