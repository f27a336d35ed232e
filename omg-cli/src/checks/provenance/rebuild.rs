//! Independent rebuilds, in place of a bundle: who else built the artifact, and got the same.

use std::path::Path;

use omg_slsa::{Algorithm, Bundle, Digests, Error, EvidenceFile, Rebuilder, Rebuilds, Rejection};

use super::artifact::{OpenArtifact, unreadable};
use super::buildinfo;
use super::query::ProvenanceQuery;
use super::result::{Outcome, ProvenanceResult};
use super::trust::named_key;
use crate::session::failure::Failure;

/// Whether rebuilds are asked for.
pub fn is_asked(query: &ProvenanceQuery) -> bool {
    !query.rebuild.is_empty()
}

/// Checks the rebuilds that the query names.
pub fn check(
    query: &ProvenanceQuery,
    artifact: Result<OpenArtifact, String>,
    mut checked: ProvenanceResult,
) -> Result<ProvenanceResult, Failure> {
    let rebuilders: Vec<_> = query.rebuilder.iter().map(|path| rebuilder(path)).collect();
    let rebuilders: Vec<_> = rebuilders.into_iter().collect::<Result<_, _>>()?;
    let mut links = Vec::new();
    for path in &query.rebuild {
        match EvidenceFile::read(path) {
            Ok(file) => links.push(file.bytes),
            Err(error) => {
                let message = format!("cannot read the link {}", path.display());
                return Err(Failure::incomplete(message).because(&error));
            }
        }
    }
    checked.bundle = query.rebuild.first().cloned();
    let artifact = match artifact {
        Ok(artifact) => artifact,
        Err(detail) => {
            checked.outcome = Outcome::Missing(detail);
            return Ok(checked);
        }
    };
    let none: [Result<Bundle, Error>; 0] = [];
    let digests = artifact.digests_with(&none, &[Algorithm::Sha512]);
    let digests = digests.map_err(|error| unreadable(query, &error))?;
    let needed = usize::from(query.rebuilds);
    checked.outcome = match Rebuilds::verify(&links, &rebuilders, &digests, needed) {
        Ok(rebuilds) => bound(&artifact, &digests, &rebuilds),
        Err(Error::UnmetRebuilds(checks)) => Outcome::Summary(checks, false),
        Err(error) => Outcome::from(Err(error)),
    };
    checked.digests = Some(digests);
    Ok(checked)
}

/// The rebuilders' word, and that of the package itself, which must be the same.
fn bound(artifact: &OpenArtifact, digests: &Digests, rebuilds: &Rebuilds) -> Outcome {
    let own = match artifact {
        OpenArtifact::File(file, _) => buildinfo::bound(file, digests, rebuilds),
        OpenArtifact::Digest(_) => Ok(Vec::new()),
    };
    match own {
        Ok(own) if own.iter().all(|check| check.met) => {
            Outcome::Summary([rebuilds.checks(), &own].concat(), true)
        }
        Ok(own) => {
            let unmet = own.iter().filter(|check| !check.met);
            let unmet: Vec<_> = unmet
                .map(|check| format!("{}: {}", check.name, check.detail))
                .collect();
            let detail = format!(".BUILDINFO does not agree: {}", unmet.join("; "));
            Outcome::Invalid(Rejection::Contradiction, detail)
        }
        Err(error) => Outcome::from(Err(error)),
    }
}

fn rebuilder(path: &Path) -> Result<Rebuilder, Failure> {
    let unusable = || Failure::config(format!("cannot use the key {}", path.display()));
    let key = named_key(path)?;
    let name = path.file_stem().ok_or_else(unusable)?.to_string_lossy();
    Rebuilder::new(&name, &key).map_err(|error| unusable().because(&error))
}
