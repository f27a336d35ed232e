//! Scores and severities against recorded answers.

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod data;
}

use omg_vuln::{Cvss, CvssVersion, Severity};
use proptest::prelude::*;
use support::data;

#[test]
fn scores_and_severities_agree_with_the_oracle() {
    let Some(path) = data::path("vuln/cvss/cvss-oracle.tsv") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut counts = [0_usize; 4];
    for (number, line) in data::lines(&text) {
        let [vector, score, severity] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("line {number}: {line}");
        };
        let cvss = Cvss::from_vector(vector).unwrap_or_else(|error| panic!("{vector}: {error}"));
        assert_eq!(format!("{:.1}", cvss.score()), score, "{vector}");
        // The oracle uses the word "None" for the score 0 of version 2, which has no such band.
        let expected = match Severity::from_label(severity) {
            Severity::None if cvss.version() == CvssVersion::V2 => Severity::Low,
            other => other,
        };
        assert_eq!(cvss.severity(), expected, "{vector}");
        counts[match cvss.version() {
            CvssVersion::V2 => 0,
            CvssVersion::V3_0 => 1,
            CvssVersion::V3_1 => 2,
            _ => 3,
        }] += 1;
    }
    println!("cvss-oracle.tsv: all of {counts:?} (2.0, 3.0, 3.1, 4.0)");
    assert!(counts[0] >= 381 && counts[1] >= 414 && counts[2] >= 1_280 && counts[3] >= 3_290);
}

#[test]
fn scores_agree_with_those_that_nvd_published() {
    let Some(path) = data::path("vuln/cvss/nvd-observed.tsv") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut count = 0;
    for (_, line) in data::lines(&text) {
        let fields: Vec<&str> = line.split('\t').collect();
        let cvss = Cvss::from_vector(fields[0]).unwrap();
        let score: f64 = fields[1].parse().unwrap();
        assert_eq!(
            format!("{:.1}", cvss.score()),
            format!("{score:.1}"),
            "{line}"
        );
        if let Some(word) = fields.get(2).filter(|word| !word.trim().is_empty()) {
            assert_eq!(cvss.severity(), Severity::from_label(word), "{line}");
        }
        count += 1;
    }
    println!("nvd-observed.tsv: all of {count}");
    assert!(count >= 69);
}

#[test]
fn labels_seen_in_the_field() {
    let expected = [
        (
            Severity::Unknown,
            "Unknown,,untriaged,not yet assigned,end-of-life,9.8,lowest",
        ),
        (Severity::None, "None,unimportant,NONE"),
        (Severity::Low, "Low,LOW,low**,negligible"),
        (Severity::Medium, "Medium,MODERATE,moderate,medium*"),
        (Severity::High, "High,HIGH,Important,IMPORTANT"),
        (Severity::Critical, "Critical,CRITICAL"),
    ];
    for (severity, words) in expected {
        for word in words.split(',') {
            assert_eq!(Severity::from_label(word), severity, "{word}");
        }
    }
}

#[test]
fn bands_depend_on_the_version() {
    let severity = |vector: &str| Cvss::from_vector(vector).unwrap().severity();
    assert_eq!(severity("AV:N/AC:L/Au:N/C:N/I:N/A:N"), Severity::Low);
    assert_eq!(severity("AV:N/AC:L/Au:N/C:C/I:C/A:C"), Severity::High);
    assert_eq!(
        severity("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"),
        Severity::None
    );
    assert_eq!(
        severity("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"),
        Severity::Critical
    );
    let worst = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H";
    assert_eq!(severity(worst), Severity::Critical);
}

#[test]
fn vectors_are_read_with_blanks_and_parentheses() {
    let cvss = Cvss::from_vector(" (AV:N/AC:L/Au:N/C:N/I:P/A:N)\n").unwrap();
    assert_eq!(cvss.vector(), "AV:N/AC:L/Au:N/C:N/I:P/A:N");
    assert_eq!((cvss.version(), cvss.tenths()), (CvssVersion::V2, 50));
}

#[test]
fn what_is_no_vector_is_an_error() {
    let long = format!("CVSS:3.1/{}", "AV:N/".repeat(300));
    let refused = [
        "",
        "7.5",
        "CVSS:9.9/AV:N",
        "CVSS:3.1/AV:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:N/I:P",
        "CVSS:4.0/AV:N/AC:L",
        "negligible",
        &long,
    ];
    for vector in refused {
        let message = Cvss::from_vector(vector).unwrap_err().to_string();
        assert!(message.contains("CVSS vector"), "{vector}: {message}");
    }
    assert!(
        Cvss::from_vector(&long)
            .unwrap_err()
            .to_string()
            .contains("limit")
    );
}

#[test]
fn in_json_a_severity_is_a_lower_case_word_and_a_cvss_its_vector() {
    for severity in Severity::ALL {
        let json = serde_json::to_string(&severity).unwrap();
        assert_eq!(json, format!("\"{}\"", severity.as_str()));
        assert_eq!(serde_json::from_str::<Severity>(&json).unwrap(), severity);
    }
    let vector = "\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"";
    let cvss: Cvss = serde_json::from_str(vector).unwrap();
    assert_eq!(cvss.tenths(), 98);
    assert_eq!(serde_json::to_string(&cvss).unwrap(), vector);
    assert!(serde_json::from_str::<Cvss>("\"CVSS:9.9/AV:N\"").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_panics(
        text in "(CVSS:[0-9].[0-9]/)?([A-Z][A-Za-z]{0,2}:[A-Za-z]{1,2}/?){0,14}",
        noise in ".{0,60}",
    ) {
        for vector in [&text, &noise] {
            if let Ok(cvss) = Cvss::from_vector(vector) {
                prop_assert!(cvss.tenths() <= 100);
            }
        }
    }
}
