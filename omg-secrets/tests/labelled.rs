//! Labelled samples of other projects, if they are there: floors under what was reached.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // Helpers of tests.

use std::path::PathBuf;

use base64::Engine as _;
use omg_secrets::{Group, GroupState, Scanner, StandIns};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("OMG_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let folder = root.join("secrets");
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("OMG_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(!required, "test data {} is missing", folder.display());
    println!("skipped: test data {} is missing", folder.display());
    None
}

fn samples(path: &std::path::Path) -> Vec<(Value, Vec<u8>)> {
    let text = std::fs::read_to_string(path).unwrap();
    let decode = |value: &Value| {
        base64::engine::general_purpose::STANDARD
            .decode(value["text_b64"].as_str().unwrap())
            .unwrap()
    };
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|value| {
            let bytes = decode(&value);
            (value, bytes)
        })
        .collect()
}

#[test]
fn recall_and_false_alarms_stay_where_they_are() {
    let Some(folder) = folder() else { return };
    let default = Scanner::builder().build().unwrap();
    // What fails a run: names such as a bucket's are no secrets.
    let secrets = Scanner::builder()
        .group(Group::Identifier, GroupState::Off)
        .build()
        .unwrap();
    // `aaaaaaaa` is none either: what else is missed shows only with it.
    let everything = Scanner::builder()
        .stand_ins(StandIns::Report)
        .build()
        .unwrap();
    for (name, scanner, least, most, floor) in [
        ("noseyparker", &default, 0.95, 0.35, 500),
        ("noseyparker", &secrets, 0.86, 0.31, 500),
        ("noseyparker", &everything, 0.98, 0.46, 500),
        ("detect-secrets", &default, 0.75, 0.10, 300),
    ] {
        let samples = samples(&folder.join(format!("{name}.jsonl")));
        assert!(
            samples.len() >= floor,
            "only {} samples of {name}",
            samples.len()
        );
        let share = |expected: bool| {
            let of: Vec<_> = samples
                .iter()
                .filter(|(value, _)| value["expected"] == expected)
                .collect();
            let hit = of
                .iter()
                .filter(|(_, bytes)| scanner.scan(bytes).next().is_some())
                .count();
            f64::from(u32::try_from(hit).unwrap()) / f64::from(u32::try_from(of.len()).unwrap())
        };
        let (recall, alarms) = (share(true), share(false));
        println!("{name}: recall {recall:.3}, flagged {alarms:.3}");
        assert!(
            recall >= least && alarms <= most,
            "{name}: recall {recall:.3}, flagged {alarms:.3}"
        );
    }
}

#[test]
fn published_checksums_hold() {
    let Some(folder) = folder() else { return };
    let samples = samples(&folder.join("checksum_vectors.jsonl"));
    assert!(samples.len() >= 3);
    let scanner = Scanner::builder().build().unwrap();
    for (value, bytes) in samples {
        let found: Vec<_> = scanner.scan(&bytes).collect();
        assert_eq!(found[0].checksum_valid, Some(true), "{value}");
    }
}

#[test]
fn whole_files_do_not_panic() {
    let Some(folder) = folder() else { return };
    let samples = samples(&folder.join("leaktk-files.jsonl"));
    assert!(samples.len() >= 300);
    let scanner = Scanner::builder().build().unwrap();
    let hit = samples
        .iter()
        .filter(|(_, bytes)| scanner.scan(bytes).next().is_some())
        .count();
    assert!(hit >= 150, "findings in {hit} files only");
}
