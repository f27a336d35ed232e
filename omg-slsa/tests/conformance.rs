//! The cases of sigstore-conformance, and tampered bundles, by file and by digest.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::{Case, cases, shared};
use omg_slsa::Error;

/// What must come of it, in words of the shared data.
fn check(name: &str, expected: &str, reason: &str, case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    for by_digest in [false, true] {
        let result = case.verify(by_digest);
        let outcome = match &result {
            Ok(_) => "accept".to_owned(),
            Err(Error::Unmet(refusal)) => format!("unmet {:?}", refusal.findings().checks()),
            Err(error) => format!("{:?}: {error}", error.rejection()),
        };
        println!("{name} ({by_digest}): {outcome}");
        let fits = match (expected, &result) {
            ("accept", Ok(_)) => true,
            ("reject", Err(error)) if !reason.is_empty() => {
                error.rejection().map(|r| r.name().replace('_', "-")) == Some(reason.to_owned())
            }
            ("reject", Err(_)) => true,
            _ => false,
        };
        if !fits {
            wrong.push(format!("{name}: {expected} {reason}, and it is {outcome}"));
        }
    }
    wrong
}

fn all(folder: &str, floor: usize) {
    let Some(dir) = shared(folder) else { return };
    let mut wrong = Vec::new();
    let list = cases(&dir);
    for case in &list {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let name = text("case");
        // The reason comes from the bundle: the folder's name is unknown to the check.
        let read = Case::read(dir.join(&name));
        wrong.extend(check(
            &name,
            &text("expected"),
            &text("intended_reason"),
            &read,
        ));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(list.len() >= floor, "{}", list.len());
}

#[test]
fn conformance() {
    all("conformance", 36);
}

#[test]
fn tampered() {
    all("tamper", 32);
}
