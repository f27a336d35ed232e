//! `omg audit slsa`: how, from what and by whom an artifact was built.

mod artifact;
mod builders;
mod buildinfo;
mod bundles;
mod online;
mod rebuild;
mod summary;

use std::path::PathBuf;

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_slsa::{
    Algorithm, Check, Digests, Domain, Error, Expectations, Findings, NpmAttestations, Package,
    Pattern, Provenance, PublicKey, Refusal, Rejection, TrustRoot, UnreleasedBuilder, Verifier,
    parse_bundles,
};

use self::artifact::{Artifact, evidence, read_bounded};
use self::bundles::{judged, logged};
use crate::args::{self, SlsaDomain};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::record::read_small;
use crate::render;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

/// The longest key.
const MAX_KEY: u64 = 1 << 16;

/// What a check came to.
pub enum Answer {
    Verified(Box<Provenance>),
    Unmet(Box<Refusal>),
    /// Another verifier's verdict or others' rebuilds, and whether it is as expected.
    Summary(Vec<Check>, bool),
    /// Good evidence, and nothing says who must have signed.
    Unasked(Box<Findings>),
    Invalid(Rejection, String),
    /// There is no evidence, or no digest that it needs.
    Missing(String),
}

/// Everything that a result shows.
pub struct Checked {
    pub artifact: String,
    pub digests: Option<Digests>,
    pub bundle: Option<PathBuf>,
    pub domain: Domain,
    pub answer: Answer,
    /// Other bundles of the same file, which do not count.
    pub others: Vec<(Rejection, String)>,
}

impl Checked {
    pub fn status(&self) -> &'static str {
        match &self.answer {
            Answer::Verified(_) | Answer::Summary(_, true) => "verified",
            Answer::Unmet(_) | Answer::Summary(_, false) => "unmet",
            Answer::Invalid(..) => "invalid",
            Answer::Unasked(_) | Answer::Missing(_) => "missing",
        }
    }

    pub fn exit(&self) -> Exit {
        match &self.answer {
            Answer::Verified(_) | Answer::Summary(_, true) => Exit::Ok,
            Answer::Unmet(_) | Answer::Summary(_, false) => Exit::Findings,
            Answer::Invalid(..) => Exit::Integrity,
            Answer::Unasked(_) | Answer::Missing(_) => Exit::Incomplete,
        }
    }

    /// Everything that was expected.
    pub fn checks(&self) -> &[Check] {
        match &self.answer {
            Answer::Summary(checks, _) => checks,
            _ => self.findings().map_or(&[], Findings::checks),
        }
    }

    pub fn findings(&self) -> Option<&Findings> {
        match &self.answer {
            Answer::Verified(provenance) => Some(provenance.findings()),
            Answer::Unmet(refusal) => Some(refusal.findings()),
            Answer::Unasked(findings) => Some(findings),
            _ => None,
        }
    }
}

pub fn run(context: &Context, args: &args::Slsa) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let checked = look(context, args)?;
    let style = context.style();
    plan.write(|format, terminal| {
        let colour = style.colour && terminal;
        render::slsa(&checked, format, render::Style { colour, ..style })
    })?;
    let logged = context.record(vec![event(&checked)]);
    Ok(checked.exit().max(logged))
}

/// Checks an artifact's provenance, without saying so.
pub fn look(context: &Context, args: &args::Slsa) -> Result<Checked, Failure> {
    let mut expectations = expectations(args)?;
    expectations.builders = builders::of(context, args)?;
    let trust = Trust::of(context, args)?;
    check(context, args, &trust, &expectations)
}

fn expectations(args: &args::Slsa) -> Result<Expectations, Failure> {
    let pattern = |exact: &Option<String>, regex: &Option<String>| match (exact, regex) {
        (Some(name), _) => Ok(Some(Pattern::exact(name))),
        (None, Some(regex)) => Pattern::regex(regex)
            .map(Some)
            .map_err(|error| Failure::usage("an expected name is not usable").because(&error)),
        (None, None) => Ok(None),
    };
    let mut expectations = Expectations::default();
    expectations.identity = pattern(
        &args.certificate_identity,
        &args.certificate_identity_regexp,
    )?;
    expectations.issuer = pattern(
        &args.certificate_oidc_issuer,
        &args.certificate_oidc_issuer_regexp,
    )?;
    expectations.source_uri.clone_from(&args.source_uri);
    expectations.source_branch.clone_from(&args.source_branch);
    expectations.source_tag.clone_from(&args.source_tag);
    expectations
        .source_versioned_tag
        .clone_from(&args.source_versioned_tag);
    expectations.builder_id.clone_from(&args.builder_id);
    expectations.inputs = args.build_workflow_input.iter().cloned().collect();
    expectations.min_level = args.min_level;
    if args.allow_unreleased_builder {
        expectations.unreleased_builder = UnreleasedBuilder::Allow;
    }
    Ok(expectations)
}

/// Whom to believe.
struct Trust {
    root: TrustRoot,
    verifier: Verifier,
}

impl Trust {
    fn root(context: &Context, args: &args::Slsa) -> Result<TrustRoot, Failure> {
        let domain = match args.trust_domain {
            SlsaDomain::PublicGood => Domain::PublicGood,
            SlsaDomain::Github => Domain::Github,
        };
        let root = match &args.trusted_root {
            None if args.refresh_root => Ok(online::refresh(context, domain)?),
            None => match online::kept(context, domain) {
                Some(root) => Ok(root),
                None => online::embedded(context, domain),
            },
            Some(path) => {
                let bytes = read_bounded(path).map_err(|error| {
                    Failure::config(format!("cannot read the trusted root {}", path.display()))
                        .because(&error)
                })?;
                TrustRoot::parse(&bytes, domain)
            }
        };
        root.map_err(|error| unusable(&error))
    }

