use super::*;

#[test]
fn inclusion() {
    let r = Rejection::InclusionProof;
    let bundle = |change: fn(&mut Value), forge: Forge| Forge {
        bundle: change,
        ..forge
    };
    let mut list = Vec::new();
    for forge in [
        rekor1(),
        rekor2(),
        managed(rekor1()),
        managed(rekor2()),
        chained(rekor1()),
    ] {
        list.extend([
            (
                "another hash",
                bundle(
                    |b| another(&mut entry(b)["inclusionProof"]["hashes"][1]),
                    forge.clone(),
                ),
                r,
            ),
            (
                "a hash too few",
                bundle(
                    |b| {
                        entry(b)["inclusionProof"]["hashes"]
                            .as_array_mut()
                            .unwrap()
                            .pop();
                    },
                    forge.clone(),
                ),
                r,
            ),
            (
                "another root",
                bundle(
                    |b| another(&mut entry(b)["inclusionProof"]["rootHash"]),
                    forge.clone(),
                ),
                r,
            ),
            (
                "another place",
                bundle(
                    |b| {
                        entry(b)["inclusionProof"]["logIndex"] = "3".into();
                    },
                    forge.clone(),
                ),
                r,
            ),
            (
                "a place outside",
                bundle(
                    |b| {
                        entry(b)["inclusionProof"]["logIndex"] = "4".into();
                    },
                    forge.clone(),
                ),
                r,
            ),
            (
                "another size",
                bundle(
                    |b| {
                        entry(b)["inclusionProof"]["treeSize"] = "3".into();
                    },
                    forge.clone(),
                ),
                r,
            ),
        ]);
    }
    let none: fn(&mut Value) = |b| entry(b)["inclusionProof"] = Value::Null;
    list.push(("no proof", bundle(none, rekor1()), r));
    list.push(("no proof", bundle(none, rekor2()), r));
    list.push((
        "no proof",
        bundle(
            none,
            Forge {
                media_type: V02,
                ..rekor1()
            },
        ),
        r,
    ));
    let none: fn(&mut Value) = |b| material(b)["tlogEntries"] = json!([]);
    list.push(("no entry", bundle(none, rekor1()), r));
    list.push(("no entry", bundle(none, managed(rekor1())), r));
    list.push(("no entry", bundle(none, rekor2()), r));
    list.push(("no entry", bundle(none, chained(rekor1())), r));
    check(list);
}

#[test]
fn heads() {
    let r = Rejection::Checkpoint;
    let mut list = Vec::new();
    for forge in [
        rekor1(),
        rekor2(),
        managed(rekor1()),
        managed(rekor2()),
        chained(rekor1()),
    ] {
        for head in [
            Head::OtherRoot,
            Head::OtherKey,
            Head::OtherName,
            Head::OthersOnly,
        ] {
            // A head of Rekor 2 is where the root is taken from: the proof leads elsewhere.
            let r = match (head, forge.log) {
                (Head::OtherRoot, Log::Rekor2) => Rejection::InclusionProof,
                _ => r,
            };
            list.push((
                "head",
                Forge {
                    head,
                    ..forge.clone()
                },
                r,
            ));
        }
        let changes: [(&str, Change); 4] = [
            ("no head", |b| {
                let proof = entry(b)["inclusionProof"].as_object_mut().unwrap();
                proof.remove("checkpoint");
            }),
            ("an empty head", |b| {
                entry(b)["inclusionProof"]["checkpoint"]["envelope"] = "".into();
            }),
            ("no signature", |b| {
                let head = &mut entry(b)["inclusionProof"]["checkpoint"]["envelope"];
                let text = head.as_str().unwrap().split_once("\n\n").unwrap().0;
                *head = format!("{text}\n\n").into();
            }),
            ("no root", |b| {
                let head = &mut entry(b)["inclusionProof"]["checkpoint"]["envelope"];
                let text = head.as_str().unwrap();
                let mut lines: Vec<_> = text.lines().collect();
                lines.remove(2);
                *head = (lines.join("\n") + "\n").into();
            }),
        ];
        for (name, bundle) in changes {
            list.push((
                name,
                Forge {
                    bundle,
                    ..forge.clone()
                },
                r,
            ));
        }
    }
    check(list);
}

#[test]
fn promises() {
    let r = Rejection::InclusionPromise;
    let promise = |promise, forge: Forge| Forge { promise, ..forge };
    check(vec![
        ("another's", promise(Promise::OtherKey, rekor1()), r),
        ("redated", promise(Promise::Redated, rekor1()), r),
        (
            "another's, 0.1",
            promise(Promise::OtherKey, chained(rekor1())),
            r,
        ),
        (
            "another's, key",
            promise(Promise::OtherKey, managed(rekor1())),
            r,
        ),
        (
            "another's, statement",
            promise(Promise::OtherKey, statement(rekor1())),
            r,
        ),
        (
            "missing, 0.1",
            promise(Promise::Missing, chained(rekor1())),
            r,
        ),
        // Since version 0.2 it may be missing, and then does not say when.
        (
            "missing, 0.3",
            promise(Promise::Missing, rekor1()),
            Rejection::NoTimestamp,
        ),
        (
            "another place",
            Forge {
                bundle: |b| entry(b)["logIndex"] = "1003".into(),
                ..rekor1()
            },
            r,
        ),
        (
            "a log not yet trusted",
            Forge {
                root: |r| {
                    r["tlogs"][0]["publicKey"]["validFor"]["start"] = "2025-01-01T00:00:00Z".into();
                },
                ..rekor1()
            },
            r,
        ),
        (
            "a log no longer trusted",
            Forge {
                root: |r| {
                    r["tlogs"][0]["publicKey"]["validFor"]["end"] = "2024-01-01T00:00:00Z".into();
                },
                ..rekor1()
            },
            r,
        ),
    ]);
}

