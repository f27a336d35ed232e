//! What a document says, in terms of no format.

pub(crate) mod address;
mod attach;
pub(crate) mod builder;
pub(crate) mod component;
pub(crate) mod conclusions;
pub(crate) mod content;
mod forge;
pub(crate) mod sbom;
pub(crate) mod serial;
pub(crate) mod text;
pub(crate) mod vulnerability;
