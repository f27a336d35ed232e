//! What a statement says against what the certificate says: its signer must be its builder.

use crate::attestation::Signer;
use crate::build::Build;
use crate::builder::{self, GITHUB_ISSUER, RUNNER};

/// Everything in which they differ.
pub(crate) fn differences(signer: &Signer, build: &Build) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(authority(signer, build));
    let claims = &signer.claims;
    let delegated = delegated(signer);
    let pairs = [
        ("the repository", &build.source, &claims.source_repository),
        ("the branch or tag", &build.source_ref, &claims.source_ref),
        ("the commit", &build.commit, &claims.source_commit),
        ("the trigger", &build.trigger, &claims.trigger),
        (
            "the runner",
            &build.runner_environment,
            &claims.runner_environment,
        ),
        (
            "the number of the repository",
            &build.repository_id,
            &claims.source_repository_id,
        ),
        (
            "the number of the owner",
            &build.owner_id,
            &claims.source_owner_id,
        ),
    ];
    for (what, said, certified) in pairs {
        if let (Some(said), Some(certified)) = (said, certified)
            && said != certified
        {
            found.push(format!(
                "{what} is {said}, and {certified} in the certificate"
            ));
        }
    }
    if let (Some(workflow), Some(config), Some(source), false) = (
        &build.workflow,
        &claims.build_config,
        &build.source,
        delegated,
    ) {
        let (config, _) = builder::split(config);
        let said = format!("{source}/{}", workflow.trim_start_matches('/'));
        if workflow.starts_with(".github/workflows/") && config != said {
            found.push(format!(
                "the workflow is {said}, and {config} in the certificate"
            ));
        }
    }
    found
}

fn delegated(signer: &Signer) -> bool {
    let name = signer.identity.as_deref().map(|id| builder::split(id).0);
    let known = name.and_then(builder::known);
    known.is_some_and(|known| known.delegates)
}

/// Who says who built it must be the builder, or the platform that the builder is.
fn authority(signer: &Signer, build: &Build) -> Option<String> {
    let Some(identity) = signer
        .identity
        .as_deref()
        .filter(|_| signer.identity_is_uri)
    else {
        return Some(format!(
            "the signer is not the builder {}",
            build.builder_id
        ));
    };
    let (name, version) = builder::split(identity);
    let (builder_name, builder_version) = builder::split(&build.builder_id);
    if name == builder_name {
        return match builder_version {
            Some(said) if Some(said) != version => Some(format!(
                "the builder's version is {said}, and {} in the certificate",
                version.unwrap_or("none")
            )),
            _ => None,
        };
    }
    let github = signer.issuer.as_deref() == Some(GITHUB_ISSUER);
    if github && delegated(signer) {
        return None;
    }
    let environment = signer.claims.runner_environment.as_deref();
    if github && let Some(kind) = build.builder_id.strip_prefix(RUNNER) {
        let agrees = match kind.strip_prefix('/') {
            Some(kind) => environment == Some(kind),
            None => kind.is_empty(),
        };
        if agrees {
            return None;
        }
    }
    Some(format!(
        "the builder is {}, and the signer {identity}",
        build.builder_id
    ))
}
