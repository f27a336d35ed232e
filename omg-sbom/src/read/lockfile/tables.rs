//! TOML, in which three of the lock files are written.

use serde::de::DeserializeOwned;

use crate::{model::error::ParseError, read::collector::Collector};

/// Reads a TOML document into `T`.
pub(super) fn document<T: DeserializeOwned>(
    bytes: &[u8],
    format: &'static str,
) -> Result<T, ParseError> {
    let text = str::from_utf8(bytes).map_err(|e| ParseError::syntax(format, e))?;
    toml::from_str(text).map_err(|e: toml::de::Error| ParseError::syntax(format, e.message()))
}

/// Gives each entry to `add`. One that is not of the form `T` is a problem.
pub(super) fn each<T: DeserializeOwned>(
    entries: Vec<toml::Value>,
    collector: &mut Collector,
    mut add: impl FnMut(T, &mut Collector) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    for (index, entry) in entries.into_iter().enumerate() {
        match entry.try_into() {
            Ok(entry) => add(entry, collector)?,
            Err(error) => {
                collector.malformed(format!("package {}", index + 1), error.message())?;
            }
        }
    }
    Ok(())
}
