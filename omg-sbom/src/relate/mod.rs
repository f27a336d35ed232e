//! How packages relate: which needs which, and what their licences mean.

pub(crate) mod graph;
pub(crate) mod licence;
pub(crate) mod order;
