//! A signed table of builders, beside the one that is built in.

use omg_slsa::{Builders, EvidenceFile, Expectations, Fresh};

use super::query::ProvenanceQuery;
use super::trust::{Trust, named_key};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// The table that was named, if one was. One that cannot be used ends the check.
pub fn of(context: &Context, query: &ProvenanceQuery) -> Result<Option<Builders>, Failure> {
    let (Some(path), Some(key_path)) = (&query.builders, &query.builders_key) else {
        return Ok(None);
    };
    let unusable = || Failure::config(format!("cannot use the builders of {}", path.display()));
    let key = named_key(key_path)?;
    let bytes = EvidenceFile::read(path)
        .map_err(|error| unusable().because(&error))?
        .bytes;
    let fresh = Fresh {
        at: context.at,
        revision: query.builders_revision,
    };
    // Which of the two forms it is, is read off its own name for itself, and checked strictly then.
    let bundled = serde_json::from_slice::<serde_json::Value>(&bytes)
        .is_ok_and(|value| value.get("mediaType").is_some());
    let builders = match bundled {
        true => {
            let verifier = Trust::root(context, query)
                .and_then(|root| Trust::verifier(&root))?
                .with_key(key);
            Builders::bundled(&bytes, &verifier, &Expectations::default(), fresh)
        }
        false => Builders::signed(&bytes, &key, fresh),
    };
    builders
        .map(Some)
        .map_err(|error| unusable().because(&error))
}
