//! A signed table of builders, beside the one that is built in.

use omg_slsa::{Builders, Expectations, Fresh, PublicKey};

use super::artifact::read_bounded;
use super::{MAX_KEY, Trust};
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;
use crate::record::read_small;

/// The table that was named, if one was. One that cannot be used ends the check.
pub fn of(context: &Context, args: &args::Slsa) -> Result<Option<Builders>, Failure> {
    let (Some(path), Some(key_path)) = (&args.builders, &args.builders_key) else {
        return Ok(None);
    };
    let unusable = || Failure::config(format!("cannot use the builders of {}", path.display()));
    let key = || Failure::config(format!("cannot use the key {}", key_path.display()));
    let text = read_small(key_path, MAX_KEY).map_err(|error| key().because(&error))?;
    let key = PublicKey::from_pem(&text).map_err(|error| key().because(&error))?;
    let bytes = read_bounded(path).map_err(|error| unusable().because(&error))?;
    let fresh = Fresh {
        at: context.at,
        revision: args.builders_revision,
    };
    // Which of the two forms it is, is read off its own name for itself, and checked strictly then.
    let bundled = serde_json::from_slice::<serde_json::Value>(&bytes)
        .is_ok_and(|value| value.get("mediaType").is_some());
    let builders = match bundled {
        true => {
            let verifier = Trust::root(context, args)
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
