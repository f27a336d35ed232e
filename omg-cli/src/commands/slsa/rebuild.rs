//! Independent rebuilds, in place of a bundle: who else built the artifact, and got the same.

use std::path::Path;

use omg_slsa::{Algorithm, Bundle, Digests, Error, PublicKey, Rebuilder, Rebuilds, Rejection};

use super::artifact::{Artifact, read_bounded};
use super::{Answer, Checked, MAX_KEY, answer, buildinfo};
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;
use crate::record::read_small;

/// Whether rebuilds are asked for.
pub fn is_asked(args: &args::Slsa) -> bool {
    !args.rebuild.is_empty()
}

pub fn check(
    context: &Context,
    args: &args::Slsa,
    mut checked: Checked,
) -> Result<Checked, Failure> {
    let rebuilders: Vec<_> = args.rebuilder.iter().map(|path| rebuilder(path)).collect();
    let rebuilders: Vec<_> = rebuilders.into_iter().collect::<Result<_, _>>()?;
    let mut links = Vec::new();
    for path in &args.rebuild {
        match read_bounded(path) {
            Ok(bytes) => links.push(bytes),
            Err(error) => {
                let message = format!("cannot read the link {}", path.display());
                return Err(Failure::incomplete(message).because(&error));
            }
        }
    }
    checked.bundle = args.rebuild.first().cloned();
    let artifact = match Artifact::open(&args.artifact, &context.common.root) {
        Ok(artifact) => artifact,
        Err(detail) => {
            checked.answer = Answer::Missing(detail);
            return Ok(checked);
        }
    };
    let file = artifact.path().map(str::to_owned);
    let none: [Result<Bundle, Error>; 0] = [];
    let digests = artifact.digests_with(&none, &[Algorithm::Sha512]);
    let digests = digests.map_err(|error| {
        Failure::incomplete(format!("cannot read {}", args.artifact)).because(&error)
    })?;
    let needed = usize::from(args.rebuilds);
    checked.answer = match Rebuilds::verify(&links, &rebuilders, &digests, needed) {
        Ok(rebuilds) => bound(file.as_deref(), &digests, &rebuilds),
        Err(Error::UnmetRebuilds(checks)) => Answer::Summary(checks, false),
        Err(error) => answer(Err(error)),
    };
    checked.digests = Some(digests);
    Ok(checked)
}

/// The rebuilders' word, and that of the package itself, which must be the same.
fn bound(file: Option<&str>, digests: &Digests, rebuilds: &Rebuilds) -> Answer {
    let own = match file {
        Some(file) => buildinfo::bound(file, digests, rebuilds),
        None => Ok(Vec::new()),
    };
    match own {
        Ok(own) if own.iter().all(|check| check.met) => {
            Answer::Summary([rebuilds.checks(), &own].concat(), true)
        }
        Ok(own) => {
            let unmet = own.iter().filter(|check| !check.met);
            let unmet: Vec<_> = unmet
                .map(|check| format!("{}: {}", check.name, check.detail))
                .collect();
            let detail = format!(".BUILDINFO does not agree: {}", unmet.join("; "));
            Answer::Invalid(Rejection::Contradiction, detail)
        }
        Err(error) => answer(Err(error)),
    }
}

fn rebuilder(path: &Path) -> Result<Rebuilder, Failure> {
    let unusable = || Failure::config(format!("cannot use the key {}", path.display()));
    let text = read_small(path, MAX_KEY).map_err(|error| unusable().because(&error))?;
    let key = PublicKey::from_pem(&text).map_err(|error| unusable().because(&error))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Rebuilder::new(&name, &key).map_err(|error| unusable().because(&error))
}
