//! The entry of a signature check in the audit log.

use omg_auditlog::{Event, EventKind, Outcome as EventOutcome, Severity};

use super::result::{Outcome, SignatureResult};
use crate::session::auditlog::short;
use crate::session::exit::Exit;

/// The entry of one check.
pub fn of(result: &SignatureResult) -> Event {
    let good = result.exit() == Exit::Ok;
    let (kind, severity) = match result.exit() {
        Exit::Ok => (EventKind::SignatureVerified, Severity::Info),
        Exit::Integrity => (EventKind::SignatureFailed, Severity::Critical),
        _ => (EventKind::SignatureFailed, Severity::Warning),
    };
    let outcome = match result.exit() {
        Exit::Ok => EventOutcome::Success,
        Exit::Incomplete => EventOutcome::Incomplete,
        _ => EventOutcome::Failure,
    };
    let file = short(&result.file.to_string_lossy());
    let mut event = Event::new(kind)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", "pgp")
        .with("status", result.status().as_str())
        .with("exit", u32::from(result.exit().code()))
        .with("file", file);
    let signer = match &result.outcome {
        Outcome::Valid(v) => v.signers().first(),
        Outcome::Refused(r) => r.signers().first(),
        _ => None,
    };
    if let Some(sha256) = result.sha256() {
        event = event.with("sha256", hex::encode(sha256));
    }
    if let Some(signer) = signer {
        event = event.with("signer", signer.certificate.as_str());
    }
    if !good
        && let Outcome::Refused(refusal) = &result.outcome
        && let Some(first) = refusal.rejected().first()
    {
        event = event.with("reason", first.reason.to_string());
    }
    event
}
