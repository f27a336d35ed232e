//! Signed tables of builders: what they add, and what is not used.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

mod forge;

use chrono::{DateTime, Utc};
use forge::keys::{Key, Kind};
use forge::pki::{self, Certificate};
use forge::{Forge, ISSUER, base64, pae, rekor1};
use omg_slsa::{
    Builders, Bundle, Digests, Domain, Error, Expectations, Fresh, Pattern, PublicKey, Rejection,
    TrustRoot, Verifier,
};
use serde_json::{Value, json};

const BUILDER: &str = "https://github.com/owner/tool/.github/workflows/a.yml";

fn at() -> DateTime<Utc> {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn fresh() -> Fresh {
    Fresh {
        at: at(),
        revision: 3,
    }
}

fn table() -> Value {
    json!({
        "revision": 3,
        "issued": "2026-11-01T00:00:00Z",
        "expires": "2027-02-01T00:00:00Z",
        "builders": [{ "id": BUILDER, "issuer": ISSUER, "level": 3, "reason": "audited" }],
    })
}

fn statement(predicate: Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "builders.json", "digest": { "sha256": "00".repeat(32) } }],
        "predicateType": omg_slsa::BUILDERS,
        "predicate": predicate,
    })
}

fn envelope(statement: &Value, key: &Key) -> Value {
    let payload = statement.to_string().into_bytes();
    json!({
        "payload": base64(&payload),
        "payloadType": forge::IN_TOTO,
        "signatures": [{ "sig": base64(&key.sign(&pae(&payload))) }],
    })
}

fn public(key: &Key) -> PublicKey {
    PublicKey::from_pem(&forge::pem("PUBLIC KEY", &key.spki)).unwrap()
}

fn open(envelope: &Value, key: &Key, fresh: Fresh) -> Result<Builders, Error> {
    Builders::signed(envelope.to_string().as_bytes(), &public(key), fresh)
}

fn good() -> Builders {
    let key = Key::new(Kind::Ed25519, 1);
    open(&envelope(&statement(table()), &key), &key, fresh()).unwrap()
}

#[test]
fn keys_of_several_kinds_sign_them() {
    for kind in [Kind::P256, Kind::P384, Kind::Ed25519, Kind::Rsa] {
        let key = Key::new(kind, 1);
        let builders = open(&envelope(&statement(table()), &key), &key, fresh()).unwrap();
        assert_eq!(builders.revision(), 3);
        let other = Key::new(kind, 2);
        assert!(open(&envelope(&statement(table()), &key), &other, fresh()).is_err());
    }
}

type Change = fn(&mut Value);

#[test]
fn what_is_not_used() {
    let key = Key::new(Kind::P256, 1);
    let refused = |name: &str, envelope: &Value, fresh: Fresh, said: &str| {
        let error = open(envelope, &key, fresh).unwrap_err();
        assert!(matches!(error, Error::Builders { .. }), "{name}: {error}");
        assert_eq!(error.rejection(), Some(Rejection::TrustRoot));
        assert!(error.to_string().contains(said), "{name}: {error}");
    };
    let made = envelope(&statement(table()), &key);
    let later = |time: &str| Fresh {
        at: time.parse().unwrap(),
        ..fresh()
    };
    refused("expired", &made, later("2027-02-01T00:00:00Z"), "expired");
    refused(
        "not issued",
        &made,
        later("2026-10-31T23:59:59Z"),
        "yet to come",
    );
    refused(
        "older",
        &made,
        Fresh {
            revision: 4,
            ..fresh()
        },
        "older than 4",
    );
    let mut changed = made.clone();
    changed["payload"] = base64(statement(json!({})).to_string().as_bytes()).into();
    refused("another payload", &changed, fresh(), "did not sign");
    let mut changed = made.clone();
    changed["signatures"] = json!([]);
    refused("no signature", &changed, fresh(), "0 signatures");
    let mut changed = made.clone();
    changed["payloadType"] = "text/plain".into();
    refused("another payload type", &changed, fresh(), "text/plain");
    let mut other = statement(table());
    other["predicateType"] = "https://slsa.dev/provenance/v1".into();
    refused("no table", &envelope(&other, &key), fresh(), "no table");
    let changes: [(Change, &str); 10] = [
        (|t| t["more"] = 1.into(), "unknown field"),
        (|t| t["revision"] = Value::Null, "invalid type"),
        (
            |t| drop(t.as_object_mut().unwrap().remove("expires")),
            "missing field",
        ),
        (|t| t["builders"][0]["level"] = 0.into(), "not 1 to 3"),
        (|t| t["builders"][0]["level"] = 4.into(), "not 1 to 3"),
        (|t| t["builders"][0]["reason"] = " ".into(), "empty"),
        (|t| t["builders"][0]["issuer"] = "".into(), "empty"),
        (
            |t| t["builders"][0]["id"] = format!("{BUILDER}@v1").into(),
            "without a version",
        ),
        (
            |t| t["builders"][0]["id"] = "x".repeat(2000).into(),
            "longer",
        ),
        (
            |t| {
                let list = t["builders"].as_array_mut().unwrap();
                list.push(list[0].clone());
            },
            "stands twice",
        ),
    ];
    for (change, said) in changes {
        let mut table = table();
        change(&mut table);
        refused(said, &envelope(&statement(table), &key), fresh(), said);
    }
    let mut many = table();
    let one =
        |n: u32| json!({ "id": format!("{BUILDER}{n}"), "issuer": "i", "level": 1, "reason": "r" });
    many["builders"] = (0..1001).map(one).collect();
    refused(
        "too many",
        &envelope(&statement(many), &key),
        fresh(),
        "more than 1000",
    );
}

