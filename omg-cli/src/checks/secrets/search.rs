//! A search for credentials: rules first, then the bytes, then what is set aside.

use std::path::Path;

use omg_secrets::{Baseline, Config, Group, GroupState, Scanner, StandIns};

use super::query::SearchQuery;
use super::result::{LocatedSecret, SearchResult};
use super::sources;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_bounded;

/// The largest baseline and rules file: 64 MiB and 1 MiB.
const MAX_BASELINE: u64 = 64 << 20;
const MAX_RULES: u64 = 1 << 20;

/// Searches, after refusing what can be refused.
pub fn search(context: &Context, query: &SearchQuery) -> Result<SearchResult, Failure> {
    let baseline = query.baseline.as_deref().map(baseline).transpose()?;
    let config = query.rules.as_deref().map(rules).transpose()?;
    let config = config.unwrap_or_default();
    let scanner = scanner(query, &config)?;
    let mut result = sources::search(query, &scanner)?;
    for expired in config.expired(context.at) {
        context.warn(&format!("allow-list entry expired and ignored: {expired}"));
    }
    for found in &mut result.found {
        found.aside = set_aside(found, baseline.as_ref(), &config, context);
    }
    Ok(result)
}

/// A baseline of everything that counts.
pub fn accept(result: &SearchResult) -> Baseline {
    let mut baseline = Baseline::default();
    // What never fails a search needs nobody's leave.
    let counted = |found: &&LocatedSecret| found.aside.is_none() && !found.is_identifier();
    for found in result.found.iter().filter(counted) {
        baseline.insert(
            found.finding.fingerprint,
            found.finding.rule.id(),
            &found.path,
        );
    }
    baseline
}

fn baseline(path: &Path) -> Result<Baseline, Failure> {
    let refused = |what: &str| Failure::config(format!("the baseline {} {what}", path.display()));
    let bytes = read_bounded(path, MAX_BASELINE)
        .map_err(|error| refused("cannot be read").because(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| refused("is invalid").because(&error))?;
    Baseline::parse(&text).map_err(|line| refused(&format!("is invalid at line {line}")))
}

fn rules(path: &Path) -> Result<Config, Failure> {
    let refused = |what: &str| Failure::config(format!("the rules file {} {what}", path.display()));
    let bytes =
        read_bounded(path, MAX_RULES).map_err(|error| refused("cannot be read").because(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| refused("is invalid").because(&error))?;
    Config::parse(&text).map_err(|error| refused("is invalid").because(&error))
}

fn scanner(query: &SearchQuery, config: &Config) -> Result<Scanner, Failure> {
    let mut builder = config.apply(Scanner::builder());
    if query.no_generic {
        builder = builder.group(Group::Generic, GroupState::Off);
    }
    if query.identifiers {
        builder = builder.group(Group::Identifier, GroupState::On);
    }
    if query.stand_ins {
        builder = builder.stand_ins(StandIns::Report);
    }
    builder
        .build()
        .map_err(|error| Failure::config("the rules are invalid").because(&error))
}

fn set_aside(
    found: &LocatedSecret,
    baseline: Option<&Baseline>,
    config: &Config,
    context: &Context,
) -> Option<String> {
    let finding = &found.finding;
    if let Some(reason) = &finding.allowed {
        return Some(format!("allowed in place: {reason}"));
    }
    if baseline.is_some_and(|baseline| baseline.contains(&finding.fingerprint)) {
        return Some("in the baseline".to_owned());
    }
    config
        .allowed(&found.path, finding, context.at)
        .map(|reason| format!("allowed: {reason}"))
}
