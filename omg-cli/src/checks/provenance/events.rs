//! The entry of a provenance check in the audit log.

use omg_auditlog::{Event, EventKind, Outcome as EventOutcome, Severity};
use omg_slsa::Algorithm;

use super::result::{Outcome, ProvenanceResult};
use crate::session::auditlog::short;
use crate::session::exit::Exit;

/// The entry of one check.
pub fn of(result: &ProvenanceResult) -> Event {
    let (kind, severity) = match result.exit() {
        Exit::Ok => (EventKind::ProvenanceVerified, Severity::Info),
        Exit::Integrity => (EventKind::ProvenanceFailed, Severity::Critical),
        _ => (EventKind::ProvenanceFailed, Severity::Warning),
    };
    let outcome = match result.exit() {
        Exit::Ok => EventOutcome::Success,
        Exit::Incomplete => EventOutcome::Incomplete,
        _ => EventOutcome::Failure,
    };
    let artifact = short(&result.artifact);
    let mut event = Event::new(kind)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", "slsa")
        .with("status", result.status().as_str())
        .with("exit", u32::from(result.exit().code()))
        .with("artifact", artifact);
    let sha256 = result
        .digests
        .as_ref()
        .and_then(|digests| digests.get(Algorithm::Sha256));
    if let Some(sha256) = sha256 {
        event = event.with("sha256", sha256.to_hex());
    }
    if let Outcome::Invalid(reason, _) = &result.outcome {
        event = event.with("reason", reason.name());
    }
    if let Some(findings) = result.findings() {
        if let Some(identity) = &findings.attestation().signer().identity {
            event = event.with("identity", short(identity));
        }
        if let Some(level) = findings.assessment().level {
            event = event.with("level", u32::from(level.number()));
        }
    }
    event
}
