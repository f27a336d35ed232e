//! SLSA Build levels: what a verified statement is worth.
//!
//! <https://slsa.dev/spec/v1.2/build-track-basics>

use serde::Serialize;

use crate::attestation::{Attestation, Signer};
use crate::build::Build;
use crate::builder::{self, GITHUB_ISSUER, RUNNER};
use crate::builders::{Builders, Entry};

/// A SLSA Build level that was reached. Only a verified statement gives one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Level(u8);

impl Level {
    /// The number, 1 to 3.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// The level, and why it is that and no other.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Assessment {
    /// `None` if there is nothing to assess: no statement about a build that is to be believed.
    pub level: Option<Level>,
    /// For people.
    pub reasons: Vec<String>,
}

impl Assessment {
    fn none(reason: impl Into<String>) -> Self {
        Self {
            level: None,
            reasons: vec![reason.into()],
        }
    }

    fn new(level: u8, reason: impl Into<String>) -> Self {
        Self {
            level: Some(Level(level)),
            reasons: vec![reason.into()],
        }
    }
}

/// `differences` are those between the statement and the certificate.
pub(crate) fn assess(
    attestation: &Attestation,
    build: Option<&Build>,
    differences: &[String],
    builders: Option<&Builders>,
) -> Assessment {
    let Some(build) = build else {
        return Assessment::none("not assessed: it says nothing of a build");
    };
    if !differences.is_empty() {
        let mut reasons =
            vec!["not assessed: the statement is not its signer's to make".to_owned()];
        reasons.extend(differences.iter().cloned());
        return Assessment {
            level: None,
            reasons,
        };
    }
    hosted(attestation.signer(), build, builders)
}

fn hosted(signer: &Signer, build: &Build, builders: Option<&Builders>) -> Assessment {
    let Some(identity) = signer.identity.as_deref() else {
        return unknown(build);
    };
    let (name, version) = builder::split(identity);
    if let Some(listed) = listed(signer, builders) {
        return match (self_hosted(signer), unreleased(version)) {
            (Some(reason), _) => reason,
            (None, Some(reason)) => Assessment::new(1, reason),
            (None, None) => {
                let (level, reason) = (listed.level, &listed.reason);
                Assessment::new(
                    level,
                    format!("level {level}, by the signed table: {reason}"),
                )
            }
        };
    }
    if signer.issuer.as_deref() != Some(GITHUB_ISSUER) {
        return unknown(build);
    }
    if let Some(reason) = self_hosted(signer) {
        return reason;
    }
    let Some(known) = builder::known(name) else {
        if build.builder_id.starts_with(RUNNER) || build.builder_id == identity {
            let reason = "level 2: a workflow on GitHub's machines, and GitHub's own token says \
                which; the build's own steps could reach the signing";
            return Assessment::new(2, reason);
        }
        return unknown(build);
    };
    if let Some(reason) = unreleased(version) {
        return Assessment::new(1, reason);
    }
    if !known.delegates {
        return Assessment::new(
            known.level,
            format!("level {}: {}", known.level, known.reason),
        );
    }
    // It signs for a workflow of anybody's, so that one must be known too.
    let (name, version) = builder::split(&build.builder_id);
    let Some(builder) = builder::known(name).filter(|builder| !builder.delegates) else {
        return unknown(build);
    };
    match unreleased(version) {
        Some(reason) => Assessment::new(1, reason),
        None => {
            let level = builder.level.min(known.level);
            Assessment::new(level, format!("level {level}: {}", known.reason))
        }
    }
}

/// What a signed table says of the signer.
pub(crate) fn listed<'a>(signer: &Signer, builders: Option<&'a Builders>) -> Option<&'a Entry> {
    let (identity, issuer) = (signer.identity.as_deref()?, signer.issuer.as_deref()?);
    builders?.find(builder::split(identity).0, issuer)
}

fn self_hosted(signer: &Signer) -> Option<Assessment> {
    let reason = "level 1: it ran on a machine of the repository's owner";
    let environment = signer.claims.runner_environment.as_deref();
    (environment == Some("self-hosted")).then(|| Assessment::new(1, reason))
}

fn unreleased(version: Option<&str>) -> Option<String> {
    let shown = version.unwrap_or("no version");
    match builder::is_release(version) {
        true => None,
        false => Some(format!("level 1: {shown} of the builder is no release")),
    }
}

fn unknown(build: &Build) -> Assessment {
    let builder = &build.builder_id;
    Assessment::new(
        1,
        format!("level 1: nothing is known of the builder {builder}"),
    )
}
