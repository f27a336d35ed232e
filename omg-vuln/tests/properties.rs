//! No reader panics on any bytes, and the scan keeps its promises on any versions.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

use omg_vuln::cache::{DEFAULT_MAX_BYTES, DEFAULT_TTL, TtlCache};
use omg_vuln::index::IndexMeta;
use omg_vuln::version::Order;
use omg_vuln::{
    Advisories, AdvisoryDb, Ecosystem, Epss, IgnoreList, Index, Kev, Package, Report, Source,
    SourceKind, State, Status, Stored, Vex, arch, osv, scan,
};
use proptest::prelude::*;

const FEED: &str = r#"[{"name": "AVG-1", "packages": ["curl", "x"], "status": "Fixed",
    "severity": "High", "type": "x", "affected": "7.51.0-1", "fixed": "7.52.1-1", "ticket": null,
    "issues": ["CVE-2016-9594", "CVE-2016-9586"], "advisories": ["ASA-201612-22"]}]"#;

const RECORDS: &str = r#"[{"id": "A-1", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-1"],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "affected": [{"package": {"ecosystem": "crates.io", "name": "x"}, "versions": ["1.0.0"],
    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"},
    {"introduced": "2.0.0"}, {"last_affected": "2.3.0"}, {"limit": "3.0.0"}]}]}]}]"#;

const KEV: &str = r#"{"dateReleased": "2026-11-20T12:00:00Z", "vulnerabilities":
    [{"cveID": "CVE-2024-3094", "dateAdded": "2024-04-01"}]}"#;

const EPSS: &str = "#model_version:v1,score_date:2026-11-23T12:00:00Z\ncve,epss,percentile\n\
    CVE-2024-3094,0.85321,0.99310\n";

const VEX: &str = r#"{"statements": [{"vulnerability": {"name": "CVE-1"}, "products":
    [{"@id": "pkg:cargo/x@1.0.0"}], "status": "not_affected", "justification": "y"}]}"#;

const CYCLONEDX: &str = r#"{"bomFormat": "CycloneDX", "components": [{"bom-ref": "c", "purl":
    "pkg:cargo/x@1.0.0"}], "vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "c"}],
    "analysis": {"state": "resolved"}}]}"#;

const IGNORES: &str = "[[ignore]]\nid = 'CVE-1'\nreason = 'r'\nexpires = 2027-01-31\n";

fn read_everything(bytes: &[u8]) {
    let readers: [fn(&[u8]); 8] = [
        |b| drop(arch::parse(b)),
        |b| drop(osv::parse(b)),
        |b| drop(osv::parse_record(b)),
        |b| drop(Kev::parse(b)),
        |b| drop(Epss::parse(b)),
        |b| drop(Vex::parse(b)),
        |b| drop(IgnoreList::parse(b)),
        |b| drop(TtlCache::from_bytes(b, DEFAULT_TTL, DEFAULT_MAX_BYTES)),
    ];
    for read in readers {
        read(bytes);
    }
    drop(Stored::<Kev>::from_bytes(bytes));
    if let Ok(index) = Index::open(bytes.to_vec()) {
        drop(index.records());
    }
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn database(kind: SourceKind, advisories: Advisories) -> AdvisoryDb {
    let mut db = AdvisoryDb::new();
    db.add(Source::new("s", kind), advisories);
    db
}

fn one(db: &AdvisoryDb, ecosystem: &str, version: &str) -> Report {
    scan(
        db,
        &[Package::new(Ecosystem::new(ecosystem), "x", version)],
        at(),
    )
}

/// A document with some bytes replaced, removed or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let document = prop::sample::select(vec![FEED, RECORDS, KEV, EPSS, VEX, CYCLONEDX, IGNORES]);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6);
    (document, edits).prop_map(|(document, edits)| {
        let mut bytes = document.as_bytes().to_vec();
        for (place, byte, kind) in edits {
            let position = place
                .index(bytes.len().max(1))
                .min(bytes.len().saturating_sub(1));
            match kind {
                0 => bytes[position] = byte,
                1 if bytes.len() > 1 => drop(bytes.remove(position)),
                2 => bytes.insert(position, byte),
                _ => bytes.truncate(position.max(1)),
            }
        }
        bytes
    })
}

