//! Verification summaries: slsa-verifier's cases, and what must be refused of the good one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;
mod forge;

use common::{cases, shared};
use forge::keys::{Key, Kind};
use forge::{base64, pae};
use omg_slsa::{Error, PublicKey, Rejection, Summary, SummaryExpectations};
use serde_json::{Value, json};

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

/// A summary of our own key, whose predicate a test changes.
fn own(change: fn(&mut Value)) -> Result<Summary, Error> {
    let key = Key::new(Kind::P256, 9);
    let mut predicate = json!({
        "verifier": { "id": "https://example.org/verifier" },
        "resourceUri": "pkg:a",
        "verificationResult": "PASSED",
        "verifiedLevels": [],
    });
    change(&mut predicate);
    let payload = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "digest": { "other": "1" } }],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": predicate,
    });
    let payload = payload.to_string().into_bytes();
    let envelope = json!({
        "payload": base64(&payload),
        "payloadType": forge::IN_TOTO,
        "signatures": [{ "sig": base64(&key.sign(&pae(&payload))), "keyid": "own" }],
    });
    let mut expected = SummaryExpectations::default();
    expected.digests = vec!["other:1".to_owned()];
    let named = |path: &str| predicate.pointer(path).and_then(Value::as_str);
    expected.verifier_id = named("/verifier/id").unwrap_or("none").to_owned();
    expected.resource_uri = named("/resourceUri").unwrap_or("none").to_owned();
    let public = PublicKey::from_pem(&forge::pem("PUBLIC KEY", &key.spki)).unwrap();
    Summary::verify(envelope.to_string().as_bytes(), &public, "own", &expected)
}

#[test]
fn what_a_summary_lacks_is_never_what_is_expected() {
    assert!(own(|_| ()).unwrap().levels().is_empty());
    let unmet = |change: fn(&mut Value)| match own(change) {
        Err(Error::UnmetSummary(checks)) => {
            let unmet = checks.iter().filter(|check| !check.met);
            unmet.map(|check| check.name).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(unmet(|it| it["verifier"] = json!({})), ["verifier_id"]);
    assert_eq!(unmet(|it| it["resourceUri"] = json!(1)), ["resource_uri"]);
    let result = "verification_result";
    assert_eq!(unmet(|it| it["verificationResult"] = json!(null)), [result]);
    let malformed: [fn(&mut Value); 3] = [
        |it| drop(it.as_object_mut().unwrap().remove("verifiedLevels")),
        |it| it["verifiedLevels"] = json!("SLSA_BUILD_LEVEL_3"),
        |it| it["verifiedLevels"] = json!([3]),
    ];
    for change in malformed {
        let error = own(change).unwrap_err();
        assert_eq!(error.rejection(), Some(Rejection::Statement));
    }
}

type Change = fn(&mut SummaryExpectations);

/// p20 to p22, and the signature.
fn refused(envelope: &[u8], key: &PublicKey, id: &str, case: &Value) {
    let changes: [(&str, Change); 9] = [
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
        ("subject", |e| e.digests = vec!["sha256".into()]),
        ("subject", |e| e.digests = vec!["gce_image_id:".into()]),
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
