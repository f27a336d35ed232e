//! Evidence is about one subject: whatever a check read, and whatever a scan looked up.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use chrono::DateTime;
use omg_policy::{
    Anchor, Checked, Checksum, Coverage, Evidence, EvidenceError, Finding, Policy, Provenance,
    Recorded, Sha256, Signature, Subject,
};

const OWN: Sha256 = Sha256::new([1; 32]);
const OTHER: Sha256 = Sha256::new([2; 32]);

/// A way to add evidence about bytes with this digest.
type Add = fn(&mut Evidence, Sha256) -> Result<(), EvidenceError>;

/// Every way to add evidence about bytes.
const ADDED: [(&str, Add); 5] = [
    ("signature", |evidence, sha256| {
        evidence.add_signature(Checked::new(sha256, Signature::Trusted))
    }),
    ("provenance", |evidence, sha256| {
        evidence.add_provenance(Checked::new(sha256, Provenance::Verified { level: 3 }))
    }),
    ("rebuilds", |evidence, sha256| {
        evidence.add_rebuilds(Checked::new(sha256, 2))
    }),
    ("checksum", |evidence, sha256| {
        let found = Checksum::Match(Anchor::SignedMetadata);
        evidence.add_checksum(Checked::new(sha256, found))
    }),
    ("inspection", |evidence, sha256| {
        evidence.add_inspection(Checked::new(sha256, Vec::new()))
    }),
];

fn file() -> Subject {
    let mut subject = Subject::new("app", "1-1");
    subject.sha256 = Some(OWN);
    subject
}

#[test]
fn evidence_about_other_bytes_is_refused() {
    for (kind, add) in ADDED {
        let mut evidence = Evidence::about(file());
        let before = evidence.clone();
        let expected = EvidenceError::OtherBytes {
            subject: OWN,
            checked: OTHER,
        };
        assert_eq!(add(&mut evidence, OTHER), Err(expected), "{kind}");
        assert_eq!(evidence, before, "{kind}");
        assert_eq!(add(&mut evidence, OWN), Ok(()), "{kind}");
        assert_ne!(evidence, before, "{kind}");
    }
}

#[test]
fn a_subject_without_a_digest_takes_no_evidence_about_bytes() {
    for (kind, add) in ADDED {
        let mut evidence = Evidence::about(Subject::new("app", "1-1"));
        let refused = add(&mut evidence, OWN);
        assert_eq!(refused, Err(EvidenceError::NoDigest), "{kind}");
        let mut simulated = Evidence::simulated(evidence.facts().clone());
        let refused = add(&mut simulated, OWN);
        assert_eq!(refused, Err(EvidenceError::NoDigest), "{kind}");
    }
}

#[test]
fn a_second_outcome_is_refused() {
    for (kind, add) in ADDED {
        let mut evidence = Evidence::about(file());
        assert_eq!(add(&mut evidence, OWN), Ok(()), "{kind}");
        let refused = add(&mut evidence, OWN);
        assert_eq!(refused, Err(EvidenceError::Twice), "{kind}");
    }
}

#[test]
fn a_scan_of_another_package_is_refused() {
    let parts: [fn(&mut Subject); 6] = [
        |other| other.name.push('x'),
        |other| other.version.push('x'),
        |other| other.purl = Some("pkg:alpm/arch/app@1-1".to_owned()),
        |other| other.architecture = Some("any".to_owned()),
        |other| other.pkgbase = Some("other".to_owned()),
        |other| other.pkgbase_version = Some("2".to_owned()),
    ];
    let coverage = Coverage::Stale;
    for change in parts {
        let mut other = file();
        change(&mut other);
        let mut evidence = Evidence::about(file());
        let refused = evidence.add_scan(&other, coverage, Vec::new());
        assert!(
            matches!(refused, Err(EvidenceError::OtherPackage { .. })),
            "{other:?}"
        );
        assert_eq!(evidence.facts().coverage, Coverage::NotScanned);
    }
    // The database speaks of packages, and not of files.
    let mut evidence = Evidence::about(file());
    let found = vec![Finding::new("CVE-2026-1")];
    let scan = evidence.add_scan(&Subject::new("app", "1-1"), coverage, found);
    assert_eq!(scan, Ok(()));
    let again = evidence.add_scan(&file(), coverage, Vec::new());
    assert_eq!(again, Err(EvidenceError::Twice));
}

#[test]
fn a_record_of_an_installation_is_not_about_a_file() {
    let refused = Evidence::about(file()).add_record(Recorded::Signed);
    assert_eq!(refused, Err(EvidenceError::HasBytes));
    let mut installed = Evidence::about(Subject::new("app", "1-1"));
    assert_eq!(installed.add_record(Recorded::Signed), Ok(()));
    assert_eq!(installed.facts().signature, Signature::Recorded);
}

#[test]
fn a_decision_names_its_subject() {
    let order = |a: &str, b: &str| a.cmp(b);
    let evidence = Evidence::about(file());
    let decision = Policy::default().decide(&evidence, DateTime::UNIX_EPOCH, &order);
    assert_eq!(decision.subject(), &file());
    assert!(!decision.is_simulated());
    let json = serde_json::to_value(&decision).unwrap();
    assert_eq!(json["subject"]["sha256"], OWN.to_string());
    assert_eq!(json["subject"]["name"], "app");

    let simulated = Evidence::simulated(evidence.facts().clone());
    let decision = Policy::default().decide(&simulated, DateTime::UNIX_EPOCH, &order);
    assert!(decision.is_simulated());
    assert_eq!(decision.subject().sha256, None);
}

#[test]
fn digests_are_64_hexadecimal_digits() {
    let text = "0123456789abcdef".repeat(4);
    let digest: Sha256 = text.parse().unwrap();
    assert_eq!(digest.to_string(), text);
    assert_eq!(text.to_uppercase().parse(), Ok(digest));
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<Sha256>(&json).unwrap(), digest);
    for wrong in [
        "",
        "ab",
        &text[1..],
        &format!("{text}0"),
        &text.replace('f', "g"),
        &"é".repeat(32),
    ] {
        assert_eq!(
            wrong.parse::<Sha256>(),
            Err(EvidenceError::Digest),
            "{wrong}"
        );
    }
}