fn version() -> impl Strategy<Value = String> {
    prop::string::string_regex("([0-9]{1,2}:)?[0-9a-z]{1,3}([.+~^_-][0-9a-z]{1,3}){0,4}").unwrap()
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_everything(&bytes);
    }

    #[test]
    fn no_damage_to_a_document_makes_a_reader_panic(bytes in damaged()) {
        read_everything(&bytes);
    }

    #[test]
    fn no_record_that_can_be_read_makes_the_scan_panic(bytes in damaged(), version in version()) {
        if let Ok(advisories) = osv::parse(&bytes) {
            one(&database(SourceKind::Osv, advisories), "crates.io", &version);
        }
        if let Ok(advisories) = arch::parse(&bytes) {
            one(&database(SourceKind::ArchTracker, advisories), "Arch Linux", &version);
        }
    }

    /// One range is its definition, in every order of versions.
    #[test]
    fn a_range_holds_what_lies_between(
        from in version(), fixed in version(), installed in version(),
        ecosystem in prop::sample::select(vec![
            ("Debian:12", Order::Debian), ("crates.io", Order::SemVer),
            ("Alpine:v3.20", Order::Apk), ("PyPI", Order::Pep440), ("Rocky Linux:9", Order::Rpm),
            ("CRAN", Order::Cran), ("ConanCenter", Order::Conan), ("Hackage", Order::Hackage),
            ("Julia", Order::Pub), ("Maven", Order::Maven), ("NuGet", Order::NuGet),
            ("Packagist", Order::Packagist), ("RubyGems", Order::RubyGems), ("opam", Order::Opam),
        ]),
    ) {
        let (name, order) = ecosystem;
        // OSV schema, `affected[].ranges[].events`: `0` stands before every version, so that
        // everything comes from it and nothing is fixed in it.
        prop_assume!(order.compare(&from, &fixed).is_lt() && fixed != "0");
        let json = serde_json::json!([{"id": "A-1", "affected": [{
            "package": {"ecosystem": name, "name": "x"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": from}, {"fixed": fixed}]}],
        }]}]);
        let advisories = osv::parse(json.to_string().as_bytes()).unwrap();
        let report = one(&database(SourceKind::Osv, advisories), name, &installed);
        // What is no version has no place in the order: never clean.
        let all = [&from, &fixed, &installed];
        if !all.iter().all(|version| *version == "0" || order.is_version(version)) {
            prop_assert_eq!(report.status(), Status::Incomplete);
            return Ok(());
        }
        let inside = (from == "0" || order.compare(&installed, &from).is_ge())
            && order.compare(&installed, &fixed).is_lt();
        prop_assert_eq!(report.findings.len(), usize::from(inside));
        if inside {
            prop_assert_eq!(report.findings[0].fixed_in.as_deref(), Some(fixed.as_str()));
        }
    }

    /// The tracker's rule, whatever the versions.
    #[test]
    fn a_group_without_a_fix_is_affected_up_to_what_was_examined(
        examined in version(), installed in version(),
    ) {
        let json = serde_json::json!([{"name": "AVG-1", "packages": ["x"], "status": "Vulnerable",
            "severity": "High", "affected": examined, "fixed": null, "issues": []}]);
        let advisories = arch::parse(json.to_string().as_bytes()).unwrap();
        let report = one(&database(SourceKind::ArchTracker, advisories), "Arch Linux", &installed);
        // The very version that was examined is affected, be it a version or not.
        let both = Order::Alpm.is_version(&installed) && Order::Alpm.is_version(&examined);
        if !both && installed != examined {
            prop_assert_eq!(report.findings[0].state, State::UnderReview);
            prop_assert_eq!(report.status(), Status::Incomplete);
            return Ok(());
        }
        let newer = Order::Alpm.compare(&installed, &examined).is_gt();
        let expected = if newer { State::LikelyStale } else { State::Affected };
        prop_assert_eq!(report.findings[0].state, expected);
    }

    /// Neither the order of the packages nor their number changes what is said of each.
    #[test]
    fn the_report_does_not_depend_on_the_order_of_the_packages(
        mut versions in prop::collection::vec(version(), 1..8),
    ) {
        let db = database(SourceKind::Osv, osv::parse(RECORDS.as_bytes()).unwrap());
        let list = |versions: &[String]| -> Vec<Package> {
            let package = |v: &String| Package::new(Ecosystem::new("crates.io"), "x", v.as_str());
            versions.iter().map(package).collect()
        };
        let forwards = scan(&db, &list(&versions), at());
        versions.reverse();
        prop_assert_eq!(forwards, scan(&db, &list(&versions), at()));
    }

    /// What was built reads back, whatever the texts.
    #[test]
    fn an_index_finds_what_the_records_hold(name in "\\PC{1,12}", version in version()) {
        let json = serde_json::json!([{"id": "A-1", "affected": [{
            "package": {"ecosystem": "npm", "name": name}, "versions": [version],
        }]}]);
        let records = osv::parse(json.to_string().as_bytes()).unwrap().records;
        let index = Index::open(Index::build(IndexMeta::default(), &records).unwrap()).unwrap();
        prop_assert_eq!(index.records().unwrap(), records);
        let mut db = AdvisoryDb::new();
        db.add_index(Source::new("s", SourceKind::Osv), index);
        let package = Package::new(Ecosystem::new("npm"), name, version);
        prop_assert_eq!(scan(&db, &[package], at()).findings.len(), 1);
    }
}
