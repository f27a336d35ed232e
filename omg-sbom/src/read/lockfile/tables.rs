use serde::de::DeserializeOwned;

use crate::model::error::ParseError;

/// Reads a TOML document into `T`.
pub(super) fn document<T: DeserializeOwned>(
    bytes: &[u8],
    format: &'static str,
) -> Result<T, ParseError> {
    let text = str::from_utf8(bytes).map_err(|e| ParseError::syntax(format, e))?;
    toml::from_str(text).map_err(|e: toml::de::Error| ParseError::syntax(format, e.message()))
}
