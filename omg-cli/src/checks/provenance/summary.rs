//! Verification summaries: another verifier's verdict, in place of a bundle.

use omg_slsa::{Error, EvidenceFile, Summary, SummaryExpectations};

use super::artifact::{OpenArtifact, evidence, unreadable};
use super::query::{Artifact, ProvenanceQuery};
use super::result::{Outcome, ProvenanceResult};
use super::trust::public_key;
use crate::session::failure::Failure;

/// Whether a summary is asked for.
pub fn is_asked(query: &ProvenanceQuery) -> bool {
    query.verifier_id.is_some()
}

/// Checks the summary that the query names.
pub fn check(
    query: &ProvenanceQuery,
    artifact: Result<OpenArtifact, String>,
    mut checked: ProvenanceResult,
) -> Result<ProvenanceResult, Failure> {
    let (Some(verifier), Some(resource)) = (&query.verifier_id, &query.resource_uri) else {
        return Err(Failure::usage(
            "a verification summary is by one verifier, about one resource",
        )
        .try_this("--verifier-id URI --resource-uri URI"));
    };
    let mut expected = SummaryExpectations::default();
    expected.verifier_id.clone_from(verifier);
    expected.resource_uri.clone_from(resource);
    expected.levels.clone_from(&query.verified_level);
    let (Some(path), Some(id)) = (&query.key, &query.public_key_id) else {
        return Err(
            Failure::usage("a verification summary needs the verifier's key")
                .try_this("--key FILE --public-key-id NAME"),
        );
    };
    let key = public_key(path)?;
    let found = match (artifact, &query.bundle) {
        (Ok(artifact), _) => {
            let found = evidence(query, &artifact)?;
            let digests = artifact
                .digests(&[])
                .map_err(|error| unreadable(query, &error))?;
            expected.digests = digests.iter().map(ToString::to_string).collect();
            checked.digests = Some(digests);
            found
        }
        // Summaries are of other things too, such as images, by digests of their own kinds.
        (Err(_), Some(bundle)) if is_digest(&query.artifact) => {
            expected.digests = vec![query.artifact.shown()];
            let file = EvidenceFile::read(bundle).map_err(|error| {
                Failure::incomplete(format!("cannot read {}", bundle.display())).because(&error)
            })?;
            Some(file)
        }
        (Err(detail), _) => {
            checked.outcome = Outcome::Missing(detail);
            return Ok(checked);
        }
    };
    let Some(EvidenceFile { path, bytes }) = found else {
        let detail = format!("there is no summary beside {}", checked.artifact);
        checked.outcome = Outcome::Missing(detail);
        return Ok(checked);
    };
    checked.bundle = Some(path);
    checked.outcome = match Summary::verify(&bytes, &key, id, &expected) {
        Ok(summary) => Outcome::Summary(summary.checks().to_vec(), true),
        Err(Error::UnmetSummary(checks)) => Outcome::Summary(checks, false),
        Err(error) => Outcome::from(Err(error)),
    };
    Ok(checked)
}

/// Whether the artifact is named by a digest, of whatever kind.
fn is_digest(artifact: &Artifact) -> bool {
    matches!(artifact, Artifact::Named(name) if name.contains(':'))
}
