//! Files that hold several bundles.

use serde_json::Value;

use crate::bundle::Bundle;
use crate::error::{Error, Rejection};
use crate::{pypi, strict};

/// How many bundles a file may hold.
const MAX_BUNDLES: usize = 64;

/// The bundles of a file, each by itself good or not.
pub type Bundles = Vec<Result<Bundle, Error>>;

/// Reads a file of one bundle, of one bundle on each line, or of npm's or PyPI's attestations.
///
/// # Errors
/// With a [`Rejection`] if it is none of these, or over a limit.
pub fn parse_bundles(bytes: &[u8]) -> Result<Bundles, Error> {
    if bytes.len() > strict::MAX_DOCUMENT_BYTES {
        let detail = format!("more than {} bytes", strict::MAX_DOCUMENT_BYTES);
        return Err(Error::rejected(Rejection::Limit, detail));
    }
    let lines: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .take(MAX_BUNDLES + 1)
        .collect();
    let whole = |line: &&[u8]| line.starts_with(b"{") && line.ends_with(b"}");
    if lines.len() > 1 && lines.iter().all(whole) {
        if lines.len() > MAX_BUNDLES {
            let detail = format!("more than {MAX_BUNDLES} bundles");
            return Err(Error::rejected(Rejection::Limit, detail));
        }
        return Ok(lines.into_iter().map(Bundle::parse).collect());
    }
    let value = strict::parse(bytes, strict::BUNDLE_VALUES)?;
    if let Some(attestations) = pypi::attestations(&value, MAX_BUNDLES) {
        return Ok(attestations?.into_iter().map(pypi::bundle).collect());
    }
    match value.get("attestations") {
        Some(Value::Array(list)) if value.get("mediaType").is_none() => {
            if list.is_empty() || list.len() > MAX_BUNDLES {
                let detail = format!("{} attestations", list.len());
                return Err(Error::rejected(Rejection::BundleStructure, detail));
            }
            let bundles = list.iter().map(|item| {
                let bundle = item.get("bundle").ok_or_else(|| {
                    let detail = "an attestation without a bundle";
                    Error::rejected(Rejection::BundleStructure, detail)
                });
                Bundle::from_value(bundle?)
            });
            Ok(bundles.collect())
        }
        _ => Ok(vec![Bundle::from_value(&value)]),
    }
}