    fn verifier(root: &TrustRoot) -> Result<Verifier, Failure> {
        Verifier::new(root).map_err(|error| unusable(&error))
    }

    fn of(context: &Context, args: &args::Slsa) -> Result<Self, Failure> {
        let root = Self::root(context, args)?;
        let mut verifier = Self::verifier(&root)?;
        if let Some(path) = &args.key {
            let text = read_small(path, MAX_KEY).map_err(|error| {
                Failure::config(format!("cannot read the key {}", path.display())).because(&error)
            })?;
            let key = PublicKey::from_pem(&text).map_err(|error| unusable(&error))?;
            verifier = verifier.with_key(key);
        }
        Ok(Self { root, verifier })
    }
}

fn unusable(error: &Error) -> Failure {
    Failure::config("cannot verify").because(error)
}

fn check(
    context: &Context,
    args: &args::Slsa,
    trust: &Trust,
    expectations: &Expectations,
) -> Result<Checked, Failure> {
    let mut checked = Checked {
        artifact: args.artifact.clone(),
        digests: None,
        bundle: None,
        domain: trust.root.domain(),
        answer: Answer::Missing(String::new()),
        others: Vec::new(),
    };
    if summary::is_asked(args) {
        return summary::check(context, args, checked);
    }
    if rebuild::is_asked(args) {
        return rebuild::check(context, args, checked);
    }
    let artifact = match Artifact::open(&args.artifact, &context.common.root) {
        Ok(artifact) => artifact,
        Err(detail) => {
            checked.answer = Answer::Missing(detail);
            return Ok(checked);
        }
    };
    if args.rekor {
        return logged(context, args, trust, expectations, artifact, checked);
    }
    let Some((path, bytes)) = evidence(args, &artifact)? else {
        checked.answer = Answer::Missing(format!("there is no bundle beside {}", args.artifact));
        return Ok(checked);
    };
    checked.bundle = Some(path);
    if NpmAttestations::recognise(&bytes) {
        return npm(
            context,
            args,
            trust,
            expectations,
            artifact,
            &bytes,
            checked,
        );
    }
    let bundles = match parse_bundles(&bytes) {
        Ok(bundles) => bundles,
        Err(error) => {
            checked.answer = answer(Err(error));
            return Ok(checked);
        }
    };
    let digests = artifact.digests(&bundles).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", args.artifact)).because(&error)
    })?;
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

/// npm's attestations: the registry's and the build's, which must both be good.
fn npm(
    context: &Context,
    args: &args::Slsa,
    trust: &Trust,
    expectations: &Expectations,
    artifact: Artifact,
    bytes: &[u8],
    mut checked: Checked,
) -> Result<Checked, Failure> {
    let attestations = match NpmAttestations::parse(bytes) {
        Ok(attestations) => attestations,
        Err(error) => {
            checked.answer = answer(Err(error));
            return Ok(checked);
        }
    };
    let bundles = [Ok(attestations.provenance().clone())];
    let digests = artifact.digests(&bundles).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", args.artifact)).because(&error)
    })?;
    let package = Package {
        name: args.package_name.clone(),
        version: args.package_version.clone(),
    };
    let found = match expectations.name_a_signer(false) {
        true => attestations
            .verify(&trust.root, &digests, expectations, &package, context.at)
            .map(|provenance| Answer::Verified(Box::new(provenance))),
        false => trust
            .verifier
            .authenticate(attestations.provenance(), &digests, context.at)
            .and_then(|found| expectations.inspect(found))
            .map(|found| Answer::Unasked(Box::new(found))),
    };
    checked.answer = answer(found);
    checked.digests = Some(digests);
    Ok(checked)
}

fn answer(result: Result<Answer, Error>) -> Answer {
    match result {
        Ok(answer) => answer,
        Err(Error::Unmet(refusal)) => Answer::Unmet(refusal),
        Err(Error::Rejected { reason, detail }) => Answer::Invalid(reason, detail),
        Err(Error::MissingDigest { needed }) => {
            Answer::Missing(format!("the artifact's {needed} digest is needed"))
        }
        Err(other) => Answer::Invalid(Rejection::TrustRoot, other.to_string()),
    }
}

fn event(checked: &Checked) -> Event {
    let (kind, severity) = match checked.exit() {
        Exit::Ok => (EventKind::ProvenanceVerified, Severity::Info),
        Exit::Integrity => (EventKind::ProvenanceFailed, Severity::Critical),
        _ => (EventKind::ProvenanceFailed, Severity::Warning),
    };
    let outcome = match checked.exit() {
        Exit::Ok => Outcome::Success,
        Exit::Incomplete => Outcome::Incomplete,
        _ => Outcome::Failure,
    };
    let artifact: String = checked.artifact.chars().take(256).collect();
    let mut event = Event::new(kind)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", "slsa")
        .with("status", checked.status())
        .with("exit", u32::from(checked.exit().code()))
        .with("artifact", artifact);
    let sha256 = checked
        .digests
        .as_ref()
        .and_then(|digests| digests.get(Algorithm::Sha256));
    if let Some(sha256) = sha256 {
        event = event.with("sha256", sha256.to_hex());
    }
    if let Answer::Invalid(reason, _) = &checked.answer {
        event = event.with("reason", reason.name());
    }
    if let Some(findings) = checked.findings() {
        if let Some(identity) = &findings.attestation().signer().identity {
            let identity: String = identity.chars().take(256).collect();
            event = event.with("identity", identity);
        }
        if let Some(level) = findings.assessment().level {
            event = event.with("level", u32::from(level.number()));
        }
    }
    event
}
