//! What is expected of an artifact's provenance, and the proof that it is so.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::attestation::Attestation;
use crate::build::Build;
use crate::builder;
use crate::builders::Builders;
use crate::cross;
use crate::error::Error;
use crate::level::{self, Assessment};
use crate::npm::Package;
use crate::pattern::Pattern;

/// What is expected. Nothing that is not given is checked, and the signer must be given: by
/// identity and issuer, by key, by builder or by source.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Expectations {
    /// The name in the certificate.
    pub identity: Option<Pattern>,
    /// Who vouches for that name.
    pub issuer: Option<Pattern>,
    /// The repository, such as `github.com/owner/repository`.
    pub source_uri: Option<String>,
    /// The branch.
    pub source_branch: Option<String>,
    /// The tag.
    pub source_tag: Option<String>,
    /// A version that the tag must begin with: `v1.2` is met by `v1.2.3`.
    pub source_versioned_tag: Option<String>,
    /// The builder, by name or by name and version (`…@v1.2.3`).
    pub builder_id: Option<String>,
    /// What the person who started the build must have given.
    pub inputs: BTreeMap<String, String>,
    /// The lowest SLSA Build level.
    pub min_level: Option<u8>,
    /// Whether a known builder may be another version than a release. Default: it may not, since
    /// what a branch holds changes. The level stays at 1 in any case.
    pub unreleased_builder: UnreleasedBuilder,
    /// A signed table of builders. It stands before the built-in one, and adds to it.
    pub builders: Option<Builders>,
}

/// Whether a known builder may be another version than a release.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum UnreleasedBuilder {
    /// Only releases: `refs/tags/v1.2.3`.
    #[default]
    Refuse,
    /// Any version: for whoever tests builders.
    Allow,
}

/// Whether something that is expected is so.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// What is expected, such as `source_uri`.
    pub name: &'static str,
    /// Whether it is so.
    pub met: bool,
    /// For people.
    pub detail: String,
}

/// The proof that an artifact's provenance is as expected. Only the check makes it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Provenance {
    findings: Findings,
}

/// The answer when it is not. The evidence itself is good.
#[derive(Clone, Debug)]
#[must_use]
pub struct Refusal {
    findings: Findings,
}

/// What was found, whether it is as expected or not.
#[derive(Clone, Debug)]
pub struct Findings {
    attestation: Attestation,
    build: Option<Build>,
    assessment: Assessment,
    checks: Vec<Check>,
    differences: Vec<String>,
}

impl Findings {
    /// Who signed what, and when.
    pub fn attestation(&self) -> &Attestation {
        &self.attestation
    }

    /// The build, if the statement is about one.
    pub fn build(&self) -> Option<&Build> {
        self.build.as_ref()
    }

    /// The SLSA Build level, if there is something to assess.
    pub fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// Everything that was expected.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// In what the statement differs from the certificate.
    pub fn differences(&self) -> &[String] {
        &self.differences
    }
}

impl Provenance {
    /// What was found.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl Refusal {
    /// What was found, everything that is unmet among it.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    pub(crate) fn summary(&self) -> String {
        let unmet = self.findings.checks.iter().filter(|check| !check.met);
        let unmet: Vec<_> = unmet
            .map(|check| format!("{}: {}", check.name, check.detail))
            .collect();
        unmet.join("; ")
    }
}

/// What an attestation comes to without any expectation: who signed, what it says.
///
/// # Errors
/// [`Error::Rejected`] if the statement is no provenance although it says so.
pub fn inspect(attestation: Attestation) -> Result<Findings, Error> {
    Expectations::default().inspect(attestation)
}

fn inspect_with(attestation: Attestation, table: Option<&Builders>) -> Result<Findings, Error> {
    let build = match attestation.statement() {
        Some(statement) => Build::of(statement)?,
        None => None,
    };
    let differences = match &build {
        Some(build) => cross::differences(attestation.signer(), build),
        None => Vec::new(),
    };
    let assessment = level::assess(&attestation, build.as_ref(), &differences, table);
    Ok(Findings {
        attestation,
        build,
        assessment,
        checks: Vec::new(),
        differences,
    })
}

