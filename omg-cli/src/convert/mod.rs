//! Between the libraries' types, which know nothing of each other.

pub mod evidence;
pub mod registries;
pub mod spelling;
pub mod subject;
pub mod support;
pub mod threshold;
