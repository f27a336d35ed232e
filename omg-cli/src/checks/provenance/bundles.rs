//! Several bundles of one artifact: beside it, or from the public log.

use omg_slsa::online::rekor;
use omg_slsa::{Algorithm, Bundles, Digests, Expectations};

use super::artifact::{OpenArtifact, unreadable};
use super::online;
use super::query::ProvenanceQuery;
use super::result::{Outcome, ProvenanceResult};
use super::trust::Trust;
use crate::session::context::Context;
use crate::session::failure::Failure;

/// What is to be made of bundles: the best of them, and why the others do not count.
pub fn judged(
    context: &Context,
    query: &ProvenanceQuery,
    trust: &Trust,
    expectations: &Expectations,
    bundles: Bundles,
    digests: Digests,
    mut checked: ProvenanceResult,
) -> ProvenanceResult {
    let asked = expectations.name_a_signer(query.key.is_some());
    let mut outcomes: Vec<Outcome> = bundles
        .into_iter()
        .map(|bundle| {
            let attestation = bundle
                .and_then(|bundle| trust.verifier.authenticate(&bundle, &digests, context.at));
            Outcome::from(attestation.and_then(|attestation| {
                match asked {
                    true => expectations
                        .check(attestation)
                        .map(|provenance| Outcome::Verified(Box::new(provenance))),
                    false => expectations
                        .inspect(attestation)
                        .map(|found| Outcome::Unasked(Box::new(found))),
                }
            }))
        })
        .collect();
    // One that verifies is enough; the others are told of.
    outcomes.sort_by_key(rank);
    let mut outcomes = outcomes.into_iter();
    if let Some(best) = outcomes.next() {
        checked.outcome = best;
    }
    for other in outcomes {
        if let Outcome::Invalid(reason, detail) = other {
            checked.others.push((reason, detail));
        }
    }
    checked.digests = Some(digests);
    checked
}

/// What the public log holds of the artifact. That it holds something proves nothing.
pub fn logged(
    context: &Context,
    query: &ProvenanceQuery,
    trust: &Trust,
    expectations: &Expectations,
    artifact: &OpenArtifact,
    mut checked: ProvenanceResult,
) -> Result<ProvenanceResult, Failure> {
    let digests = artifact
        .digests(&[])
        .map_err(|error| unreadable(query, &error))?;
    let Some(digest) = digests.get(Algorithm::Sha256) else {
        checked.outcome = Outcome::Missing("the log is searched by SHA-256 only".to_owned());
        return Ok(checked);
    };
    let found = online::search(context, digest)?;
    if found.more > 0 {
        context.warn(&format!("{} more entries were not looked at", found.more));
    }
    let (whole, partly): (Vec<_>, Vec<_>) = found
        .entries
        .iter()
        .partition(|entry| entry.kind() == "hashedrekord");
    if whole.is_empty() {
        let mut kinds: Vec<_> = partly.iter().map(|entry| entry.kind()).collect();
        kinds.dedup();
        checked.outcome = Outcome::Missing(match kinds.is_empty() {
            true => "the log has no entry of it".to_owned(),
            false => format!(
                "the log has entries of it ({}), which do not hold what was signed: \
                 the bundle is needed",
                kinds.join(", ")
            ),
        });
        checked.digests = Some(digests);
        return Ok(checked);
    }
    let bundles = whole.into_iter().map(rekor::Entry::bundle).collect();
    Ok(judged(
        context,
        query,
        trust,
        expectations,
        bundles,
        digests,
        checked,
    ))
}

fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Verified(_) | Outcome::Summary(_, true) => 0,
        Outcome::Unmet(_) | Outcome::Summary(_, false) => 1,
        Outcome::Unasked(_) => 2,
        Outcome::Invalid(..) => 3,
        Outcome::Missing(_) => 4,
    }
}
