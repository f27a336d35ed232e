//! The entry of a document in the audit log.

use omg_auditlog::{Event, EventKind, Outcome, Severity};

use super::result::SbomResult;
use crate::session::exit::Exit;

/// The entry of one document.
pub fn of(result: &SbomResult) -> Event {
    let complete = result.exit() == Exit::Ok;
    let (severity, outcome) = match complete {
        true => (Severity::Info, Outcome::Success),
        false => (Severity::Notice, Outcome::Incomplete),
    };
    Event::new(EventKind::SbomGenerated)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("status", if complete { "complete" } else { "incomplete" })
        .with("components", number(result.sbom.components().len()))
        .with(
            "vulnerabilities",
            number(result.sbom.vulnerabilities().len()),
        )
        .with("serial", result.sbom.serial_number())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
