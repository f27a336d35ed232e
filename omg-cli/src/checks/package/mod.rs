//! Whether package files may be installed.

pub mod apt;
pub mod aur;
pub mod authenticity;
pub mod content;
pub mod events;
pub mod examine;
pub mod gate;
pub mod query;
pub mod result;
pub mod vouched;
