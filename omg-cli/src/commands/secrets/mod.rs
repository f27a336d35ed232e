//! `omg audit secrets`: credentials in files, staged changes and history.

mod events;
mod hook;
mod sources;

use omg_secrets::{Baseline, Config, Finding, Group, GroupState, Scanner, Severity, StandIns};

use crate::args::{self, HookCommand, SecretsCommand, SecretsFailOn};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan, say, write_atomically};
use crate::render;
use crate::store::read_bounded;

const FORMATS: [Format; 5] = [
    Format::Table,
    Format::Json,
    Format::Jsonl,
    Format::Sarif,
    Format::Github,
];

/// The largest baseline and rules file: 64 MiB and 1 MiB.
const MAX_BASELINE: u64 = 64 << 20;
const MAX_RULES: u64 = 1 << 20;

/// Everything that a result shows.
pub struct Searched {
    pub found: Vec<Found>,
    pub problems: Vec<Trouble>,
    /// What was searched, in words and numbers.
    pub files: u64,
    pub bytes: u64,
    pub binary: u64,
    pub what: &'static str,
    pub rules: usize,
    pub reveal: bool,
    /// Whether names that are no secrets are listed for people too.
    pub identifiers: bool,
    pub fail_on: Option<Severity>,
}

/// A finding, where it is, and what became of it.
pub struct Found {
    pub path: String,
    pub commit: Option<Commit>,
    pub finding: Finding,
    /// Why it does not count, if it does not.
    pub aside: Option<String>,
}

impl Found {
    /// Whether it only says whose a credential is, and is none.
    pub fn is_identifier(&self) -> bool {
        self.finding.severity == Severity::None
    }
}

pub struct Commit {
    pub id: String,
    pub author: String,
    pub time: chrono::DateTime<chrono::Utc>,
}

/// Something that was not searched.
pub struct Trouble {
    pub path: String,
    pub kind: &'static str,
    pub detail: String,
    /// Whether the result is incomplete for it.
    pub counts: bool,
}

impl Searched {
    pub fn complete(&self) -> bool {
        !self.problems.iter().any(|problem| problem.counts)
    }

    pub fn fails(&self, found: &Found) -> bool {
        let over = self
            .fail_on
            .is_some_and(|least| found.finding.severity >= least);
        over && found.aside.is_none()
    }

    /// What is listed for people: what counts, and names that are no secrets only on request.
    pub fn listed(&self) -> impl Iterator<Item = &Found> {
        self.found
            .iter()
            .filter(|found| found.aside.is_none() && (self.identifiers || !found.is_identifier()))
    }

    /// How many names that are no secrets are counted only.
    pub fn unlisted(&self) -> usize {
        let counted = self.found.iter().filter(|found| found.aside.is_none());
        counted.count() - self.listed().count()
    }

    pub fn exit(&self) -> Exit {
        if !self.complete() {
            Exit::Incomplete
        } else if self.found.iter().any(|found| self.fails(found)) {
            Exit::Findings
        } else {
            Exit::Ok
        }
    }
}

pub fn run(context: &Context, args: &args::Secrets) -> Result<Exit, Failure> {
    if let Some(SecretsCommand::Hook {
        command: HookCommand::Install,
    }) = args.command
    {
        return hook::install(context);
    }
    let plan = Plan::new(&context.common, &FORMATS)?;
    // What can be refused is refused before anything is searched.
    let baseline = args.baseline.as_deref().map(baseline).transpose()?;
    let config = args
        .rules
        .as_deref()
        .map(rules)
        .transpose()?
        .unwrap_or_default();
    let scanner = scanner(args, &config)?;
    let mut searched = sources::search(context, args, &scanner)?;
    for expired in config.expired(context.at) {
        context.warn(&format!("allow-list entry expired and ignored: {expired}"));
    }
    for found in &mut searched.found {
        found.aside = set_aside(found, baseline.as_ref(), &config, context);
    }
    if let Some(path) = &args.write_baseline {
        return write_baseline(path, &searched);
    }
    let style = context.style();
    plan.write(|format, terminal| {
        let colour = style.colour && terminal;
        render::secrets(&searched, format, render::Style { colour, ..style })
    })?;
    let logged = context.record(events::of(&searched));
    Ok(searched.exit().max(logged))
}

fn baseline(path: &std::path::Path) -> Result<Baseline, Failure> {
    let refused = |what: &str| Failure::config(format!("the baseline {} {what}", path.display()));
    let bytes = read_bounded(path, MAX_BASELINE)
        .map_err(|error| refused("cannot be read").because(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| refused("is invalid").because(&error))?;
    Baseline::parse(&text).map_err(|line| refused(&format!("is invalid at line {line}")))
}

fn rules(path: &std::path::Path) -> Result<Config, Failure> {
    let refused = |what: &str| Failure::config(format!("the rules file {} {what}", path.display()));
    let bytes =
        read_bounded(path, MAX_RULES).map_err(|error| refused("cannot be read").because(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| refused("is invalid").because(&error))?;
    Config::parse(&text).map_err(|error| refused("is invalid").because(&error))
}

fn scanner(args: &args::Secrets, config: &Config) -> Result<Scanner, Failure> {
    let mut builder = config.apply(Scanner::builder());
    if args.no_generic {
        builder = builder.group(Group::Generic, GroupState::Off);
    }
    if args.identifiers {
        builder = builder.group(Group::Identifier, GroupState::On);
    }
    if args.stand_ins {
        builder = builder.stand_ins(StandIns::Report);
    }
    builder
        .build()
        .map_err(|error| Failure::config("the rules are invalid").because(&error))
}

fn set_aside(
    found: &Found,
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

fn write_baseline(path: &std::path::Path, searched: &Searched) -> Result<Exit, Failure> {
    let mut baseline = Baseline::default();
    // What never fails a search needs nobody's leave.
    let counted = |found: &&Found| found.aside.is_none() && !found.is_identifier();
    for found in searched.found.iter().filter(counted) {
        baseline.insert(
            found.finding.fingerprint,
            found.finding.rule.id(),
            &found.path,
        );
    }
    write_atomically(path, baseline.to_string().as_bytes()).map_err(|error| {
        Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
    })?;
    say(&format!(
        "{}: {} findings accepted",
        path.display(),
        baseline.len()
    ));
    Ok(if searched.complete() {
        Exit::Ok
    } else {
        Exit::Incomplete
    })
}

pub fn threshold(chosen: SecretsFailOn) -> Option<Severity> {
    match chosen {
        SecretsFailOn::Low => Some(Severity::Low),
        SecretsFailOn::Medium => Some(Severity::Medium),
        SecretsFailOn::High => Some(Severity::High),
        SecretsFailOn::Critical => Some(Severity::Critical),
        SecretsFailOn::None => None,
    }
}
