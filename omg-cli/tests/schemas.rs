//! Every document says what its schema says, format assertions included.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use serde_json::Value;
use support::{Sandbox, workspace};

fn validator(name: &str) -> jsonschema::Validator {
    let path = workspace().join("omg-cli/schemas").join(name);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn check(validator: &jsonschema::Validator, args: &[&str]) {
    let (_, document) = Sandbox::new().json(args);
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{args:?}: {errors:#?}");
}

#[test]
fn scans() {
    let validator = validator("omg.scan.1.json");
    let demo = ["audit", "scan", "--root", "examples/demo-root"];
    let fixtures = "omg-cli/tests/fixtures";
    let advisories = ["--advisories", "examples/demo-root/advisories"];
    for more in [
        vec![],
        vec!["--strict", "--fail-on", "low"],
        vec!["--ignore", &format!("{fixtures}/ignore.toml")],
        vec!["--ignore", &format!("{fixtures}/ignore-expired.toml")],
        vec!["--vex", &format!("{fixtures}/vex.json")],
        vec!["--advisories", &format!("{fixtures}/feed-broken.json")],
        vec!["--advisories", &format!("{fixtures}/feed-hostile.json")],
    ] {
        check(&validator, &[&demo[..], &advisories, &more].concat());
    }
    check(&validator, &[&demo[..], &["--offline"]].concat());
    let smallvec = format!("{fixtures}/smallvec.json");
    for file in ["Cargo.lock", "requirements-loose.txt"] {
        let lock = format!("{fixtures}/{file}");
        check(
            &validator,
            &["audit", "--lockfile", &lock, "--advisories", &smallvec],
        );
    }
}