impl Expectations {
    /// Whether they say who must have signed. Without that anybody may have.
    pub fn name_a_signer(&self, with_key: bool) -> bool {
        with_key
            || (self.identity.is_some() && self.issuer.is_some())
            || self.builder_id.is_some()
            || self.source_uri.is_some()
    }

    /// As [`inspect`], with the signed table of builders where there is one.
    ///
    /// # Errors
    /// As [`inspect`].
    pub fn inspect(&self, attestation: Attestation) -> Result<Findings, Error> {
        inspect_with(attestation, self.builders.as_ref())
    }

    fn concern_the_build(&self) -> bool {
        self.source_uri.is_some()
            || self.source_branch.is_some()
            || self.source_tag.is_some()
            || self.source_versioned_tag.is_some()
            || self.builder_id.is_some()
            || !self.inputs.is_empty()
            || self.min_level.is_some()
    }

    /// Whether what was signed is what is expected.
    ///
    /// # Errors
    /// [`Error::Unmet`] with everything that is not, and [`Error::Rejected`] if the statement is
    /// no provenance although it says so.
    pub fn check(&self, attestation: Attestation) -> Result<Provenance, Error> {
        self.check_with(attestation, Checks(Vec::new()))
    }

    pub(crate) fn check_package(
        &self,
        attestation: Attestation,
        package: &Package,
        name: &str,
        version: &str,
    ) -> Result<Provenance, Error> {
        let mut checks = Checks(Vec::new());
        if self.builder_id.is_none() {
            checks.unmet("builder_id", "a builder must be expected of npm's packages");
        }
        if let Some(expected) = &package.name {
            checks.expect("package_name", expected == name, expected, name);
        }
        if let Some(expected) = &package.version {
            checks.expect("package_version", expected == version, expected, version);
        }
        self.check_with(attestation, checks)
    }

    fn check_with(
        &self,
        attestation: Attestation,
        mut checks: Checks,
    ) -> Result<Provenance, Error> {
        let mut findings = self.inspect(attestation)?;
        self.check_signer(&findings, &mut checks);
        if self.concern_the_build() {
            match &findings.build {
                None => checks.unmet("provenance", "it says nothing of a build"),
                Some(build) => {
                    checks.add(
                        "signer_is_builder",
                        findings.differences.is_empty(),
                        match findings.differences.is_empty() {
                            true => "statement and certificate agree".to_owned(),
                            false => findings.differences.join("; "),
                        },
                    );
                    self.check_builder(&findings, build, &mut checks);
                    self.check_source(build, &mut checks);
                }
            }
            self.check_level(&findings, &mut checks);
        }
        let met = checks.0.iter().all(|check| check.met);
        findings.checks = checks.0;
        match met {
            true => Ok(Provenance { findings }),
            false => Err(Error::Unmet(Box::new(Refusal { findings }))),
        }
    }

    fn check_signer(&self, findings: &Findings, checks: &mut Checks) {
        let signer = findings.attestation.signer();
        if !self.name_a_signer(signer.key.is_some()) {
            checks.unmet("signer", "it is not said who must have signed");
        }
        let names = [
            ("identity", &self.identity, &signer.identity),
            ("issuer", &self.issuer, &signer.issuer),
        ];
        for (name, expected, actual) in names {
            let Some(expected) = expected else { continue };
            let actual = actual.as_deref();
            let met = actual.is_some_and(|actual| expected.fits(actual));
            let actual = actual.unwrap_or("none");
            let detail = match met {
                true => actual.to_owned(),
                false => format!("{expected} is expected, and it is {actual}"),
            };
            checks.add(name, met, detail);
        }
    }

