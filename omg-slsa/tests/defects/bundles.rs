use super::*;

use omg_slsa::{Bundle, Digests, Domain, PublicKey, TrustRoot, Verifier};

#[test]
fn structure() {
    let r = Rejection::BundleStructure;
    let bundle = |change: fn(&mut Value), forge: Forge| Forge {
        bundle: change,
        ..forge
    };
    check(vec![
        (
            "an empty chain",
            bundle(
                |b| {
                    material(b)["x509CertificateChain"]["certificates"] = json!([]);
                },
                chained(rekor1()),
            ),
            r,
        ),
        (
            "a chain in version 0.3",
            bundle(
                |b| {
                    let one = material(b)["certificate"].clone();
                    let list = material(b).as_object_mut().unwrap();
                    list.remove("certificate");
                    list.insert(
                        "x509CertificateChain".into(),
                        json!({ "certificates": [one] }),
                    );
                },
                rekor1(),
            ),
            r,
        ),
        (
            "a root in the chain",
            bundle(
                own_root,
                Forge {
                    media_type: V02,
                    ..rekor1()
                },
            ),
            r,
        ),
        (
            "no media type",
            bundle(|b| b["mediaType"] = Value::Null, rekor1()),
            r,
        ),
        (
            "another media type",
            bundle(|b| b["mediaType"] = "text/plain".into(), rekor1()),
            Rejection::Unsupported,
        ),
        (
            "no content",
            bundle(|b| b["messageSignature"] = Value::Null, rekor1()),
            r,
        ),
        (
            "both contents",
            bundle(
                |b| {
                    b["dsseEnvelope"] = statement(rekor1()).make().bundle["dsseEnvelope"].clone();
                },
                rekor1(),
            ),
            r,
        ),
        (
            "certificate and key",
            bundle(
                |b| {
                    material(b)["publicKey"] = json!({ "hint": "x" });
                },
                rekor1(),
            ),
            r,
        ),
        (
            "neither certificate nor key",
            bundle(
                |b| {
                    material(b)["certificate"] = Value::Null;
                },
                rekor1(),
            ),
            r,
        ),
        (
            "two signatures",
            bundle(
                |b| {
                    let list = b["dsseEnvelope"]["signatures"].as_array_mut().unwrap();
                    list.push(list[0].clone());
                },
                statement(rekor1()),
            ),
            r,
        ),
        (
            "no signature",
            bundle(
                |b| {
                    b["dsseEnvelope"]["signatures"] = json!([]);
                },
                statement(rekor1()),
            ),
            r,
        ),
        (
            "an unknown field",
            bundle(|b| b["tlogEntry"] = json!([]), rekor1()),
            r,
        ),
        (
            "an entry twice",
            bundle(
                |b| {
                    let list = material(b)["tlogEntries"].as_array_mut().unwrap();
                    list.push(list[0].clone());
                },
                rekor1(),
            ),
            Rejection::DuplicateEntry,
        ),
        (
            "a negative index",
            bundle(|b| entry(b)["logIndex"] = "-1".into(), rekor1()),
            Rejection::Parse,
        ),
        (
            "no Base64",
            bundle(
                |b| {
                    b["messageSignature"]["signature"] = "!!!!".into();
                },
                rekor1(),
            ),
            Rejection::Parse,
        ),
        (
            "no certificate in it",
            bundle(
                |b| {
                    material(b)["certificate"]["rawBytes"] = "AAAA".into();
                },
                rekor1(),
            ),
            Rejection::Certificate,
        ),
    ]);
}

#[test]
fn statements() {
    let r = Rejection::Statement;
    let payload = |payload| Forge {
        payload,
        ..statement(rekor1())
    };
    check(vec![
        ("another _type", payload(|s| s["_type"] = "text".into()), r),
        ("no subject", payload(|s| s["subject"] = json!([])), r),
        (
            "no digest",
            payload(|s| s["subject"][0]["digest"] = json!({})),
            r,
        ),
        (
            "a short digest",
            payload(|s| s["subject"][0]["digest"]["sha256"] = "ab".into()),
            r,
        ),
        (
            "SHA-1 only",
            payload(|s| {
                s["subject"][0]["digest"] =
                    json!({ "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709" });
            }),
            Rejection::Unsupported,
        ),
        (
            "sha256 fits, sha512 not",
            payload(|s| {
                s["subject"][0]["digest"]["sha512"] = "00".repeat(64).into();
            }),
            Rejection::Contradiction,
        ),
    ]);
}

