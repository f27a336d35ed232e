//! Checks the provenance of an artifact, in whichever form its evidence has.

use omg_slsa::{
    EvidenceFile, Expectations, NpmAttestations, Pattern, UnreleasedBuilder, parse_bundles,
};

use super::artifact::{OpenArtifact, evidence, unreadable};
use super::bundles::{judged, logged};
use super::query::ProvenanceQuery;
use super::result::{Outcome, ProvenanceResult};
use super::trust::Trust;
use super::{builders, npm, rebuild, summary};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// Trusted roots, keys and expectations, read once for all artifacts that are held against them.
pub struct Checker {
    trust: Trust,
    expectations: Expectations,
}

/// Checks an artifact's provenance.
pub fn look(context: &Context, query: &ProvenanceQuery) -> Result<ProvenanceResult, Failure> {
    let checker = Checker::load(context, query)?;
    let artifact = OpenArtifact::open(&query.artifact, &context.common.root);
    checker.check(context, query, artifact)
}

impl Checker {
    /// Reads the roots and keys that the query names, or those of this release.
    pub fn load(context: &Context, query: &ProvenanceQuery) -> Result<Self, Failure> {
        let mut expectations = expectations(query)?;
        expectations.builders = builders::of(context, query)?;
        let trust = Trust::of(context, query)?;
        Ok(Self {
            trust,
            expectations,
        })
    }

    /// Checks an artifact that was opened; the error says why it was not.
    pub fn check(
        &self,
        context: &Context,
        query: &ProvenanceQuery,
        artifact: Result<OpenArtifact, String>,
    ) -> Result<ProvenanceResult, Failure> {
        check(context, query, &self.trust, &self.expectations, artifact)
    }
}

fn expectations(query: &ProvenanceQuery) -> Result<Expectations, Failure> {
    let pattern = |exact: &Option<String>, regex: &Option<String>| match (exact, regex) {
        (Some(name), _) => Ok(Some(Pattern::exact(name))),
        (None, Some(regex)) => Pattern::regex(regex)
            .map(Some)
            .map_err(|error| Failure::usage("an expected name is not usable").because(&error)),
        (None, None) => Ok(None),
    };
    let mut expectations = Expectations::default();
    expectations.identity = pattern(
        &query.certificate_identity,
        &query.certificate_identity_regexp,
    )?;
    expectations.issuer = pattern(
        &query.certificate_oidc_issuer,
        &query.certificate_oidc_issuer_regexp,
    )?;
    expectations.source_uri.clone_from(&query.source_uri);
    expectations.source_branch.clone_from(&query.source_branch);
    expectations.source_tag.clone_from(&query.source_tag);
    expectations
        .source_versioned_tag
        .clone_from(&query.source_versioned_tag);
    expectations.builder_id.clone_from(&query.builder_id);
    expectations.inputs = query.build_workflow_input.iter().cloned().collect();
    expectations.min_level = query.min_level;
    if query.allow_unreleased_builder {
        expectations.unreleased_builder = UnreleasedBuilder::Allow;
    }
    Ok(expectations)
}

fn check(
    context: &Context,
    query: &ProvenanceQuery,
    trust: &Trust,
    expectations: &Expectations,
    artifact: Result<OpenArtifact, String>,
) -> Result<ProvenanceResult, Failure> {
    let mut checked = ProvenanceResult {
        artifact: query.artifact.shown(),
        digests: None,
        bundle: None,
        domain: trust.root.domain(),
        outcome: Outcome::Missing(String::new()),
        others: Vec::new(),
    };
    if summary::is_asked(query) {
        return summary::check(query, artifact, checked);
    }
    if rebuild::is_asked(query) {
        return rebuild::check(query, artifact, checked);
    }
    let artifact = match artifact {
        Ok(artifact) => artifact,
        Err(detail) => {
            checked.outcome = Outcome::Missing(detail);
            return Ok(checked);
        }
    };
    if query.rekor {
        return logged(context, query, trust, expectations, &artifact, checked);
    }
    let Some(EvidenceFile { path, bytes }) = evidence(query, &artifact)? else {
        let detail = format!("there is no bundle beside {}", checked.artifact);
        checked.outcome = Outcome::Missing(detail);
        return Ok(checked);
    };
    checked.bundle = Some(path);
    if NpmAttestations::recognise(&bytes) {
        return npm::check(
            context,
            query,
            trust,
            expectations,
            &artifact,
            &bytes,
            checked,
        );
    }
    let bundles = match parse_bundles(&bytes) {
        Ok(bundles) => bundles,
        Err(error) => {
            checked.outcome = Outcome::from(Err(error));
            return Ok(checked);
        }
    };
    let digests = artifact
        .digests(&bundles)
        .map_err(|error| unreadable(query, &error))?;
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
