//! Several bundles of one artifact: beside it, or from the public log.

use omg_slsa::online::rekor;
use omg_slsa::{Algorithm, Bundles, Digests, Expectations};

use super::artifact::Artifact;
use super::{Answer, Checked, Trust, answer, online};
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;

/// What is to be made of bundles: the best of them, and why the others do not count.
pub fn judged(
    context: &Context,
    args: &args::Slsa,
    trust: &Trust,
    expectations: &Expectations,
    bundles: Bundles,
    digests: Digests,
    mut checked: Checked,
) -> Checked {
    let asked = expectations.name_a_signer(args.key.is_some());
    let mut answers: Vec<Answer> = bundles
        .into_iter()
        .map(|bundle| {
            let attestation = bundle
                .and_then(|bundle| trust.verifier.authenticate(&bundle, &digests, context.at));
            answer(attestation.and_then(|attestation| {
                match asked {
                    true => expectations
                        .check(attestation)
                        .map(|provenance| Answer::Verified(Box::new(provenance))),
                    false => expectations
                        .inspect(attestation)
                        .map(|found| Answer::Unasked(Box::new(found))),
                }
            }))
        })
        .collect();
    // One that verifies is enough; the others are told of.
    answers.sort_by_key(rank);
    let mut answers = answers.into_iter();
    if let Some(best) = answers.next() {
        checked.answer = best;
    }
    for other in answers {
        if let Answer::Invalid(reason, detail) = other {
            checked.others.push((reason, detail));
        }
    }
    checked.digests = Some(digests);
    checked
}

/// What the public log holds of the artifact. That it holds something proves nothing.
pub fn logged(
    context: &Context,
    args: &args::Slsa,
    trust: &Trust,
    expectations: &Expectations,
    artifact: Artifact,
    mut checked: Checked,
) -> Result<Checked, Failure> {
    let digests = artifact.digests(&[]).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", args.artifact)).because(&error)
    })?;
    let Some(digest) = digests.get(Algorithm::Sha256) else {
        checked.answer = Answer::Missing("the log is searched by SHA-256 only".to_owned());
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
        checked.answer = Answer::Missing(match kinds.is_empty() {
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
        args,
        trust,
        expectations,
        bundles,
        digests,
        checked,
    ))
}

fn rank(answer: &Answer) -> u8 {
    match answer {
        Answer::Verified(_) | Answer::Summary(_, true) => 0,
        Answer::Unmet(_) | Answer::Summary(_, false) => 1,
        Answer::Unasked(_) => 2,
        Answer::Invalid(..) => 3,
        Answer::Missing(_) => 4,
    }
}
