//! What a scan leaves in the audit log.

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_vuln::{Finding, Status};

use super::result::ScanResult;
use crate::session::auditlog::short;
use crate::session::exit::Exit;

/// How many findings get an entry each; the scan's own entry counts all of them.
const MAX_FINDINGS: usize = 100;

/// One entry for the scan, after one for each finding at or over the threshold.
pub fn of(scanned: &ScanResult) -> Vec<Event> {
    let failing: Vec<&Finding> = scanned
        .report
        .failing(scanned.fail_on, scanned.strict)
        .collect();
    let mut events: Vec<Event> = failing
        .iter()
        .take(MAX_FINDINGS)
        .map(|f| detected(f))
        .collect();
    events.push(audit(scanned, failing.len()));
    events
}

fn audit(scanned: &ScanResult, failing: usize) -> Event {
    let exit = scanned.exit();
    let complete = scanned.status() == Status::Complete;
    let (severity, outcome) = match (complete, failing) {
        (true, 0) => (Severity::Info, Outcome::Success),
        (true, _) => (Severity::Warning, Outcome::Failure),
        (false, 0) => (Severity::Notice, Outcome::Incomplete),
        (false, _) => (Severity::Warning, Outcome::Incomplete),
    };
    let mut event = Event::new(EventKind::SecurityAudit)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", "scan")
        .with("status", if complete { "complete" } else { "incomplete" })
        .with("exit", u32::from(exit.code()))
        .with("packages", number(scanned.subjects.installed()))
        .with("findings", number(scanned.report.findings.len()))
        .with("failing", number(failing));
    if exit == Exit::Interrupted {
        event = event.with("interrupted", true);
    }
    if let Some(system) = &scanned.subjects.system {
        event = event.with("system", short(system));
    }
    event
}

fn detected(finding: &Finding) -> Event {
    let severity = match finding.severity {
        _ if finding.kev.is_some() => Severity::Critical,
        omg_vuln::Severity::Critical => Severity::Critical,
        omg_vuln::Severity::High => Severity::Error,
        _ => Severity::Warning,
    };
    let mut event = Event::new(EventKind::VulnerabilityDetected)
        .with_severity(severity)
        .with_outcome(Outcome::Failure)
        .with("package", short(&finding.package.name))
        .with("version", short(&finding.package.version))
        .with("advisory", short(&finding.advisory))
        .with("rating", finding.severity.to_string())
        .with("exploited", finding.kev.is_some());
    if let Some(fixed) = &finding.fixed_in {
        event = event.with("fixed_in", short(fixed));
    }
    if let Some(purl) = &finding.package.purl {
        event = event.with("purl", short(purl));
    }
    event
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
