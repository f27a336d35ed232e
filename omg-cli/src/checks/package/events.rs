//! Entries of the gate in the audit log.

use std::path::Path;

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_policy::inspect::ScriptFinding;

use super::result::{GateResult, GatedPackage};
use crate::checks::policy::active::ActivePolicy;
use crate::checks::policy::events;
use crate::checks::policy::result::PackageDecision;
use crate::checks::signature::result::SignatureResult;
use crate::session::auditlog::short;
use crate::session::context::Context;

/// What a run leaves in the audit log.
pub fn recorded(context: &Context, gate: &GateResult) -> Vec<Event> {
    let mut all: Vec<Event> = events::changed(context, &gate.active).into_iter().collect();
    for gated in &gate.packages {
        let one = std::slice::from_ref(&gated.decided);
        let violations = events::violations(one, &gate.active);
        all.extend(violations.map(|event| event.with("sha256", gated.sha256.to_string())));
    }
    all.extend(gate.changed.iter().map(|file| changed(file, &gate.active)));
    all.extend(
        gate.refused
            .iter()
            .map(|it| refused_signature(it, &gate.active)),
    );
    let decided = |gated: &GatedPackage| gated.decided.clone();
    let decisions: Vec<PackageDecision> = gate.packages.iter().map(decided).collect();
    let mut event = events::decided(&decisions, &gate.active, gate.exit(), "package");
    if let [only] = gate.packages.as_slice() {
        event = event
            .with("package", short(only.decided.name()))
            .with("version", short(only.decided.version()))
            .with("sha256", only.sha256.to_string());
    }
    all.push(event);
    all
}

/// The entry of a file that changed while it was read.
fn changed(file: &Path, active: &ActivePolicy) -> Event {
    Event::new(EventKind::PolicyViolation)
        .with_severity(Severity::Critical)
        .with_outcome(Outcome::Failure)
        .with("file", short(&file.to_string_lossy()))
        .with("rules", "integrity")
        .with("found", "changed while it was read")
        .with("policy", active.sha256.as_str())
}

/// The entry of a file whose content cannot be read, and whose signature is refused.
fn refused_signature(result: &SignatureResult, active: &ActivePolicy) -> Event {
    let event = Event::new(EventKind::PolicyViolation)
        .with_severity(Severity::Critical)
        .with_outcome(Outcome::Failure)
        .with("file", short(&result.file.to_string_lossy()))
        .with("rules", "integrity")
        .with("found", "its signature is invalid")
        .with("policy", active.sha256.as_str());
    match result.sha256() {
        Some(sha256) => event.with("sha256", hex::encode(sha256)),
        None => event,
    }
}

/// What a recipe that is not even run leaves in the audit log.
pub fn refused(
    context: &Context,
    active: &ActivePolicy,
    recipe: &str,
    findings: &[ScriptFinding],
) -> Vec<Event> {
    let mut all: Vec<Event> = events::changed(context, active).into_iter().collect();
    let first = findings
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let event = Event::new(EventKind::PolicyViolation)
        .with_severity(Severity::Warning)
        .with_outcome(Outcome::Failure)
        .with("recipe", short(recipe))
        .with("rules", "scripts.suspicious")
        .with("found", short(&first))
        .with("policy", active.sha256.as_str());
    all.push(event);
    all
}
