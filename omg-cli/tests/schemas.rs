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

#[test]
fn explanations() {
    let validator = validator("omg.explain.1.json");
    let demo = ["--root", "examples/demo-root"];
    let advisories = ["--advisories", "examples/demo-root/advisories"];
    for what in ["CVE-2024-3094", "xz", "zlib"] {
        check(
            &validator,
            &[&["explain", what], &demo[..], &advisories].concat(),
        );
    }
    let elsewhere = [
        "explain",
        "AVG-2650",
        "--root",
        "omg-cli/tests/fixtures/no-system",
    ];
    check(&validator, &[&elsewhere[..], &advisories].concat());
}

#[test]
fn configurations() {
    let validator = validator("omg.config.1.json");
    for command in ["show", "path", "check"] {
        check(&validator, &["config", command]);
        let file = ["--config", "omg-cli/tests/fixtures/config.toml"];
        check(&validator, &[&["config", command][..], &file].concat());
    }
}

/// The schema for editors and the program agree on what a configuration is.
#[test]
fn the_configuration_file() {
    let validator = validator("config.json");
    let sandbox = Sandbox::new();
    let zeros = "0".repeat(64);
    let whole = format!(
        "[sources]\nosv = \"https://a\"\nosv_dumps = \"https://a\"\narch = \"https://a\"\naur = \"https://a\"\n\
         kev = \"https://a\"\nepss = \"https://a\"\nrekor = \"https://a\"\ntuf = \"https://a\"\n\
         proxy = \"http://127.0.0.1:1\"\n[scan]\nfail_on = \"kev\"\nignore = []\nvex = []\n\
         max_age = 1\n[pins]\n\"a.example\" = [\"{zeros}\"]\n"
    );
    for (text, right) in [
        (whole.as_str(), true),
        ("", true),
        ("[scan]\nfail_on = \"never\"", false),
        ("[scan]\nmax_age = -1", false),
        ("[scan]\nfail = \"kev\"", false),
        ("[pins]\n\"a\" = [\"zz\"]", false),
        ("[other]", false),
    ] {
        let file = sandbox.write("config.toml", text);
        let run = sandbox.run(&["config", "check", "--config", file.to_str().unwrap()]);
        assert_eq!(run.code == 0, right, "{text}: {}", run.stderr);
        let value: toml::Value = toml::from_str(text).unwrap();
        let value = serde_json::to_value(value).unwrap();
        assert_eq!(validator.is_valid(&value), right, "{text}");
    }
    // Every key that the schema has is in the file above.
    let path = workspace().join("omg-cli/schemas/config.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for section in ["sources", "scan"] {
        let keys = schema["properties"][section]["properties"]
            .as_object()
            .unwrap();
        for key in keys.keys() {
            assert!(whole.contains(&format!("{key} = ")), "{key}");
        }
    }
}
