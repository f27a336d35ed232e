//! Bundles of our own making, each with one thing wrong and everything else right.
#![allow(clippy::unwrap_used, clippy::panic)] // A test may fail anywhere.

mod forge;

use forge::keys::Kind;
use forge::log::{Head, Log};
use forge::tsa::Token;
use forge::{Forge, V01, V02, rekor1, rekor2};
use omg_slsa::Rejection;

fn good(name: &str, forge: &Forge) {
    if let Err(error) = forge.make().verify() {
        panic!("{name}: {error}");
    }
}

#[test]
fn good_ones_are_accepted() {
    let statement = |forge: Forge| Forge {
        statement: true,
        ..forge
    };
    let managed = |forge: Forge| Forge {
        managed: true,
        ..forge
    };
    let media_type = |media_type, forge: Forge| Forge {
        media_type,
        ..forge
    };
    good("0.1", &media_type(V01, rekor1()));
    good("0.2", &media_type(V02, rekor1()));
    good("0.3", &rekor1());
    good("0.3 statement", &statement(rekor1()));
    good("managed", &managed(rekor1()));
    good("managed statement", &managed(statement(rekor1())));
    let old = Forge {
        log: Log::Rekor1InToto,
        ..statement(rekor1())
    };
    good("0.2 in-toto entry", &media_type(V02, old.clone()));
    good("managed in-toto entry", &managed(old));
    good("Rekor 2", &rekor2());
    good("Rekor 2 statement", &statement(rekor2()));
    good("Rekor 2 managed", &managed(rekor2()));
    good("Rekor 2 managed statement", &managed(statement(rekor2())));
    let token = |token| Forge {
        token: Some(token),
        ..rekor2()
    };
    good("certificate in the timestamp", &token(Token::Embedded));
    good(
        "both times",
        &Forge {
            token: Some(Token::Good),
            ..rekor1()
        },
    );
    for forge in [rekor1(), rekor2()] {
        good(
            "witnesses",
            &Forge {
                head: Head::Cosigned,
                ..forge
            },
        );
    }
    for kind in [Kind::P384, Kind::Ed25519, Kind::Rsa] {
        let forge = statement(Forge { kind, ..rekor1() });
        good(&format!("{kind:?}"), &forge);
        good(&format!("{kind:?} managed"), &managed(forge));
    }
    for managed in [false, true] {
        let forge = Forge {
            kind: Kind::Rsa,
            managed,
            ..rekor1()
        };
        good("RSA message", &forge);
    }
}

/// What the verifier below does not know is told as that, and not as a forgery.
#[test]
fn other_keys_are_unsupported() {
    let unsupported = |forge: &Forge| {
        let error = forge.make().verify().unwrap_err();
        let found = error.rejection();
        assert_eq!(
            found,
            Some(Rejection::Unsupported),
            "{:?}: {error}",
            forge.kind
        );
    };
    for statement in [false, true] {
        for managed in [false, true] {
            for kind in [Kind::P384, Kind::Ed25519, Kind::Rsa] {
                unsupported(&Forge {
                    statement,
                    managed,
                    kind,
                    ..rekor2()
                });
            }
            let kind = Kind::P521;
            unsupported(&Forge {
                statement,
                managed,
                kind,
                ..rekor1()
            });
        }
    }
    // Rekor 1 logs the digest of the message alone, and here it is another one than SHA-256.
    for kind in [Kind::P384, Kind::Ed25519] {
        for managed in [false, true] {
            unsupported(&Forge {
                kind,
                managed,
                ..rekor1()
            });
        }
    }
}
