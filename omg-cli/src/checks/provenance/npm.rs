//! Attestations of npm packages.

use omg_slsa::{Expectations, NpmAttestations, Package};

use super::artifact::{OpenArtifact, unreadable};
use super::query::ProvenanceQuery;
use super::result::{Outcome, ProvenanceResult};
use super::trust::Trust;
use crate::session::context::Context;
use crate::session::failure::Failure;

/// Checks npm's attestations: the registry's and the build's, which must both be good.
pub fn check(
    context: &Context,
    query: &ProvenanceQuery,
    trust: &Trust,
    expectations: &Expectations,
    artifact: &OpenArtifact,
    bytes: &[u8],
    mut checked: ProvenanceResult,
) -> Result<ProvenanceResult, Failure> {
    let attestations = match NpmAttestations::parse(bytes) {
        Ok(attestations) => attestations,
        Err(error) => {
            checked.outcome = Outcome::from(Err(error));
            return Ok(checked);
        }
    };
    let bundles = [Ok(attestations.provenance().clone())];
    let digests = artifact
        .digests(&bundles)
        .map_err(|error| unreadable(query, &error))?;
    let package = Package {
        name: query.package_name.clone(),
        version: query.package_version.clone(),
    };
    let found = match expectations.name_a_signer(false) {
        true => attestations
            .verify(&trust.root, &digests, expectations, &package, context.at)
            .map(|provenance| Outcome::Verified(Box::new(provenance))),
        false => trust
            .verifier
            .authenticate(attestations.provenance(), &digests, context.at)
            .and_then(|found| expectations.inspect(found))
            .map(|found| Outcome::Unasked(Box::new(found))),
    };
    checked.outcome = found.into();
    checked.digests = Some(digests);
    Ok(checked)
}
