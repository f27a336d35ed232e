//! The Arch tracker's feed as it really is, and the list of false alarms of its issue 237.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

#[path = "support/data.rs"]
mod data;

use omg_vuln::{
    AdvisoryDb, Ecosystem, FailOn, Package, Report, Severity, Source, SourceKind, State,
};
use omg_vuln::{arch, scan};

fn report(feed: &str, installed: &[(&str, &str)]) -> Report {
    let mut db = AdvisoryDb::new();
    db.add(
        Source::new("feed", SourceKind::ArchTracker),
        arch::parse(feed.as_bytes()).unwrap(),
    );
    let packages: Vec<Package> = installed
        .iter()
        .map(|(name, version)| Package::new(Ecosystem::arch(), *name, *version))
        .collect();
    scan(&db, &packages, "2026-11-24T00:00:00Z".parse().unwrap())
}

fn group(status: &str, affected: &str, fixed: &str) -> String {
    format!(
        r#"[{{"name": "AVG-1", "packages": ["x"], "status": "{status}", "severity": "High",
        "type": "unknown", "affected": {affected}, "fixed": {fixed}, "ticket": null,
        "issues": ["CVE-1"], "advisories": []}}]"#
    )
}

fn state(status: &str, affected: &str, fixed: &str, installed: &str) -> Option<State> {
    let report = report(&group(status, affected, fixed), &[("x", installed)]);
    report.findings.first().map(|finding| finding.state)
}

#[test]
fn real_groups_are_read_whole() {
    let Some(path) = data::path("vuln/avg/all-sample.json") else {
        return;
    };
    let feed = std::fs::read(path).unwrap();
    let parsed = arch::parse(&feed).unwrap();
    assert!(parsed.records.len() >= 16, "{}", parsed.records.len());
    assert!(parsed.broken.is_empty(), "{:?}", parsed.broken);
    for record in &parsed.records {
        assert!(record.advisory.id.starts_with("AVG-"));
        assert!(!record.affected.is_empty());
    }
}

/// On a fully updated system 22 groups were reported, all of them stale.
#[test]
fn the_false_alarms_of_issue_237_are_likely_stale() {
    let Some(path) = data::path("vuln/avg/stale-unfixed-issue237.json") else {
        return;
    };
    let rows: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() >= 7);
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let groups: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "name": text(row, "avg"), "packages": [text(row, "package")],
                "status": "Vulnerable", "severity": text(row, "severity"), "type": "unknown",
                "affected": text(row, "affected"), "fixed": null, "ticket": null,
                "issues": [], "advisories": [],
            })
        })
        .collect();
    let installed: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "package"), text(row, "installed")))
        .collect();
    let installed: Vec<_> = installed
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let report = report(&serde_json::to_string(&groups).unwrap(), &installed);
    assert_eq!(report.findings.len(), rows.len());
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.state == State::LikelyStale)
    );
    let low = FailOn::Severity(Severity::Low);
    assert_eq!(report.failing(low, false).count(), 0);
    assert_eq!(report.failing(low, true).count(), rows.len());
}

#[test]
fn a_fix_decides_by_version() {
    for status in ["Fixed", "Testing", "Vulnerable", "Unknown"] {
        assert_eq!(
            state(status, r#""1-1""#, r#""2-1""#, "1-1"),
            Some(State::Affected),
            "{status}"
        );
        assert_eq!(
            state(status, r#""1-1""#, r#""2-1""#, "2-1"),
            None,
            "{status}"
        );
        assert_eq!(
            state(status, r#""1-1""#, r#""2-1""#, "2-2"),
            None,
            "{status}"
        );
    }
    // Older than what was examined is still older than the fix.
    assert_eq!(
        state("Fixed", r#""1-1""#, r#""2-1""#, "0.5-1"),
        Some(State::Affected)
    );
}

#[test]
fn without_a_fix_the_examined_version_is_the_line() {
    assert_eq!(
        state("Vulnerable", r#""2-1""#, "null", "1-1"),
        Some(State::Affected)
    );
    assert_eq!(
        state("Vulnerable", r#""2-1""#, "null", "2-1"),
        Some(State::Affected)
    );
    assert_eq!(
        state("Vulnerable", r#""2-1""#, "null", "2-2"),
        Some(State::LikelyStale)
    );
}

#[test]
fn what_nobody_decided_is_under_review_and_never_dropped() {
    assert_eq!(
        state("Unknown", r#""2-1""#, "null", "1-1"),
        Some(State::UnderReview)
    );
    assert_eq!(
        state("Unknown", r#""2-1""#, "null", "9-1"),
        Some(State::UnderReview)
    );
    assert_eq!(
        state("Vulnerable", "null", "null", "1-1"),
        Some(State::UnderReview)
    );
    assert_eq!(
        state("A word of tomorrow", "null", "null", "1-1"),
        Some(State::UnderReview)
    );
}

#[test]
fn what_arch_cleared_is_no_finding() {
    assert_eq!(state("Not affected", r#""2-1""#, r#""3-1""#, "1-1"), None);
}
