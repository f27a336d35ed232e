//! `FailOn`: which findings fail a run.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

use omg_vuln::{
    AdvisoryDb, Ecosystem, FailOn, Kev, Package, Report, Severity, Source, SourceKind, osv, scan,
};

/// One package with one advisory of each severity, each with and without a fix.
fn report(kev: bool) -> Report {
    let mut records = Vec::new();
    for severity in ["unknown", "none", "low", "medium", "high", "critical"] {
        for (fix, event) in [("fix", r#", {"fixed": "2.0.0"}"#), ("open", "")] {
            records.push(format!(
                r#"{{"id": "CVE-{severity}-{fix}", "affected": [{{"package":
                {{"ecosystem": "crates.io", "name": "x"}}, "ranges": [{{"type": "SEMVER",
                "events": [{{"introduced": "0"}}{event}]}}]}}],
                "database_specific": {{"severity": "{severity}"}}}}"#
            ));
        }
    }
    let json = format!("[{}]", records.join(","));
    let mut db = AdvisoryDb::new();
    let source = Source::new("records", SourceKind::Osv);
    db.add(source, osv::parse(json.as_bytes()).unwrap());
    if kev {
        let kev = br#"{"vulnerabilities": [{"cveID": "CVE-low-open"}]}"#;
        db.set_kev(
            Source::new("KEV", SourceKind::Kev),
            Kev::parse(kev).unwrap(),
        );
    }
    let package = Package::new(Ecosystem::new("crates.io"), "x", "1.0.0");
    scan(&db, &[package], "2026-11-24T00:00:00Z".parse().unwrap())
}

fn failing(threshold: FailOn, kev: bool) -> Vec<String> {
    let report = report(kev);
    report
        .failing(threshold, false)
        .map(|f| f.advisory.replace("CVE-", ""))
        .collect()
}

#[test]
fn all_twelve_are_distinct_findings() {
    assert_eq!(report(false).findings.len(), 12);
}

#[test]
fn by_default_high_and_unrated_ones_fail_where_a_fix_is_there() {
    assert_eq!(
        failing(FailOn::default(), false),
        ["critical-fix", "high-fix", "unknown-fix"]
    );
}

#[test]
fn by_default_known_exploitation_fails_without_a_fix_and_at_any_severity() {
    let expected = ["critical-fix", "high-fix", "low-open", "unknown-fix"];
    assert_eq!(failing(FailOn::default(), true), expected);
    assert_eq!(failing(FailOn::Kev, true), ["low-open"]);
    assert_eq!(failing(FailOn::Kev, false), [""; 0]);
}

#[test]
fn a_severity_holds_with_or_without_a_fix_and_unknown_is_never_low() {
    let critical = failing(FailOn::Severity(Severity::Critical), true);
    assert_eq!(
        critical,
        [
            "critical-fix",
            "critical-open",
            "unknown-fix",
            "unknown-open"
        ]
    );
    let low = failing(FailOn::Severity(Severity::Low), false);
    assert_eq!(low.len(), 10);
    assert!(!low.iter().any(|id| id.starts_with("none")));
}

#[test]
fn never_is_never() {
    assert_eq!(failing(FailOn::Never, true), [""; 0]);
}
