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

/// What is no version of its ecosystem has no place in an order: it is not checked, and affected
/// only where a record lists that very text.
#[test]
fn what_is_no_version_is_not_checked() {
    let record = |ecosystem: &str, affected: &str| {
        let json = format!(
            r#"[{{"id": "A-1", "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "x"}},
            {affected}}}]}}]"#
        );
        let mut db = AdvisoryDb::new();
        let advisories = osv::parse(json.as_bytes()).unwrap();
        db.add(Source::new("s", SourceKind::Osv), advisories);
        db
    };
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let range =
        r#""ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0"}]}]"#;
    let ecosystems = [
        "npm",
        "crates.io",
        "Go",
        "PyPI",
        "Maven",
        "NuGet",
        "RubyGems",
        "Packagist",
        "Pub",
        "CRAN",
        "Hackage",
        "Debian:12",
        "Alpine:v3.20",
    ];
    let texts = [
        "latest",
        "^4.17.0",
        "~4.17",
        ">=4.17.0",
        "==4.17.0",
        "4.17.0 || 5",
        "*",
        "(devel)",
        "unknown",
        "NOASSERTION",
        "https://example.org/x.git",
        "",
    ];
    for ecosystem in ecosystems {
        let db = record(ecosystem, range);
        for text in texts {
            let package = Package::new(Ecosystem::new(ecosystem), "x", text);
            let report = scan(&db, &[package], at);
            assert_eq!(report.unchecked.len(), 1, "{ecosystem} {text}");
            assert_eq!(report.status(), Status::Incomplete, "{ecosystem} {text}");
        }
        let sound = Package::new(Ecosystem::new(ecosystem), "x", "2.0.1");
        let report = scan(&db, &[sound], at);
        assert_eq!(
            (report.unchecked.len(), report.findings.len()),
            (0, 0),
            "{ecosystem}"
        );
        let affected = Package::new(Ecosystem::new(ecosystem), "x", "0.9.1");
        assert_eq!(scan(&db, &[affected], at).findings.len(), 1, "{ecosystem}");
    }
    let listed = record("npm", r#""versions": ["latest"]"#);
    let package = Package::new(Ecosystem::new("npm"), "x", "latest");
    let report = scan(&listed, &[package], at);
    assert_eq!(report.findings[0].state, omg_vuln::State::Affected);
    // And a bound that is none leaves the range undecided.
    let odd = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "<2.0.0"}]}]"#;
    let package = Package::new(Ecosystem::new("npm"), "x", "1.0.0");
    let report = scan(&record("npm", odd), &[package], at);
    assert_eq!(report.unchecked.len(), 1);
}

#[test]
fn a_record_counts_as_taken_back_from_its_time_on() {
    let json = r#"[{"id": "A-1", "withdrawn": "2026-02-01T00:00:00Z", "affected": [{"package":
        {"ecosystem": "npm", "name": "x"}, "versions": ["1.0.0"]}]}]"#;
    let mut db = AdvisoryDb::new();
    let advisories = osv::parse(json.as_bytes()).unwrap();
    db.add(Source::new("s", SourceKind::Osv), advisories);
    let found = |at: &str| {
        let package = Package::new(Ecosystem::new("npm"), "x", "1.0.0");
        scan(&db, &[package], at.parse().unwrap()).findings.len()
    };
    assert_eq!(found("2026-01-31T00:00:00Z"), 1);
    assert_eq!(found("2026-02-01T00:00:00Z"), 0);
}

/// A distribution's records name the issue in `upstream`: known exploitation is known of it, and a
/// rule on it covers the record only if it is the only one.
#[test]
fn issues_that_a_record_was_made_from_raise_it_and_have_to_be_cleared_all() {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let scanned = |upstream: &str| {
        let json = format!(
            r#"[{{"id": "DEBIAN-CVE-1", "upstream": [{upstream}], "affected": [{{"package":
            {{"ecosystem": "Debian:12", "name": "x"}}, "versions": ["1"]}}]}}]"#
        );
        let mut db = AdvisoryDb::new();
        let advisories = osv::parse(json.as_bytes()).unwrap();
        db.add(Source::new("s", SourceKind::Osv), advisories);
        let kev = br#"{"vulnerabilities": [{"cveID": "CVE-1"}]}"#;
        let kev = omg_vuln::Kev::parse(kev).unwrap();
        db.set_kev(Source::new("k", SourceKind::Kev), kev);
        scan(
            &db,
            &[Package::new(Ecosystem::new("Debian:12"), "x", "1")],
            at,
        )
    };
    let rule = |id: &str| {
        let text = format!("[[ignore]]\nid = '{id}'\nreason = 'r'\n");
        omg_vuln::IgnoreList::parse(text.as_bytes()).unwrap()
    };
    let mut one = scanned(r#""CVE-1""#);
    assert!(one.findings[0].kev.is_some());
    rule("CVE-1").apply(&mut one, at);
    assert!(one.findings.is_empty());
    let mut two = scanned(r#""CVE-1", "CVE-2""#);
    assert!(two.findings[0].kev.is_some());
    rule("CVE-1").apply(&mut two, at);
    assert_eq!(two.findings.len(), 1);
    rule("CVE-2").apply(&mut two, at);
    assert_eq!(two.findings.len(), 1, "each by itself is not all");
}
