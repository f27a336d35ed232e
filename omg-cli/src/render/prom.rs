//! A scan or a report as metrics, in Prometheus' text format, for node_exporter's textfile collector.
//!
//! Source of the format: "Exposition formats", version 0.0.4, of the Prometheus documentation.
//! No metric has a package's name as a label: there would be too many series.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use omg_auditlog::{EventKind, Status as LogStatus};
use omg_policy::{Grade, Verdict};
use omg_vuln::{Finding, Severity, SourceKind, State, Status};

use crate::checks::policy::result::PolicyResult;
use crate::checks::report::ReportResult;
use crate::checks::vulnerabilities::result::ScanResult;

const SEVERITIES: [Severity; 6] = [
    Severity::Unknown,
    Severity::None,
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

pub fn scan(scanned: &ScanResult) -> String {
    let mut page = Page(String::new());
    scan_on(&mut page, scanned);
    page.0
}

/// The scan's, and those of the policy, the audit log, signatures and provenance.
pub fn report(reported: &ReportResult) -> String {
    let mut page = Page(String::new());
    scan_on(&mut page, &reported.scan);
    policy(&mut page, reported);
    validated(&mut page, &reported.checked);
    log(&mut page, reported);
    page.0
}

fn scan_on(page: &mut Page, scanned: &ScanResult) {
    page.gauge("omg_build_info", "The version of omg that scanned.");
    page.sample(
        "omg_build_info",
        &[("version", env!("CARGO_PKG_VERSION"))],
        1,
    );
    let at = scanned.at.timestamp();
    let name = "omg_last_scan_timestamp_seconds";
    page.single(name, "The reference time of the scan.", at);
    let complete = u8::from(scanned.status() == Status::Complete);
    let name = "omg_last_scan_success";
    page.single(name, "1 if everything could be checked, else 0.", complete);
    if let Some(seconds) = scanned.seconds {
        let name = "omg_scan_duration_seconds";
        page.single(name, "How long the scan took.", seconds);
    }
    let name = "omg_scan_packages";
    let installed = scanned.subjects.installed();
    page.single(name, "How many packages were looked at.", installed);
    if let Some(seconds) = scanned.seconds.filter(|seconds| *seconds > 0.0) {
        let name = "omg_scan_packages_per_second";
        let installed = u32::try_from(installed).unwrap_or(u32::MAX);
        page.single(name, "How fast they were.", f64::from(installed) / seconds);
    }
    let name = "omg_scan_failing";
    let failing = scanned.report.failing(scanned.fail_on, scanned.strict);
    page.single(name, "Findings at or over the threshold.", failing.count());
    vulnerabilities(page, scanned);
    unconfirmed(page, scanned);
    sources(page, scanned);
}

fn policy(page: &mut Page, reported: &ReportResult) {
    let Some((
        named,
        PolicyResult::Decisions {
            packages, review, ..
        },
    )) = &reported.policy
    else {
        return;
    };
    let name = "omg_policy_info";
    page.gauge(name, "The policy that decides, by its hash.");
    page.sample(name, &[("sha256", &named.sha256)], 1);
    let name = "omg_packages";
    page.gauge(name, "Installed packages by grade.");
    for grade in Grade::ALL {
        let count = packages.iter().filter(|p| p.decision.grade == grade);
        page.sample(name, &[("grade", grade.as_str())], count.count());
    }
    let name = "omg_policy_verdicts";
    page.gauge(name, "Installed packages by what the policy says of them.");
    for verdict in [Verdict::Allow, Verdict::Warn, Verdict::Reject] {
        let count = packages.iter().filter(|p| p.decision.verdict == verdict);
        page.sample(name, &[("verdict", verdict.as_str())], count.count());
    }
    let mut by_rule: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for package in packages {
        let violated = package.decision.violated();
        let mut rules: Vec<_> = violated
            .map(|(rule, verdict)| (verdict.as_str(), rule))
            .collect();
        rules.sort_unstable();
        rules.dedup();
        for key in rules {
            *by_rule.entry(key).or_default() += 1;
        }
    }
    let name = "omg_policy_decisions";
    page.gauge(name, "Installed packages that a rule rejects or warns of.");
    for ((verdict, rule), count) in by_rule {
        page.sample(name, &[("verdict", verdict), ("rule", rule)], count);
    }
    let excepted = packages.iter().flat_map(|p| p.decision.excepted());
    let name = "omg_policy_exceptions";
    page.gauge(
        name,
        "Exceptions by state; active ones once for each violation.",
    );
    page.sample(name, &[("state", "active")], excepted.clone().count());
    page.sample(name, &[("state", "expired")], review.expired.len());
    page.sample(name, &[("state", "unused")], review.unused.len());
    if let Some(next) = excepted.map(|excepted| excepted.until).min() {
        let name = "omg_policy_next_exception_expiry_timestamp_seconds";
        page.single(
            name,
            "When the next exception in use ends.",
            next.timestamp(),
        );
    }
}

/// How pacman and others checked packages at installation, as their databases say.
fn validated(page: &mut Page, checked: &BTreeMap<String, usize>) {
    let name = "omg_packages_validated";
    page.gauge(
        name,
        "Installed packages by how they were checked at installation.",
    );
    for (by, count) in checked {
        // Words of this program's own inventory, never text of a package.
        page.sample(name, &[("by", by)], count);
    }
}

/// The log's state, and of its newest verdicts how many were of which kind.
fn log(page: &mut Page, reported: &ReportResult) {
    let Ok(verified) = &reported.log else { return };
    if !verified.exists {
        return;
    }
    let name = "omg_audit_log_entries";
    page.single(name, "Entries of the audit log.", verified.report.entries);
    let name = "omg_audit_log_verified";
    let intact = u8::from(verified.status() == LogStatus::Intact);
    page.single(name, "1 if the audit log is proved intact, else 0.", intact);
    let proofs = &reported.history.proofs;
    let count = |kind: EventKind| proofs.get(&kind).copied().unwrap_or(0);
    for (name, help, good, bad) in [
        (
            "omg_signatures",
            "The newest verdicts on signatures in the audit log.",
            EventKind::SignatureVerified,
            EventKind::SignatureFailed,
        ),
        (
            "omg_provenance",
            "The newest verdicts on provenance in the audit log.",
            EventKind::ProvenanceVerified,
            EventKind::ProvenanceFailed,
        ),
    ] {
        page.gauge(name, help);
        page.sample(name, &[("result", "verified")], count(good));
        page.sample(name, &[("result", "failed")], count(bad));
    }
}

/// Every combination, so that an alert never waits for a series that is not there.
fn vulnerabilities(page: &mut Page, scanned: &ScanResult) {
    let name = "omg_vulnerabilities";
    page.gauge(name, "Known vulnerabilities of what is installed.");
    let open: Vec<&Finding> = scanned.report.findings.iter().collect();
    let set_aside: Vec<&Finding> = scanned.report.ignored.iter().map(|i| &i.finding).collect();
    for severity in SEVERITIES {
        for (fix, has_fix) in [("available", true), ("none", false)] {
            for (kev, exploited) in [("true", true), ("false", false)] {
                for (excepted, list) in [("true", &set_aside), ("false", &open)] {
                    let same = |f: &&&Finding| {
                        f.state == State::Affected
                            && f.severity == severity
                            && f.fixed_in.is_some() == has_fix
                            && f.kev.is_some() == exploited
                    };
                    let labels = [
                        ("severity", severity.as_str()),
                        ("fix", fix),
                        ("kev", kev),
                        ("excepted", excepted),
                    ];
                    page.sample(name, &labels, list.iter().filter(same).count());
                }
            }
        }
    }
}

fn unconfirmed(page: &mut Page, scanned: &ScanResult) {
    let name = "omg_vulnerabilities_unconfirmed";
    page.gauge(name, "Findings that are under review or likely stale.");
    for (word, state) in [
        ("likely_stale", State::LikelyStale),
        ("under_review", State::UnderReview),
    ] {
        let findings = scanned.report.findings.iter();
        let count = findings.filter(|f| f.state == state).count();
        page.sample(name, &[("state", word)], count);
    }
}

/// Several files can be of one kind: the oldest counts.
fn sources(page: &mut Page, scanned: &ScanResult) {
    let name = "omg_advisory_db_timestamp_seconds";
    page.gauge(name, "How new the data are, by source; the oldest of each.");
    for (word, kind) in [
        ("arch", SourceKind::ArchTracker),
        ("epss", SourceKind::Epss),
        ("kev", SourceKind::Kev),
        ("osv", SourceKind::Osv),
    ] {
        let sources = scanned.report.sources.iter().filter(|s| s.kind == kind);
        if let Some(oldest) = sources.filter_map(|s| s.as_of).min() {
            page.sample(name, &[("source", word)], oldest.timestamp());
        }
    }
}

struct Page(String);

// Writing to a string cannot fail.
impl Page {
    fn gauge(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels = labels
            .iter()
            .map(|(key, value)| format!("{key}=\"{value}\""));
        let labels = labels.collect::<Vec<_>>().join(",");
        let _ = match labels.is_empty() {
            true => writeln!(self.0, "{name} {value}"),
            false => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    fn single(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.gauge(name, help);
        self.sample(name, &[], value);
    }
}
