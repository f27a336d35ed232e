//! Decisions about installed packages, comparisons and tests of policies.

use std::path::{Path, PathBuf};

use omg_policy::{Comparison, Evidence, Layer, LayerKind, MAX_CASES_BYTES, Policy, PolicyTests};
use omg_vuln::version::Order;

use super::active::ActivePolicy;
use super::evidence::{InstalledEvidence, order};
use super::files::read;
use super::layers;
use super::rego::Rego;
use super::result::{PackageDecision, PolicyResult};
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_bounded;

/// Decides about these installed packages; about all, if none is named.
pub fn check(
    context: &Context,
    packages: &[String],
    advisories: &[PathBuf],
    whole: bool,
) -> Result<(ActivePolicy, PolicyResult), Failure> {
    let named = layers::effective(context)?;
    let mut installed = InstalledEvidence::gather(context, advisories)?;
    installed.keep(packages)?;
    let shown = decide(context, &named, installed, whole);
    Ok((named, shown))
}

/// Decides about packages of which the evidence is known.
pub fn decide(
    context: &Context,
    named: &ActivePolicy,
    installed: InstalledEvidence,
    whole: bool,
) -> PolicyResult {
    let decided = |(evidence, order): &(Evidence, Order)| {
        PackageDecision::of(named.decide(evidence, context.at, *order))
    };
    let packages: Vec<PackageDecision> = installed.packages.iter().map(decided).collect();
    let decisions = packages.iter().map(|package| &package.decision);
    let review = named.policy.review(decisions, context.at);
    PolicyResult::Decisions {
        packages,
        review,
        problems: installed.problems,
        whole,
    }
}

/// Compares two policies.
pub fn diff(
    context: &Context,
    a: &Path,
    b: &Path,
) -> Result<(ActivePolicy, PolicyResult), Failure> {
    let read = |path: &Path| -> Result<Policy, Failure> {
        let bytes = read(path)?;
        let file = path.to_string_lossy();
        let layer = Layer::parse(LayerKind::CommandLine, &file, &bytes);
        Ok(Policy::new([
            layer.map_err(|error| layers::invalid(&error))?
        ]))
    };
    let (first, second) = (read(a)?, read(b)?);
    let order = order(context);
    let compare = |a: &str, b: &str| order.compare(a, b);
    let comparison = Comparison::of(&first, &second, context.at, &compare);
    Ok((
        ActivePolicy::new(second, Rego::default()),
        PolicyResult::Diff(comparison),
    ))
}

/// Runs the tests of a policy.
pub fn test(context: &Context, file: &Path) -> Result<(ActivePolicy, PolicyResult), Failure> {
    let limit = u64::try_from(MAX_CASES_BYTES).unwrap_or(u64::MAX);
    let bytes = read_bounded(file, limit).map_err(|error| {
        Failure::config(format!("cannot read the tests {}", file.display())).because(&error)
    })?;
    let tests = PolicyTests::parse(&file.to_string_lossy(), &bytes)
        .map_err(|error| Failure::config("the tests are invalid").because(&error))?;
    let named = layers::effective(context)?;
    let order = order(context);
    let results = tests.run(&named.policy, &|a, b| order.compare(a, b));
    Ok((named, PolicyResult::Cases(results)))
}