fn provenance(certificate: fn(&mut Certificate)) -> Forge {
    Forge {
        statement: true,
        certificate,
        payload: |statement| {
            statement["predicateType"] = "https://slsa.dev/provenance/v1".into();
            statement["predicate"] = json!({
                "buildDefinition": {
                    "buildType": "https://example.com/build/v1",
                    "externalParameters": {
                        "source": { "uri": "git+https://github.com/owner/tool" },
                    },
                },
                "runDetails": { "builder": { "id": BUILDER } },
            });
        },
        ..rekor1()
    }
}

fn named(certificate: &mut Certificate, version: &str) {
    certificate.extensions[1] = pki::san(&format!("{BUILDER}@{version}"));
}

/// The level, and whether the builder counts when nothing but the source is expected.
fn level(forge: &Forge, builders: Option<Builders>) -> (Option<u8>, bool) {
    let made = forge.make();
    let root = made.root.to_string();
    let root = TrustRoot::parse(root.as_bytes(), Domain::PublicGood).unwrap();
    let bundle = Bundle::parse(made.bundle.to_string().as_bytes()).unwrap();
    let digests = Digests::of_reader(forge::ARTIFACT, &bundle.algorithms()).unwrap();
    let verifier = Verifier::new(&root).unwrap();
    let mut expected = Expectations::default();
    expected.source_uri = Some("github.com/owner/tool".to_owned());
    expected.builders = builders;
    let (findings, met) = match verifier.verify(&bundle, &digests, &expected, at()) {
        Ok(provenance) => (provenance.findings().clone(), true),
        Err(Error::Unmet(refusal)) => (refusal.findings().clone(), false),
        Err(error) => panic!("{error}"),
    };
    (
        findings.assessment().level.map(omg_slsa::Level::number),
        met,
    )
}

#[test]
fn levels_come_from_the_table() {
    let released = provenance(|certificate| named(certificate, "refs/tags/v1.0.0"));
    assert_eq!(level(&released, None), (Some(1), false));
    assert_eq!(level(&released, Some(good())), (Some(3), true));
    // A branch is no release, and a machine of the owner's no platform.
    let branch = provenance(|certificate| named(certificate, "refs/heads/main"));
    assert_eq!(level(&branch, Some(good())), (Some(1), false));
    let own = provenance(|certificate| {
        named(certificate, "refs/tags/v1.0.0");
        certificate.extensions[4] = pki::claim(11, "self-hosted");
    });
    assert_eq!(level(&own, Some(good())).0, Some(1));
    // The same name by another issuer is another builder.
    let issuer = provenance(|certificate| {
        named(certificate, "refs/tags/v1.0.0");
        certificate.extensions[2] = pki::claim(1, "https://gitlab.com");
        certificate.extensions[3] = pki::claim(8, "https://gitlab.com");
    });
    assert_eq!(level(&issuer, Some(good())), (Some(1), false));
    // A table can also say less than what is built in.
    let key = Key::new(Kind::P256, 1);
    let mut low = table();
    low["builders"][0]["level"] = 1.into();
    let low = open(&envelope(&statement(low), &key), &key, fresh()).unwrap();
    assert_eq!(level(&released, Some(low)), (Some(1), true));
}

#[test]
fn a_bundle_can_hold_it() {
    let forge = Forge {
        statement: true,
        payload: |payload| *payload = statement(table()),
        ..rekor1()
    };
    let open = |forge: &Forge, signer: &Expectations| {
        let made = forge.make();
        let root = made.root.to_string();
        let root = TrustRoot::parse(root.as_bytes(), Domain::PublicGood).unwrap();
        let mut verifier = Verifier::new(&root).unwrap();
        if forge.managed {
            verifier = verifier.with_key(PublicKey::from_pem(&made.key).unwrap());
        }
        Builders::bundled(
            made.bundle.to_string().as_bytes(),
            &verifier,
            signer,
            fresh(),
        )
    };
    let nobody = Expectations::default();
    let mut signer = Expectations::default();
    signer.identity = Some(Pattern::exact(forge::IDENTITY));
    signer.issuer = Some(Pattern::exact(ISSUER));
    assert_eq!(open(&forge, &signer).unwrap().revision(), 3);
    assert!(open(&forge, &nobody).is_err());
    let managed = Forge {
        managed: true,
        ..forge.clone()
    };
    assert_eq!(open(&managed, &nobody).unwrap().revision(), 3);
    signer.identity = Some(Pattern::exact("https://github.com/somebody/else"));
    assert!(open(&forge, &signer).is_err());
    // Expectations of a build do not stand for a signer.
    let mut source = Expectations::default();
    source.source_uri = Some("github.com/owner/tool".to_owned());
    assert!(open(&forge, &source).is_err());
    let broken = Forge {
        sct: pki::Sct::Missing,
        ..forge
    };
    assert!(open(&broken, &nobody).is_err());
    assert!(open(&rekor1(), &nobody).is_err());
}
