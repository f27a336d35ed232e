//! Verification summaries: another verifier's verdict, in place of a bundle.

use omg_slsa::{Error, PublicKey, Summary, SummaryExpectations};

use super::artifact::{Artifact, evidence, read_bounded};
use super::{Answer, Checked, MAX_KEY, answer};
use crate::args;
use crate::commands::Context;
use crate::failure::Failure;
use crate::record::read_small;

/// Whether a summary is asked for.
pub fn is_asked(args: &args::Slsa) -> bool {
    args.verifier_id.is_some()
}

pub fn check(
    context: &Context,
    args: &args::Slsa,
    mut checked: Checked,
) -> Result<Checked, Failure> {
    let mut expected = SummaryExpectations::default();
    expected.verifier_id = args.verifier_id.clone().unwrap_or_default();
    expected.resource_uri = args.resource_uri.clone().unwrap_or_default();
    expected.levels.clone_from(&args.verified_level);
    let (Some(path), Some(id)) = (&args.key, &args.public_key_id) else {
        return Err(
            Failure::usage("a verification summary needs the verifier's key")
                .try_this("--key FILE --public-key-id NAME"),
        );
    };
    let text = read_small(path, MAX_KEY).map_err(|error| {
        Failure::config(format!("cannot read the key {}", path.display())).because(&error)
    })?;
    let key = PublicKey::from_pem(&text)
        .map_err(|error| Failure::config("cannot verify").because(&error))?;
    let found = match (
        Artifact::open(&args.artifact, &context.common.root),
        &args.bundle,
    ) {
        (Ok(artifact), _) => {
            let found = evidence(args, &artifact)?;
            let digests = artifact.digests(&[]).map_err(|error| {
                Failure::incomplete(format!("cannot read {}", args.artifact)).because(&error)
            })?;
            expected.digests = digests.iter().map(ToString::to_string).collect();
            checked.digests = Some(digests);
            found
        }
        // Summaries are of other things too, such as images, by digests of their own kinds.
        (Err(_), Some(bundle)) if args.artifact.contains(':') => {
            expected.digests = vec![args.artifact.clone()];
            let bytes = read_bounded(bundle).map_err(|error| {
                Failure::incomplete(format!("cannot read {}", bundle.display())).because(&error)
            })?;
            Some((bundle.clone(), bytes))
        }
        (Err(detail), _) => {
            checked.answer = Answer::Missing(detail);
            return Ok(checked);
        }
    };
    let Some((path, bytes)) = found else {
        checked.answer = Answer::Missing(format!("there is no summary beside {}", args.artifact));
        return Ok(checked);
    };
    checked.bundle = Some(path);
    checked.answer = match Summary::verify(&bytes, &key, id, &expected) {
        Ok(summary) => Answer::Summary(summary.checks().to_vec(), true),
        Err(Error::UnmetSummary(checks)) => Answer::Summary(checks, false),
        Err(error) => answer(Err(error)),
    };
    Ok(checked)
}
