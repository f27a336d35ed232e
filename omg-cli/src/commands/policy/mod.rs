//! `omg audit policy`: what is allowed here, and why.

pub mod events;
pub mod evidence;
pub mod layers;
pub mod rego;

use std::path::Path;

use chrono::{DateTime, Utc};
use omg_policy::{
    CaseResult, Comparison, Decision, Evidence, Layer, LayerKind, MAX_CASES_BYTES, Policy,
    PolicyTests, Review, Verdict,
};

use self::evidence::Installed;
use self::rego::Rego;
use crate::args::{self, PolicyAdvisories, PolicyCommand};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::render;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

/// A policy, and how a result names it.
pub struct Named {
    pub policy: Policy,
    /// What may only tighten it.
    pub rego: Rego,
    pub sha256: String,
}

impl Named {
    /// What all of it says of a package.
    pub fn decide(
        &self,
        evidence: &Evidence,
        at: DateTime<Utc>,
        order: omg_vuln::version::Order,
    ) -> Decision {
        let compare = |a: &str, b: &str| order.compare(a, b);
        let decision = self.policy.decide(evidence, at, &compare);
        self.rego.tighten(decision, evidence, at)
    }
}

/// What a result shows.
pub enum Shown {
    Rules,
    /// What was decided; with every rule, for one package.
    Decisions {
        packages: Vec<Decided>,
        review: Review,
        problems: Vec<String>,
        whole: bool,
    },
    Diff(Comparison),
    Cases(Vec<CaseResult>),
}

/// What was decided about a package.
#[derive(Clone)]
pub struct Decided {
    pub name: String,
    pub version: String,
    pub decision: Decision,
}

impl Shown {
    pub fn exit(&self) -> Exit {
        match self {
            Self::Rules => Exit::Ok,
            Self::Decisions {
                packages, problems, ..
            } => {
                let rejected = packages
                    .iter()
                    .any(|p| p.decision.verdict == Verdict::Reject);
                let found = if rejected { Exit::Findings } else { Exit::Ok };
                if problems.is_empty() {
                    found
                } else {
                    Exit::Incomplete
                }
            }
            Self::Diff(Comparison::Equal | Comparison::Stricter { .. }) => Exit::Ok,
            Self::Diff(_) => Exit::Findings,
            Self::Cases(cases) if cases.iter().all(|case| case.failures.is_empty()) => Exit::Ok,
            Self::Cases(_) => Exit::Findings,
        }
    }
}

pub fn run(context: &Context, args: &args::Policy) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let compares = matches!(
        args.command,
        Some(PolicyCommand::Diff { .. } | PolicyCommand::Test { .. })
    );
    if compares && !context.common.rego.is_empty() {
        let message = "policies in Rego can neither be compared nor tested here";
        return Err(Failure::usage(message).try_this("opa test, with omg's schema of evidence"));
    }
    let (named, shown) = match &args.command {
        Some(PolicyCommand::Diff { a, b }) => diff(context, a, b)?,
        None | Some(PolicyCommand::Show) => (layers::effective(context)?, Shown::Rules),
        Some(PolicyCommand::Test { file }) => test(context, file)?,
        Some(PolicyCommand::Check(asked)) => {
            check(context, &asked.package, &asked.advisories, false)?
        }
        Some(PolicyCommand::Explain(explain)) => {
            let package = std::slice::from_ref(&explain.package);
            check(context, package, &explain.advisories, true)?
        }
    };
    let style = context.style();
    plan.write(|format, terminal| {
        let colour = style.colour && terminal;
        render::policy(&named, &shown, format, render::Style { colour, ..style })
    })?;
    let logged = match args.command {
        // These two say nothing about this machine.
        Some(PolicyCommand::Diff { .. } | PolicyCommand::Test { .. }) => Exit::Ok,
        _ => context.record(events::of(context, &named, &shown)),
    };
    Ok(shown.exit().max(logged))
}

fn check(
    context: &Context,
    packages: &[String],
    advisories: &PolicyAdvisories,
    whole: bool,
) -> Result<(Named, Shown), Failure> {
    let named = layers::effective(context)?;
    let mut installed = Installed::gather(context, &advisories.advisories)?;
    installed.keep(packages)?;
    let shown = decide(context, &named, installed, whole);
    Ok((named, shown))
}

/// What the policy says of these.
pub fn decide(context: &Context, named: &Named, installed: Installed, whole: bool) -> Shown {
    let decided = |(evidence, order): &(Evidence, omg_vuln::version::Order)| Decided {
        name: evidence.name.clone().unwrap_or_default(),
        version: evidence.version.clone().unwrap_or_default(),
        decision: named.decide(evidence, context.at, *order),
    };
    let packages: Vec<Decided> = installed.packages.iter().map(decided).collect();
    let decisions = packages.iter().map(|package| &package.decision);
    let review = named.policy.review(decisions, context.at);
    Shown::Decisions {
        packages,
        review,
        problems: installed.problems,
        whole,
    }
}

fn diff(context: &Context, a: &Path, b: &Path) -> Result<(Named, Shown), Failure> {
    let read = |path: &Path| -> Result<Policy, Failure> {
        let bytes = layers::read(path)?;
        let file = path.to_string_lossy();
        let layer = Layer::parse(LayerKind::CommandLine, &file, &bytes);
        Ok(Policy::new([
            layer.map_err(|error| layers::invalid(&error))?
        ]))
    };
    let (first, second) = (read(a)?, read(b)?);
    let order = evidence::order(context);
    let compare = |a: &str, b: &str| order.compare(a, b);
    let comparison = Comparison::of(&first, &second, context.at, &compare);
    Ok((
        layers::named(second, Rego::default()),
        Shown::Diff(comparison),
    ))
}

fn test(context: &Context, file: &Path) -> Result<(Named, Shown), Failure> {
    let limit = u64::try_from(MAX_CASES_BYTES).unwrap_or(u64::MAX);
    let bytes = crate::store::read_bounded(file, limit).map_err(|error| {
        Failure::config(format!("cannot read the tests {}", file.display())).because(&error)
    })?;
    let tests = PolicyTests::parse(&file.to_string_lossy(), &bytes)
        .map_err(|error| Failure::config("the tests are invalid").because(&error))?;
    let named = layers::effective(context)?;
    let order = evidence::order(context);
    let results = tests.run(&named.policy, &|a, b| order.compare(a, b));
    Ok((named, Shown::Cases(results)))
}
