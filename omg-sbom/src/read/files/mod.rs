//! What package databases record of installed files.

pub(crate) mod md5sums;
pub(crate) mod mtree;
