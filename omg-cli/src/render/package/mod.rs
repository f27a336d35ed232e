//! Whether package files may be installed.

mod checks;
mod document;

pub use self::document::package;