#[test]
fn logs() {
    let r = Rejection::UnknownLog;
    let unknown: fn(&mut Value) = |b| another(&mut entry(b)["logId"]["keyId"]);
    let gone: fn(&mut Value) = |r| r["tlogs"] = json!([]);
    let mut list = Vec::new();
    for forge in [rekor1(), rekor2(), managed(rekor1()), managed(rekor2())] {
        list.push((
            "another log",
            Forge {
                bundle: unknown,
                ..forge.clone()
            },
            r,
        ));
        list.push((
            "no logs",
            Forge {
                root: gone,
                ..forge
            },
            r,
        ));
    }
    check(list);
}

#[test]
fn entries_of_something_else() {
    let r = Rejection::LogEntryMismatch;
    let body = |body: fn(&mut Value), forge: Forge| Forge { body, ..forge };
    let old = Forge {
        log: Log::Rekor1InToto,
        media_type: V02,
        ..statement(rekor1())
    };
    let certificate: fn(&mut Value) = |b| {
        let other = Forge {
            certificate: |c| c.serial += 1,
            ..rekor1()
        };
        let other = other.make().bundle["verificationMaterial"]["certificate"]["rawBytes"].clone();
        let text = forge::pem("CERTIFICATE", &forge::unbase64(&other));
        let text: Value = base64(text.as_bytes()).into();
        let spec = &mut b["spec"];
        for path in ["/signature/publicKey/content", "/signatures/0/verifier"] {
            if let Some(found) = spec.pointer_mut(path) {
                *found = text.clone();
            }
        }
        let path = "/hashedRekordV002/signature/verifier/x509Certificate/rawBytes";
        if let Some(found) = spec.pointer_mut(path) {
            *found = other;
        }
    };
    let signature: fn(&mut Value) = |b| {
        let spec = &mut b["spec"];
        for path in [
            "/signature/content",
            "/signatures/0/signature",
            "/hashedRekordV002/signature/content",
            "/content/envelope/signatures/0/sig",
        ] {
            if let Some(found) = spec.pointer_mut(path) {
                another(found);
                if path.starts_with("/content") {
                    let text = found.as_str().unwrap().to_owned();
                    *found = base64(text.as_bytes()).into();
                }
            }
        }
    };
    let digest: fn(&mut Value) = |b| {
        let spec = &mut b["spec"];
        let hex = hex::encode(sha256(b"another"));
        for path in [
            "/data/hash/value",
            "/payloadHash/value",
            "/content/payloadHash/value",
        ] {
            if let Some(found) = spec.pointer_mut(path) {
                *found = hex.clone().into();
            }
        }
        if let Some(found) = spec.pointer_mut("/hashedRekordV002/data/digest") {
            another(found);
        }
    };
    let mut list = vec![
        (
            "the key",
            body(
                |b| {
                    let other = forge::keys::Key::new(forge::keys::Kind::P256, 55);
                    let text = forge::pem("PUBLIC KEY", &other.spki);
                    b["spec"]["signature"]["publicKey"]["content"] = base64(text.as_bytes()).into();
                },
                managed(rekor1()),
            ),
            r,
        ),
        (
            "the key, Rekor 2",
            body(
                |b| {
                    let other = forge::keys::Key::new(forge::keys::Kind::P256, 55);
                    b["spec"]["hashedRekordV002"]["signature"]["verifier"]["publicKey"]["rawBytes"] =
                        base64(&other.spki).into();
                },
                managed(rekor2()),
            ),
            r,
        ),
        (
            "rubbish in a signature",
            body(
                |b| {
                    b["spec"]["content"]["envelope"]["signatures"][0]["sig"] = base64(b"a!").into();
                },
                old.clone(),
            ),
            r,
        ),
        (
            "another type",
            body(
                |b| {
                    b["spec"]["content"]["envelope"]["payloadType"] = "text/plain".into();
                },
                old.clone(),
            ),
            r,
        ),
    ];
    for forge in [rekor1(), rekor2(), statement(rekor1()), statement(rekor2())] {
        list.push(("another certificate", body(certificate, forge), r));
    }
    let all = [
        rekor1(),
        rekor2(),
        statement(rekor1()),
        statement(rekor2()),
        old,
    ];
    for forge in all {
        list.push(("another signature", body(signature, forge.clone()), r));
        list.push(("another digest", body(digest, forge), r));
    }
    check(list);
}