#[test]
fn signatures_and_artifacts() {
    let r = Rejection::Signature;
    let mut list = Vec::new();
    let bad: fn(&mut Vec<u8>) = |signature| {
        // A signature by the same key, over something else.
        let key = forge::keys::Key::new(forge::keys::Kind::P256, 9);
        *signature = key.sign(b"something else");
    };
    let longer: fn(&mut Vec<u8>) = |signature| signature.push(0);
    for forge in [rekor1(), rekor2(), managed(rekor1()), managed(rekor2())] {
        for forge in [statement(forge.clone()), forge] {
            for signature in [bad, longer] {
                list.push((
                    "signature",
                    Forge {
                        signature,
                        ..forge.clone()
                    },
                    r,
                ));
            }
        }
    }
    check(list);
    for forge in [rekor1(), rekor2(), managed(rekor1()), managed(rekor2())] {
        for forge in [statement(forge.clone()), forge] {
            let error = forge.make().verify_bytes(b"another artifact").unwrap_err();
            let found = error.rejection();
            assert_eq!(found, Some(Rejection::ArtifactDigest), "{error}");
        }
    }
}

#[test]
fn keys() {
    let other = forge::keys::Key::new(forge::keys::Kind::P256, 55);
    for forge in [rekor1(), rekor2()] {
        for forge in [statement(forge.clone()), forge] {
            let mut made = managed(forge).make();
            made.key = forge::pem("PUBLIC KEY", &other.spki);
            let error = made.verify().unwrap_err();
            assert_eq!(error.rejection(), Some(Rejection::Signature), "{error}");
            made.key = "no key".to_owned();
            let error = made.verify().unwrap_err();
            assert_eq!(error.rejection(), Some(Rejection::TrustRoot), "{error}");
        }
    }
}

#[test]
fn roots() {
    let r = Rejection::TrustRoot;
    let root = |root| Forge { root, ..rekor1() };
    check(vec![
        (
            "a window without a start",
            root(|r| {
                r["tlogs"][0]["publicKey"]["validFor"] = json!({});
            }),
            r,
        ),
        (
            "a window that ends first",
            root(|r| {
                r["certificateAuthorities"][0]["validFor"]["end"] = "2020-01-01T00:00:00Z".into();
            }),
            r,
        ),
        (
            "the same log twice",
            root(|r| {
                let list = r["tlogs"].as_array_mut().unwrap();
                list.push(list[0].clone());
            }),
            r,
        ),
        (
            "no certificate",
            root(|r| {
                r["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] =
                    "AAAA".into();
            }),
            r,
        ),
        (
            "an authority without a chain",
            root(|r| {
                let list = r["timestampAuthorities"].as_array_mut().unwrap();
                list.push(json!({ "certChain": { "certificates": [] } }));
            }),
            r,
        ),
        (
            "no authority",
            root(|r| r["certificateAuthorities"] = json!([])),
            Rejection::CaValidity,
        ),
    ]);
}

#[test]
fn a_key_and_a_certificate_are_two_things() {
    let open = |forge: &Forge, with_key: bool| {
        let made = forge.make();
        let root = made.root.to_string();
        let root = TrustRoot::parse(root.as_bytes(), Domain::PublicGood).unwrap();
        let mut verifier = Verifier::new(&root).unwrap();
        if with_key {
            verifier = verifier.with_key(PublicKey::from_pem(&made.key).unwrap());
        }
        let bundle = Bundle::parse(made.bundle.to_string().as_bytes()).unwrap();
        let digests = Digests::of_reader(forge::ARTIFACT, &bundle.algorithms()).unwrap();
        let at = "2026-11-24T00:00:00Z".parse().unwrap();
        let found = verifier.authenticate(&bundle, &digests, at);
        found.err().and_then(|error| error.rejection())
    };
    for forge in [rekor1(), rekor2()] {
        assert_eq!(open(&forge, false), None);
        assert_eq!(open(&forge, true), Some(Rejection::Signature));
        let forge = managed(forge);
        assert_eq!(open(&forge, true), None);
        assert_eq!(open(&forge, false), Some(Rejection::Certificate));
    }
}