    fn check_builder(&self, findings: &Findings, build: &Build, checks: &mut Checks) {
        let signer = findings.attestation.signer();
        let identity = signer.identity.as_deref().map(builder::split);
        let (name, version) = identity.map_or(("none", None), |(name, version)| (name, version));
        let known = identity.and_then(|(name, _)| builder::known(name));
        let listed = level::listed(signer, self.builders.as_ref()).is_some();
        let actual = &build.builder_id;
        match &self.builder_id {
            Some(expected) => {
                // Runners are told apart by what the certificate says of them.
                let environment = signer.claims.runner_environment.as_deref();
                let met = match environment.filter(|_| actual == builder::RUNNER) {
                    Some(environment) => {
                        let runner = format!("{}/{environment}", builder::RUNNER);
                        *expected == runner || expected == actual
                    }
                    None => builder::is(expected, actual),
                };
                checks.expect("builder_id", met, expected, actual);
            }
            // Somebody must be: a statement by just anybody says nothing of a source.
            None if self.identity.is_none() && signer.key.is_none() => {
                let met = listed || known.is_some_and(|known| !known.delegates);
                let detail = match met {
                    true => format!("{name} is a known builder"),
                    false => format!("{name} is not a known builder, and none is expected"),
                };
                checks.add("builder_id", met, detail);
            }
            None => {}
        }
        if (listed || known.is_some()) && self.identity.is_none() {
            let met =
                builder::is_release(version) || self.unreleased_builder == UnreleasedBuilder::Allow;
            let version = version.unwrap_or("none");
            checks.add("builder_version", met, version.to_owned());
        }
    }

    fn check_source(&self, build: &Build, checks: &mut Checks) {
        if let Some(expected) = &self.source_uri {
            let actual = build.source.as_deref();
            let met = actual.is_some_and(|actual| repository(expected) == repository(actual));
            checks.expect("source_uri", met, expected, actual.unwrap_or("none"));
        }
        let reference = build.source_ref.as_deref().unwrap_or("none");
        let tag = reference.strip_prefix("refs/tags/");
        if let Some(expected) = &self.source_branch {
            let met = reference.strip_prefix("refs/heads/") == Some(expected);
            checks.expect("source_branch", met, expected, reference);
        }
        if let Some(expected) = &self.source_tag {
            checks.expect("source_tag", tag == Some(expected), expected, reference);
        }
        if let Some(expected) = &self.source_versioned_tag {
            let met = tag.is_some_and(|tag| builder::is_version(expected, tag));
            checks.expect("source_versioned_tag", met, expected, reference);
        }
        for (name, expected) in &self.inputs {
            let actual = build.inputs.get(name).map_or("none", String::as_str);
            let expected = format!("{name}={expected}");
            let actual = format!("{name}={actual}");
            let met = expected == actual && build.inputs.contains_key(name);
            checks.expect("build_workflow_input", met, &expected, &actual);
        }
    }

    fn check_level(&self, findings: &Findings, checks: &mut Checks) {
        let Some(wanted) = self.min_level else { return };
        let reached = findings.assessment.level;
        let met = wanted == 0 || reached.is_some_and(|level| level.number() >= wanted);
        let reasons = findings.assessment.reasons.join("; ");
        let detail = format!("level {wanted} is expected; {reasons}");
        checks.add("min_level", met, detail);
    }
}

pub(crate) struct Checks(pub(crate) Vec<Check>);

impl Checks {
    pub(crate) fn add(&mut self, name: &'static str, met: bool, detail: String) {
        self.0.push(Check { name, met, detail });
    }

    fn unmet(&mut self, name: &'static str, detail: &str) {
        self.add(name, false, detail.to_owned());
    }

    pub(crate) fn expect(&mut self, name: &'static str, met: bool, expected: &str, actual: &str) {
        let detail = match met {
            true => actual.to_owned(),
            false => format!("{expected} is expected, and it is {actual}"),
        };
        self.add(name, met, detail);
    }
}

/// A repository without what may stand before it. Hosts and names keep their case.
fn repository(uri: &str) -> &str {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.strip_prefix("https://").unwrap_or(uri);
    uri.strip_suffix(".git").unwrap_or(uri)
}
