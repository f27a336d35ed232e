//! What was not checked is never clean.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

use omg_vuln::{
    Advisories, AdvisoryDb, Answers, Ecosystem, Index, Package, Record, Source, SourceKind,
    SourceStatus, Status, osv, scan,
};

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn package(ecosystem: &str) -> Package {
    Package::new(Ecosystem::new(ecosystem), "x", "1.0.0")
}

fn records(ecosystem: &str) -> Advisories {
    let json = format!(
        r#"[{{"id": "A-1", "modified": "2026-11-01T00:00:00Z", "affected": [{{"package":
        {{"ecosystem": "{ecosystem}", "name": "other"}}, "versions": ["1"]}}]}}]"#
    );
    osv::parse(json.as_bytes()).unwrap()
}

fn source() -> Source {
    Source::new("s", SourceKind::Osv)
}

#[test]
fn a_database_without_sources_checks_nothing() {
    let report = scan(
        &AdvisoryDb::new(),
        &[package("npm")],
        at("2026-11-24T00:00:00Z"),
    );
    assert_eq!(report.status(), Status::Incomplete);
    assert_eq!(report.unchecked.len(), 1);
    assert_eq!(report.unchecked[0].package, package("npm"));
}

#[test]
fn records_of_another_ecosystem_or_release_do_not_cover() {
    for (theirs, ours, covered) in [
        ("npm", "npm", true),
        ("crates.io", "npm", false),
        ("Debian", "Debian:12", true),
        ("Debian:12", "Debian:12", true),
        ("Debian:11", "Debian:12", false),
        ("Debian:12", "Debian", false),
    ] {
        let mut db = AdvisoryDb::new();
        db.add(source(), records(theirs));
        let report = scan(&db, &[package(ours)], at("2026-11-24T00:00:00Z"));
        let status = if covered {
            Status::Complete
        } else {
            Status::Incomplete
        };
        assert_eq!(report.status(), status, "{theirs} for {ours}");
    }
}

#[test]
fn every_trouble_of_a_source_makes_the_report_incomplete() {
    for status in [
        SourceStatus::Partial,
        SourceStatus::Stale,
        SourceStatus::Unreachable,
        SourceStatus::Unreadable,
        SourceStatus::Missing,
    ] {
        let mut db = AdvisoryDb::new();
        db.add(source().degraded(status, "why"), records("npm"));
        let report = scan(&db, &[package("npm")], at("2026-11-24T00:00:00Z"));
        assert_eq!(report.status(), Status::Incomplete, "{status:?}");
        assert_eq!(report.sources[0].detail, "why");
    }
}

#[test]
fn a_broken_record_makes_the_source_partial() {
    let mut db = AdvisoryDb::new();
    db.add(
        source(),
        osv::parse(br#"[{"id": "A-1"}, {"nothing": 1}]"#).unwrap(),
    );
    let report = scan(&db, &[], at("2026-11-24T00:00:00Z"));
    assert_eq!(report.sources[0].status, SourceStatus::Partial);
    assert_eq!(report.sources[0].records, 1);
    assert!(
        report.sources[0].detail.contains("record 2"),
        "{}",
        report.sources[0].detail
    );
}

#[test]
fn data_are_stale_after_their_age_and_not_before() {
    for (now, status) in [
        ("2026-11-07T00:00:00Z", Status::Complete),
        ("2026-11-08T00:00:00Z", Status::Complete),
        ("2026-11-08T00:00:01Z", Status::Incomplete),
    ] {
        let mut db = AdvisoryDb::new();
        db.set_max_age(chrono::TimeDelta::days(7));
        db.add(
            source().as_of(Some(at("2026-11-01T00:00:00Z"))),
            records("npm"),
        );
        assert_eq!(
            scan(&db, &[package("npm")], at(now)).status(),
            status,
            "{now}"
        );
    }
}

#[test]
fn an_answer_covers_its_package_and_a_missing_record_is_a_finding_of_unknown_severity() {
    let mut answers = Answers::default();
    answers
        .matches
        .insert(package("npm"), vec!["GHSA-1".into()]);
    let mut db = AdvisoryDb::new();
    db.add_answers(Source::new("api", SourceKind::OsvApi), answers);
    let other = package("PyPI");
    let report = scan(
        &db,
        &[package("npm"), other.clone()],
        at("2026-11-24T00:00:00Z"),
    );
    assert_eq!(report.unchecked.len(), 1);
    assert_eq!(report.unchecked[0].package, other);
    assert_eq!(report.findings[0].advisory, "GHSA-1");
    assert_eq!(report.findings[0].severity, omg_vuln::Severity::Unknown);
    assert_eq!(report.sources[0].status, SourceStatus::Partial);
}

#[test]
fn a_withdrawn_record_affects_nothing_even_if_the_service_names_it() {
    let json = br#"{"id": "GHSA-1", "withdrawn": "2026-01-01T00:00:00Z", "affected": [{"package":
        {"ecosystem": "npm", "name": "x"}, "versions": ["1.0.0"]}]}"#;
    let record: Record = osv::parse_record(json).unwrap();
    let mut answers = Answers::default();
    answers
        .matches
        .insert(package("npm"), vec!["GHSA-1".into()]);
    answers.records.insert("GHSA-1".into(), record);
    let mut db = AdvisoryDb::new();
    db.add_answers(Source::new("api", SourceKind::OsvApi), answers);
    let report = scan(&db, &[package("npm")], at("2026-11-24T00:00:00Z"));
    assert!(report.findings.is_empty());
    assert_eq!(report.status(), Status::Complete);
}

/// The three ways into the database give one answer.
#[test]
fn records_and_index_find_the_same() {
    let json = br#"[{"id": "A-1", "aliases": ["CVE-1"], "affected": [{"package":
        {"ecosystem": "Debian:12", "name": "x"}, "ranges": [{"type": "ECOSYSTEM", "events":
        [{"introduced": "0"}, {"fixed": "1.0.0-2"}]}]}]}, {"id": "A-2", "affected": [{"package":
        {"ecosystem": "Debian", "name": "x"}, "ranges": [{"type": "GIT", "events":
        [{"introduced": "0"}]}]}]}]"#;
    let advisories = osv::parse(json).unwrap();
    let bytes = Index::build(omg_vuln::index::IndexMeta::default(), &advisories.records).unwrap();
    let mut by_records = AdvisoryDb::new();
    by_records.add(source(), advisories);
    let mut by_index = AdvisoryDb::new();
    by_index.add_index(source(), Index::open(bytes).unwrap());
    let packages = [package("Debian:12"), package("Debian:13")];
    let now = at("2026-11-24T00:00:00Z");
    let (a, b) = (
        scan(&by_records, &packages, now),
        scan(&by_index, &packages, now),
    );
    assert_eq!(a, b);
    assert_eq!(a.findings.len(), 3);
}
