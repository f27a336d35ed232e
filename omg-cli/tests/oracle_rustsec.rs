//! The `Cargo.lock` files of well-known crates, judged by the `rustsec` crate and by this
//! program on the same records: both find the same pairs of package and advisory.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use rustsec::advisory::Informational;
use rustsec::report::Settings;
use rustsec::{Database, Lockfile, Report};
use serde_json::Value;
use support::{Sandbox, pairs, shared_data, workspace};

/// An OSV record in RustSec's own form: TOML in a Markdown document.
fn rustsec_form(record: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let affected = &record["affected"][0];
    let (id, package) = (text(&record["id"]), text(&affected["package"]["name"]));
    let mut out = format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"{}\"\n",
        &text(&record["published"])[..10]
    );
    if let Some(kind) = affected["database_specific"]["informational"].as_str() {
        let _ = writeln!(out, "informational = \"{kind}\"");
    }
    if let Some(withdrawn) = record["withdrawn"].as_str() {
        let _ = writeln!(out, "withdrawn = \"{}\"", &withdrawn[..10]);
    }
    let (patched, unaffected) = requirements(&affected["ranges"]);
    let _ = write!(
        out,
        "\n[versions]\npatched = {patched:?}\nunaffected = {unaffected:?}\n```\n\n# {id}\n\nText.\n"
    );
    (format!("crates/{package}/{id}.md"), out)
}

/// RustSec writes which versions are *not* affected: everything between the ranges.
fn requirements(ranges: &Value) -> (Vec<String>, Vec<String>) {
    let mut stretches: Vec<(String, Option<String>)> = Vec::new();
    for range in ranges.as_array().unwrap() {
        for event in range["events"].as_array().unwrap() {
            if let Some(introduced) = event["introduced"].as_str() {
                stretches.push((introduced.to_owned(), None));
            } else if let Some(fixed) = event["fixed"].as_str() {
                stretches.last_mut().unwrap().1 = Some(fixed.to_owned());
            } else {
                panic!("an event that RustSec does not write: {event}");
            }
        }
    }
    let (mut patched, mut unaffected) = (Vec::new(), Vec::new());
    let mut after: Option<String> = None;
    for (introduced, fixed) in stretches {
        let first = introduced == "0" || introduced == "0.0.0-0";
        match after.take() {
            Some(fix) => patched.push(format!(">= {fix}, < {introduced}")),
            None if !first => unaffected.push(format!("< {introduced}")),
            None => {}
        }
        after = fixed;
    }
    patched.extend(after.map(|fix| format!(">= {fix}")));
    (patched, unaffected)
}

fn database(records: &Path, folder: &Path) -> Database {
    let mut count = 0;
    for entry in std::fs::read_dir(records).unwrap() {
        let record: Value =
            serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let (path, document) = rustsec_form(&record);
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, document).unwrap();
        count += 1;
    }
    assert!(count >= 593, "{count} records");
    Database::open(folder).unwrap()
}

fn rustsec_pairs(database: &Database, lockfile: &Lockfile) -> BTreeSet<(String, String)> {
    let settings = Settings {
        informational_warnings: vec![
            Informational::Notice,
            Informational::Unmaintained,
            Informational::Unsound,
        ],
        ..Settings::default()
    };
    let report = Report::generate(database, lockfile, &settings);
    let warnings = report.warnings.values().flatten();
    let warnings = warnings.filter_map(|w| {
        Some((
            w.package.name.to_string(),
            w.advisory.as_ref()?.id.to_string(),
        ))
    });
    let found = report.vulnerabilities.list.iter();
    found
        .map(|v| (v.package.name.to_string(), v.advisory.id.to_string()))
        .chain(warnings)
        .collect()
}

#[test]
fn lock_files_of_well_known_crates() {
    let Some(records) = shared_data("vuln/osv-rustsec") else {
        return;
    };
    let sandbox = Sandbox::new();
    let database = database(&records, &sandbox.path("db"));
    let folder = workspace().join("omg-cli/tests/vectors/cargo-lock");
    let mut counts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let theirs = rustsec_pairs(&database, &Lockfile::load(&path).unwrap());
        let args = [
            "audit",
            "scan",
            "--lockfile",
            path.to_str().unwrap(),
            "--advisories",
        ];
        let (_, scan) = sandbox.json(&[&args[..], &[records.to_str().unwrap()]].concat());
        let ours: BTreeSet<_> = pairs(&scan).into_iter().collect();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(scan["problems"], serde_json::json!([]), "{name}");
        counts.insert(name, ours.len());
    }
    assert!(counts.len() >= 20, "{} lock files", counts.len());
    let total: usize = counts.values().sum();
    assert!(total >= 300, "{total} findings: {counts:?}");
}
