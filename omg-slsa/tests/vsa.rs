//! Verification summaries: slsa-verifier's cases, and what must be refused of the good one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::{cases, shared};
use omg_slsa::{Error, PublicKey, Rejection, Summary, SummaryExpectations};
use serde_json::Value;

fn list(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

fn expected(case: &Value) -> SummaryExpectations {
    let text = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
    let mut expected = SummaryExpectations::default();
    expected.digests = list(&case["subject_digests"]);
    expected.verifier_id = text("verifier_id");
    expected.resource_uri = text("resource_uri");
    expected.levels = list(&case["verified_levels"]);
    expected
}

#[test]
fn summaries() {
    let Some(dir) = shared("slsa-verifier") else {
        return;
    };
    let mut seen = 0;
    for case in cases(&dir) {
        if case["kind"] != "vsa" {
            continue;
        }
        seen += 1;
        let read = |name: &str| std::fs::read(dir.join(case[name].as_str().unwrap())).unwrap();
        let key = String::from_utf8(read("key")).unwrap();
        let key = PublicKey::from_pem(&key).unwrap();
        let envelope = read("provenance");
        let id = case["key_id"].as_str().unwrap();
        let result = Summary::verify(&envelope, &key, id, &expected(&case));
        assert_eq!(
            result.is_ok(),
            case["expected"] == "accept",
            "{case} {result:?}"
        );
        if result.is_ok() {
            refused(&envelope, &key, id, &case);
        }
    }
    assert!(seen >= 2, "{seen}");
}

type Change = fn(&mut SummaryExpectations);

/// p20 to p22, and the signature.
fn refused(envelope: &[u8], key: &PublicKey, id: &str, case: &Value) {
    let changes: [(&str, Change); 7] = [
        ("verified_level", |e| {
            e.levels = vec!["SLSA_BUILD_LEVEL_3".into()];
        }),
        ("verified_level", |e| {
            e.levels = vec!["SLSA_SOURCE_LEVEL_1".into()];
        }),
        ("resource_uri", |e| e.resource_uri.push('x')),
        ("resource_uri", |e| e.resource_uri.clear()),
        ("verifier_id", |e| e.verifier_id.clear()),
        ("subject", |e| e.digests.clear()),
        ("subject", |e| e.digests = vec!["gce_image_id:897".into()]),
    ];
    for (name, change) in changes {
        let mut expected = expected(case);
        change(&mut expected);
        let Err(Error::UnmetSummary(checks)) = Summary::verify(envelope, key, id, &expected) else {
            panic!("{name}")
        };
        let unmet: Vec<_> = checks
            .iter()
            .filter(|check| !check.met)
            .map(|c| c.name)
            .collect();
        assert_eq!(unmet, [name]);
    }
    let mut lower = expected(case);
    lower.levels = vec!["SLSA_BUILD_LEVEL_1".into()];
    assert!(Summary::verify(envelope, key, id, &lower).is_ok());
    let text = String::from_utf8(envelope.to_vec()).unwrap();
    let other = text
        .replace("\"payload\":\"ey", "\"payload\":\"fy")
        .replace("\"payload\": \"ey", "\"payload\": \"fy");
    assert_ne!(text, other);
    let reason = |bytes: &[u8], id: &str| {
        Summary::verify(bytes, key, id, &lower)
            .unwrap_err()
            .rejection()
    };
    assert_eq!(reason(other.as_bytes(), id), Some(Rejection::Signature));
    assert_eq!(reason(envelope, "another"), Some(Rejection::Signature));
}
