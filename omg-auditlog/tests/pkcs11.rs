//! Signing with a key in Debian's SoftHSM. Its configuration is an environment variable, so that
//! the test runs itself again with it.
#![cfg(all(feature = "pkcs11", feature = "fs"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use common::{actor, at, event, key, machine, origin};
use omg_auditlog::fs::{Every, Log, LogOptions, LogReader};
use omg_auditlog::pkcs11::{TokenKey, TokenSigner};
use omg_auditlog::{Error, Signer as _, Status, Trust};

const PIN: &str = "1234";

fn module() -> Option<PathBuf> {
    let places = [
        "/usr/lib/softhsm",
        "/usr/lib/x86_64-linux-gnu/softhsm",
        "/usr/lib64/softhsm",
    ];
    let all = places
        .iter()
        .map(|place| Path::new(place).join("libsofthsm2.so"));
    let found = all.into_iter().find(|path| path.exists());
    if found.is_none() {
        let required = std::env::var_os("OMG_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "softhsm2 is missing");
        println!("skipped: softhsm2 is missing");
    }
    found
}

#[test]
fn a_token_signs_checkpoints() {
    if module().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let tokens = directory.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let config = directory.path().join("softhsm2.conf");
    std::fs::write(
        &config,
        format!("directories.tokendir = {}\n", tokens.display()),
    )
    .unwrap();
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "omg",
            "--so-pin",
            "5678",
            "--pin",
            PIN,
        ])
        .env("SOFTHSM2_CONF", &config)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "with_a_token", "--nocapture"])
        .env("OMG_AUDITLOG_TOKEN", "1")
        .env("SOFTHSM2_CONF", &config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success() && said.contains("signed by a token"),
        "{run:?}"
    );
}

fn refused<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Signer(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// In the tests' own run, nothing.
#[test]
fn with_a_token() {
    if std::env::var_os("OMG_AUDITLOG_TOKEN").is_none() {
        return;
    }
    let module = module().unwrap();
    let place = TokenKey::new(&module, "omg", "audit");
    let name = "omg/test/1";
    let other = TokenKey::new(&module, "another", "audit");
    assert_eq!(
        refused(TokenSigner::open(&other, PIN, name)),
        "no token of this label"
    );
    refused(TokenSigner::open(&place, "0000", name));
    assert_eq!(
        refused(TokenSigner::open(&place, PIN, name)),
        "no private key of this label"
    );
    let made = TokenSigner::generate(&place, PIN, name).unwrap();
    refused(TokenSigner::generate(&place, PIN, name));
    let public = made.verifying_key().clone();
    let again = TokenSigner::open(&place, PIN, name).unwrap();
    assert_eq!(again.verifying_key(), &public);
    // Ed25519 is deterministic: both sign alike.
    assert_eq!(
        made.sign(b"text\n").unwrap(),
        again.sign(b"text\n").unwrap()
    );

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let options = LogOptions::new(origin(), machine()).sign(Arc::new(again), Every::Commit);
    let log = Log::open(&path, options, &actor(), at(0)).unwrap();
    for n in 0..5 {
        log.append(event(n), &actor(), at(1)).unwrap();
    }
    let verify = |trust| {
        let reader = LogReader::open(&path).unwrap().unwrap();
        reader.verify(trust, NonZeroUsize::MIN).unwrap()
    };
    let report = verify(Trust::none().pin(public));
    assert_eq!((report.status(), report.unanchored()), (Status::Intact, 0));
    let report = verify(Trust::none().pin(key(1).verifying_key().clone()));
    assert_eq!(report.status(), Status::Tampered);
    println!("signed by a token");
}
