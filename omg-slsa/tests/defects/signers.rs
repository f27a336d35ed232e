use super::*;

#[test]
fn certificates() {
    let sct = |sct| Forge { sct, ..rekor1() };
    let r = Rejection::Sct;
    check(vec![
        ("missing", sct(Sct::Missing), r),
        ("of another certificate", sct(Sct::OtherCertificate), r),
        ("by somebody else", sct(Sct::OtherKey), r),
        ("by another log", sct(Sct::OtherLog), r),
        (
            "before the log was trusted",
            sct(Sct::At(SIGNED - 4 * YEAR)),
            r,
        ),
        ("twice", sct(Sct::Twice), r),
        (
            "no logs of certificates",
            Forge {
                root: |r| r["ctlogs"] = json!([]),
                ..rekor1()
            },
            r,
        ),
        (
            "Rekor 2",
            Forge {
                sct: Sct::OtherKey,
                ..rekor2()
            },
            r,
        ),
    ]);
    let r = Rejection::CertificateChain;
    check(vec![
        (
            "another authority",
            Forge {
                other_authority: true,
                ..rekor1()
            },
            r,
        ),
        (
            "not for code",
            Forge {
                certificate: |c| c.extensions[0] = pki::usage(pki::TIME_STAMPING),
                ..rekor1()
            },
            r,
        ),
        (
            "an authority of another name",
            Forge {
                certificate: |c| c.issuer = "somebody".to_owned(),
                ..rekor1()
            },
            r,
        ),
    ]);
    let window = |name: &'static str, time: &'static str| match (name, time) {
        ("start", _) => Forge {
            root: |r| {
                let end = "2025-01-01T00:00:00Z";
                r["certificateAuthorities"][0]["validFor"] = json!({ "start": end });
            },
            ..rekor1()
        },
        _ => Forge {
            root: |r| {
                let end = "2024-01-01T00:00:00Z";
                r["certificateAuthorities"][0]["validFor"]["end"] = end.into();
            },
            ..rekor1()
        },
    };
    let r = Rejection::CaValidity;
    check(vec![
        ("later", window("start", ""), r),
        ("earlier", window("end", ""), r),
    ]);
}

#[test]
fn times() {
    let r = Rejection::TimeVsCert;
    let mut list = Vec::new();
    for forge in [
        rekor1(),
        rekor2(),
        statement(rekor1()),
        statement(rekor2()),
        chained(rekor1()),
    ] {
        list.push((
            "before",
            Forge {
                at: SIGNED - 61,
                ..forge.clone()
            },
            r,
        ));
        list.push((
            "after",
            Forge {
                at: SIGNED + 541,
                ..forge
            },
            r,
        ));
    }
    list.push((
        "in the future",
        Forge {
            at: SIGNED + 100 * YEAR,
            ..rekor1()
        },
        r,
    ));
    list.push((
        "no time",
        Forge {
            token: None,
            ..rekor2()
        },
        Rejection::NoTimestamp,
    ));
    check(list);
    for forge in [rekor1(), rekor2()] {
        for at in [SIGNED - 60, SIGNED + 540] {
            assert!(
                Forge {
                    at,
                    ..forge.clone()
                }
                .make()
                .verify()
                .is_ok()
            );
        }
    }
    // A certificate that is still good when the log claims to sign: not yet, by any clock.
    let certificate: fn(&mut pki::Certificate) = |c| c.to = SIGNED + 20 * YEAR;
    let at = SIGNED + 10 * YEAR;
    check(vec![(
        "in the future",
        Forge {
            at,
            certificate,
            ..rekor1()
        },
        r,
    )]);
}

#[test]
fn timestamps() {
    let mut list = Vec::new();
    for forge in [rekor1(), rekor2(), managed(rekor1()), managed(rekor2())] {
        for (token, r) in [
            (Token::OtherImprint, Rejection::TimestampImprint),
            (Token::Untrusted(false), Rejection::TsaUntrusted),
            (Token::Untrusted(true), Rejection::TsaUntrusted),
            (Token::BadSignature, Rejection::Timestamp),
            (Token::Redated, Rejection::Timestamp),
            (Token::NotGranted, Rejection::Timestamp),
            (Token::Rubbish, Rejection::Timestamp),
        ] {
            list.push((
                "token",
                Forge {
                    token: Some(token),
                    ..forge.clone()
                },
                r,
            ));
        }
        let roots: [(Change, Rejection); 3] = [
            (
                |r| r["timestampAuthorities"] = json!([]),
                Rejection::TsaUntrusted,
            ),
            (
                |r| {
                    let window = &mut r["timestampAuthorities"][0]["validFor"];
                    window["end"] = "2024-01-01T00:00:00Z".into();
                },
                Rejection::TsaValidity,
            ),
            (
                |r| {
                    let window = &mut r["timestampAuthorities"][0]["validFor"];
                    window["start"] = "2024-07-04T00:00:00Z".into();
                },
                Rejection::TsaValidity,
            ),
        ];
        for (root, r) in roots {
            let token = Some(Token::Good);
            list.push((
                "authority",
                Forge {
                    root,
                    token,
                    ..forge.clone()
                },
                r,
            ));
        }
    }
    check(list);
}

/// By the time that is given, beside the machine's own.
#[test]
fn nothing_is_signed_in_the_future() {
    for forge in [rekor1(), rekor2(), managed(rekor1()), managed(rekor2())] {
        let made = forge.make();
        // Signed on 3 July 2024 at 09:46:40; clocks may differ by five minutes.
        assert!(
            made.verify_at(forge::ARTIFACT, "2024-07-03T09:41:40Z")
                .is_ok()
        );
        let error = made.verify_at(forge::ARTIFACT, "2024-07-03T09:41:39Z");
        assert_eq!(error.unwrap_err().rejection(), Some(Rejection::FutureTime));
    }
}
