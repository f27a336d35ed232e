//! What decisions leave in the audit log.

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_policy::Verdict;

use super::active::ActivePolicy;
use super::files::fingerprint;
use super::layers;
use super::result::{PackageDecision, PolicyResult};
use crate::session::auditlog::short;
use crate::session::context::Context;
use crate::session::exit::Exit;

/// How many rejected packages get an entry each; the command's own entry counts all of them.
const MAX_VIOLATIONS: usize = 100;

/// A change of the policy, if it is one; each rejection; the command itself.
pub fn of(context: &Context, active: &ActivePolicy, result: &PolicyResult) -> Vec<Event> {
    let mut events: Vec<Event> = changed(context, active).into_iter().collect();
    if let PolicyResult::Decisions { packages, .. } = result {
        events.extend(violations(packages, active));
        events.push(decided(packages, active, result.exit(), "policy"));
    }
    events
}

/// The effective policy is not the one that was recorded last.
pub fn changed(context: &Context, active: &ActivePolicy) -> Option<Event> {
    // A log that cannot be read is reported where it is written.
    let last = layers::last_change(context).ok().flatten();
    let field = |name: &str| {
        let value = last.as_ref().and_then(|event| event.subject.get(name));
        value.and_then(|value| value.as_text()).map(str::to_owned)
    };
    let before = field("to");
    if before.as_deref() == Some(&*active.sha256) {
        return None;
    }
    let mut event = Event::new(EventKind::PolicyChanged)
        .with_severity(Severity::Notice)
        .with("from", before.unwrap_or_else(|| "none".to_owned()))
        .with("to", active.sha256.as_str());
    let files: Vec<String> = active
        .policy
        .layers()
        .map(|layer| layer.file().chars().take(256).collect())
        .collect();
    event = event.with(
        "layers",
        files.join(" ").chars().take(1024).collect::<String>(),
    );
    let organisation = active
        .policy
        .layers()
        .find_map(|layer| Some((layer.revision()?, layer)));
    match organisation {
        Some((revision, layer)) => {
            event = event
                .with("revision", u32::try_from(revision).unwrap_or(u32::MAX))
                .with("organisation", fingerprint(&layer.canonical()));
        }
        // What was accepted once is remembered although it is gone.
        None => {
            let revision = last
                .as_ref()
                .and_then(|event| event.subject.get("revision"));
            if let (Some(revision), Some(sha256)) = (revision, field("organisation")) {
                event = event
                    .with("revision", revision.clone())
                    .with("organisation", sha256);
            }
        }
    }
    Some(event)
}

/// One entry for each package that is rejected.
pub fn violations<'a>(
    packages: &'a [PackageDecision],
    active: &'a ActivePolicy,
) -> impl Iterator<Item = Event> + 'a {
    let rejected = packages
        .iter()
        .filter(|p| p.decision.verdict == Verdict::Reject);
    rejected.take(MAX_VIOLATIONS).map(|package| {
        let violated = package.decision.violated();
        let mut rules: Vec<&str> = violated
            .filter(|(_, verdict)| *verdict == Verdict::Reject)
            .map(|(rule, _)| rule)
            .collect();
        rules.sort_unstable();
        rules.dedup();
        let tampered = rules.contains(&"integrity");
        let event = Event::new(EventKind::PolicyViolation)
            .with_severity(if tampered {
                Severity::Critical
            } else {
                Severity::Warning
            })
            .with_outcome(Outcome::Failure)
            .with("package", short(package.name()))
            .with("version", short(package.version()))
            .with("grade", package.decision.grade.as_str())
            .with("rules", rules.join(" "))
            .with("policy", active.sha256.as_str());
        match package.purl() {
            Some(purl) => event.with("purl", short(purl)),
            None => event,
        }
    })
}

/// The entry of the command.
pub fn decided(
    packages: &[PackageDecision],
    active: &ActivePolicy,
    exit: Exit,
    command: &str,
) -> Event {
    let count = |verdict| {
        let packages = packages.iter().filter(|p| p.decision.verdict == verdict);
        u32::try_from(packages.count()).unwrap_or(u32::MAX)
    };
    let (severity, outcome) = match exit {
        Exit::Ok => (Severity::Info, Outcome::Success),
        Exit::Incomplete => (Severity::Notice, Outcome::Incomplete),
        _ => (Severity::Warning, Outcome::Failure),
    };
    Event::new(EventKind::SecurityAudit)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", command)
        .with("exit", u32::from(exit.code()))
        .with("allowed", count(Verdict::Allow))
        .with("warned", count(Verdict::Warn))
        .with("rejected", count(Verdict::Reject))
        .with("policy", active.sha256.as_str())
}
