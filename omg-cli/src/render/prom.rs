//! The scan as metrics, in Prometheus' text format, for node_exporter's textfile collector.
//!
//! Source of the format: "Exposition formats", version 0.0.4, of the Prometheus documentation.
//! No metric has a package's name as a label: there would be too many series.

use std::fmt::Write as _;

use omg_vuln::{Finding, Severity, SourceKind, State, Status};

use crate::commands::scan::Scanned;

const SEVERITIES: [Severity; 6] = [
    Severity::Unknown,
    Severity::None,
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

pub fn scan(scanned: &Scanned) -> String {
    let mut page = Page(String::new());
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
    let name = "omg_scan_failing";
    let failing = scanned.report.failing(scanned.fail_on, scanned.strict);
    page.single(name, "Findings at or over the threshold.", failing.count());
    vulnerabilities(&mut page, scanned);
    unconfirmed(&mut page, scanned);
    sources(&mut page, scanned);
    page.0
}

/// Every combination, so that an alert never waits for a series that is not there.
fn vulnerabilities(page: &mut Page, scanned: &Scanned) {
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

fn unconfirmed(page: &mut Page, scanned: &Scanned) {
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
fn sources(page: &mut Page, scanned: &Scanned) {
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
