//! The schema for editors and the parser agree.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

#[path = "support/generate.rs"]
#[allow(dead_code)]
mod generate;

use generate::{evidence, policy_text};
use omg_policy::{Layer, LayerKind};
use proptest::prelude::*;
use serde_json::Value;

fn validator() -> jsonschema::Validator {
    let schema: Value =
        serde_json::from_str(include_str!("../schemas/policy.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn json(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(text).ok()?;
    Some(to_json(toml::Value::Table(table)))
}

fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => value.into(),
        // Editors see what the file says.
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(k, v)| (k, to_json(v))).collect(),
    }
}

fn accepts(text: &str) -> bool {
    Layer::parse(LayerKind::System, "policy.toml", text.as_bytes()).is_ok()
}

#[test]
fn the_policy_of_the_documentation_is_valid() {
    let text = include_str!("vectors/policy.toml");
    assert!(accepts(text));
    let errors: Vec<String> = validator()
        .iter_errors(&json(text).unwrap())
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// What an editor can know is wrong.
#[test]
fn what_the_schema_refuses_the_parser_refuses_too() {
    let validator = validator();
    for text in [
        "minimum_grade = 'high'",
        "allow_aur = 'no'",
        "surprise = 1",
        "schema = 2",
        "banned_packages = ['a b']",
        "schema = 1\n[grade]\nstale_after = '7 days'",
        "schema = 1\n[grade]\nstale_after = 7",
        "schema = 1\n[vulnerabilities]\nreject = {}",
        "schema = 1\n[vulnerabilities]\nreject = { kev = false }",
        "schema = 1\n[vulnerabilities]\nepss_at_least = 2.0",
        "schema = 1\n[provenance]\nlocked_needs = 'slsa4'",
        "schema = 1\n[provenance]\nrequire = 'rebuilds:2'",
        "schema = 1\n[licenses]\nallow = []",
        "schema = 1\n[[ban]]\nreason = 'r'",
        "schema = 1\n[[ban]]\nname = 'a'\npackage = 'b'",
        "schema = 1\n[[ban]]\nname = 'a'\naction = 'allow'",
        "schema = 1\n[[exception]]\nrule = 'signature'",
        "schema = 1\n[[exception]]\nrule = 'integrity'\npackage = 'a'\nreason = 'r'\nowner = 'o'\nuntil = 2027-01-01",
        "schema = 1\n[delegate]\nuser_may_except = []",
        "schema = 1\n[bundle]\nrevision = 1",
    ] {
        assert!(
            !validator.is_valid(&json(text).unwrap()),
            "the schema accepts {text}"
        );
        assert!(!accepts(text), "the parser accepts {text}");
    }
}

fn evidence_validator() -> jsonschema::Validator {
    let schema: Value =
        serde_json::from_str(include_str!("../schemas/evidence.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// What neither the schema nor the reader of evidence takes.
#[test]
fn what_the_schema_of_evidence_refuses_the_reader_refuses_too() {
    let validator = evidence_validator();
    for text in [
        r#"{ "nam": "x" }"#,
        r#"{ "name": 1 }"#,
        r#"{ "origin": "official" }"#,
        r#"{ "origin": { "aur": { "owner": "x" } } }"#,
        r#"{ "origin": { "aur": {}, "official": { "repository": "x" } } }"#,
        r#"{ "findings": [{ "severity": "awful" }] }"#,
        r#"{ "coverage": "fresh" }"#,
        r#"{ "signature": "good" }"#,
        r#"{ "provenance": { "verified": { "level": -1 } } }"#,
        r#"{ "checksum": { "match": "somebody" } }"#,
        r#"{ "licences": { "all_of": [{ "expression": 1 }] } }"#,
        r#"{ "inspection": { "done": [{ "rule": "odd" }] } }"#,
        r#"{ "rebuilds": -1 }"#,
    ] {
        let json: Value = serde_json::from_str(text).unwrap();
        assert!(!validator.is_valid(&json), "the schema accepts {text}");
        let read = serde_json::from_str::<omg_policy::Facts>(text);
        assert!(read.is_err(), "the reader accepts {text}");
    }
}

/// The schema names every kind of finding in scripts.
#[test]
fn the_schema_of_evidence_knows_every_rule_of_scripts() {
    let schema: Value =
        serde_json::from_str(include_str!("../schemas/evidence.schema.json")).unwrap();
    let listed = &schema["$defs"]["script_finding"]["properties"]["rule"]["enum"];
    let listed: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect();
    let all = omg_policy::inspect::ScriptRule::ALL
        .iter()
        .map(|rule| rule.as_str());
    assert_eq!(listed, all.collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn all_evidence_is_what_its_schema_says(e in evidence()) {
        thread_local! { static VALIDATOR: jsonschema::Validator = evidence_validator(); }
        let text = serde_json::to_string(&e).unwrap();
        // No number has no JSON.
        prop_assume!(!text.contains("\"score\":null"));
        let json: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(VALIDATOR.with(|v| v.is_valid(&json)), "{}", text);
    }

    #[test]
    fn every_policy_is_what_the_schema_says(text in policy_text()) {
        thread_local! { static VALIDATOR: jsonschema::Validator = validator(); }
        prop_assert!(accepts(&text));
        let json = json(&text).unwrap();
        prop_assert!(VALIDATOR.with(|v| v.is_valid(&json)), "{}", text);
    }
}
