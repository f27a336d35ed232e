//! `omg audit package`: whether package files may be installed.

mod apt;
mod aur;
mod authenticity;
mod content;
mod examine;
mod hook;

use std::path::{Path, PathBuf};

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_policy::inspect::ScriptFinding;
use omg_policy::{Origin, Verdict};

use self::aur::Recipes;
use self::content::Content;
use self::examine::{Examined, Examiner};

use crate::args::{self, PackageCommand};
use crate::commands::Context;
use crate::commands::policy::{Decided, Named, events, layers};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::render;

pub use self::aur::ADDRESS as AUR;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

/// What was looked at, and what came of it.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: &'static str,
    pub status: &'static str,
    pub detail: String,
}

impl Check {
    pub fn new(name: &'static str, status: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            status,
            detail: detail.into(),
        }
    }
}

/// A package file and what was decided.
pub struct Gated {
    pub file: PathBuf,
    pub sha256: String,
    pub decided: Decided,
    pub checks: Vec<Check>,
}

/// A run's result.
pub struct Gate {
    pub named: Named,
    pub packages: Vec<Gated>,
    /// Files of which nothing is known, and what was not checked.
    pub problems: Vec<String>,
}

impl Gate {
    pub fn exit(&self) -> Exit {
        let tampered = |gated: &Gated| {
            let mut violated = gated.decided.decision.violated();
            violated.any(|(rule, _)| rule == "integrity")
        };
        let rejected = |gated: &Gated| gated.decided.decision.verdict == Verdict::Reject;
        let integrity = self
            .packages
            .iter()
            .any(tampered)
            .then_some(Exit::Integrity);
        let findings = self.packages.iter().any(rejected).then_some(Exit::Findings);
        let incomplete = (!self.problems.is_empty()).then_some(Exit::Incomplete);
        [integrity, findings, incomplete]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(Exit::Ok)
    }
}

pub fn run(context: &Context, args: &args::Package) -> Result<Exit, Failure> {
    if let Some(PackageCommand::Hook { command }) = &args.command {
        return hook::run(context, command);
    }
    let plan = Plan::new(&context.common, &FORMATS)?;
    let gate = gate(context, args)?;
    let style = context.style();
    plan.write(|format, terminal| {
        let colour = style.colour && terminal;
        render::package(&gate, format, render::Style { colour, ..style })
    })?;
    let logged = context.record(recorded(context, &gate));
    Ok(gate.exit().max(logged))
}

/// Looks at every file, and decides.
pub fn gate(context: &Context, args: &args::Package) -> Result<Gate, Failure> {
    gate_from(context, args, None)
}

/// The same of files of which it is known where they come from.
pub fn gate_from(
    context: &Context,
    args: &args::Package,
    origin: Option<Origin>,
) -> Result<Gate, Failure> {
    let named = layers::effective(context)?;
    authenticity::check_keyring(context, args)?;
    let mut gate = Gate {
        named,
        packages: Vec::new(),
        problems: Vec::new(),
    };
    let mut read = Vec::new();
    for file in &args.file {
        match Content::read(file) {
            Ok(content) => read.push(content),
            Err(detail) => gate.problems.push(format!("{}: {detail}", file.display())),
        }
    }
    let examiner = Examiner::new(context, args, &read)?;
    gate.problems.extend(examiner.problems());
    let recipes = match args.aur || matches!(origin, Some(Origin::Aur(_))) {
        true => Some(Recipes::ask(context, &read)?),
        false => None,
    };
    gate.problems
        .extend(recipes.iter().flat_map(|recipes| recipes.problems.clone()));
    for content in &read {
        let mut examined = examiner.examine(content)?;
        gate.problems.append(&mut examined.problems);
        if let Some(origin) = &origin {
            examined.evidence.origin = origin.clone();
        }
        if let Some(recipes) = &recipes {
            from_aur(&examiner, recipes, content, &mut examined);
        }
        let decision = gate
            .named
            .decide(&examined.evidence, context.at, examined.order);
        gate.packages.push(Gated {
            file: content.path.clone(),
            sha256: content.sha256.clone(),
            decided: Decided {
                name: content.archive.package.name.clone(),
                version: content.archive.package.version.clone(),
                decision,
            },
            checks: examined.checks,
        });
    }
    Ok(gate)
}

/// What no repository offers was built from the AUR, and is what that says.
fn from_aur(
    examiner: &Examiner<'_>,
    recipes: &Recipes,
    content: &Content,
    examined: &mut Examined,
) {
    if matches!(examined.evidence.origin, Origin::LocalFile | Origin::Aur(_)) {
        let name = &content.archive.package.name;
        let (aur, check) = recipes.of(name, examiner.has_new_script(content));
        examined.evidence.origin = Origin::Aur(aur);
        examined.checks.push(check);
    }
}

/// What a run leaves in the audit log.
pub fn recorded(context: &Context, gate: &Gate) -> Vec<Event> {
    let mut all: Vec<Event> = events::changed(context, &gate.named).into_iter().collect();
    for gated in &gate.packages {
        let one = std::slice::from_ref(&gated.decided);
        let violations = events::violations(one, &gate.named);
        all.extend(violations.map(|event| event.with("sha256", gated.sha256.as_str())));
    }
    let decided = |gated: &Gated| gated.decided.clone();
    let decisions: Vec<Decided> = gate.packages.iter().map(decided).collect();
    let mut event = events::decided(&decisions, &gate.named, gate.exit(), "package");
    if let [only] = gate.packages.as_slice() {
        event = event
            .with("package", events::short(&only.decided.name))
            .with("version", events::short(&only.decided.version))
            .with("sha256", only.sha256.as_str());
    }
    all.push(event);
    all
}

/// What a recipe that is not even run leaves in the audit log.
pub fn refused(
    context: &Context,
    named: &Named,
    recipe: &str,
    findings: &[ScriptFinding],
) -> Vec<Event> {
    let mut all: Vec<Event> = events::changed(context, named).into_iter().collect();
    let first = findings
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let event = Event::new(EventKind::PolicyViolation)
        .with_severity(Severity::Warning)
        .with_outcome(Outcome::Failure)
        .with("recipe", events::short(recipe))
        .with("rules", "scripts.suspicious")
        .with("found", events::short(&first))
        .with("policy", named.sha256.as_str());
    all.push(event);
    all
}

/// The file's own name.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
