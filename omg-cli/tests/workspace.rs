//! What the manifests promise: the star of libraries, public dependencies, licences, MSRV.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::workspace;

const LIBRARIES: [&str; 7] = [
    "omg-vuln",
    "omg-pgp",
    "omg-slsa",
    "omg-sbom",
    "omg-secrets",
    "omg-auditlog",
    "omg-policy",
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--locked",
        ])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn no_library_depends_on_another() {
    let metadata = metadata();
    let mut seen = BTreeSet::new();
    for package in packages(&metadata) {
        let name = text(&package["name"]);
        if !LIBRARIES.contains(&name) {
            continue;
        }
        seen.insert(name);
        for dependency in package["dependencies"].as_array().unwrap() {
            // Of every kind: normal, optional, build and dev.
            let other = text(&dependency["name"]);
            assert!(!other.starts_with("omg-"), "{name} depends on {other}");
        }
    }
    assert_eq!(seen.len(), LIBRARIES.len());
}

#[test]
fn libraries_have_neither_clap_nor_anyhow_and_no_runtime_by_default() {
    for library in LIBRARIES {
        let output = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "-p",
                library,
                "--no-default-features",
                "-e",
                "normal",
            ])
            .args(["--prefix", "none", "--format", "{p}"])
            .current_dir(workspace())
            .output()
            .unwrap();
        let tree = String::from_utf8(output.stdout).unwrap();
        // omg-pgp compiles only with a crypto backend; its tree is looked at all the same.
        for line in tree.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            for unwanted in ["anyhow", "clap", "reqwest", "tokio", "hyper"] {
                assert_ne!(name, unwanted, "{library} pulls in {unwanted}");
            }
        }
    }
}

/// Errors, times and models of other crates that a caller sees: an upgrade there breaks callers.
#[test]
fn public_dependencies_are_on_the_list() {
    for library in LIBRARIES {
        let manifest =
            std::fs::read_to_string(workspace().join(library).join("Cargo.toml")).unwrap();
        let Some((_, rest)) = manifest.split_once("# Visible in the public API") else {
            continue;
        };
        let public = rest.split("# Internal").next().unwrap();
        for line in public.lines() {
            let name = line
                .strip_prefix("[dependencies.")
                .and_then(|l| l.strip_suffix(']'));
            let Some(name) = name else { continue };
            let allowed = ["chrono", "serde", "cyclonedx-bom"];
            assert!(
                allowed.contains(&name),
                "{library} shows {name} to its callers"
            );
        }
    }
}

/// What deny.toml allows; a second, quick look that needs no other program.
#[test]
fn every_licence_is_allowed() {
    let deny: toml::Table =
        toml::from_str(&std::fs::read_to_string(workspace().join("deny.toml")).unwrap()).unwrap();
    let strings = |value: &toml::Value| -> BTreeSet<String> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_str().unwrap().to_owned())
            .collect()
    };
    let allowed = strings(&deny["licenses"]["allow"]);
    let mut exceptions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for exception in deny["licenses"]["exceptions"].as_array().unwrap() {
        let name = exception["crate"].as_str().unwrap().to_owned();
        exceptions.insert(name, strings(&exception["allow"]));
    }
    let metadata = metadata();
    for package in packages(&metadata) {
        let (name, licence) = (text(&package["name"]), text(&package["license"]));
        let extra = exceptions.get(name);
        let is_allowed = |id: &str| {
            let id = id.trim().trim_matches(['(', ')']);
            allowed.contains(id) || extra.is_some_and(|extra| extra.contains(id))
        };
        // Old manifests write a slash for OR.
        let expression = licence.replace('/', " OR ");
        let fine = expression
            .split(" AND ")
            .all(|part| part.split(" OR ").any(is_allowed));
        assert!(fine, "{name} is under {licence:?}");
    }
}

/// The packages that somebody needs who leaves the optional interpreter of Rego out: it says that
/// it needs the newest Rust, as the feature's documentation does.
fn without_rego(metadata: &Value) -> BTreeSet<&str> {
    let list = |value: &'static str| metadata[value].as_array().unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let nodes: BTreeMap<&str, &Value> = nodes.iter().map(|n| (text(&n["id"]), n)).collect();
    let mut open: Vec<&str> = list("workspace_members").iter().map(text).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !id.contains("#regorus@") && seen.insert(id) {
            let needed = nodes[id]["dependencies"].as_array().unwrap();
            open.extend(needed.iter().map(text));
        }
    }
    seen
}

/// The minimum supported Rust version is kept by every dependency that says its own.
#[test]
fn no_dependency_needs_a_newer_rust() {
    let metadata = metadata();
    let version =
        |text: &str| -> Vec<u32> { text.split('.').map(|n| n.parse().unwrap()).collect() };
    let ours = packages(&metadata)
        .iter()
        .find(|package| text(&package["name"]) == "omg-cli")
        .map(|package| text(&package["rust_version"]).to_owned())
        .unwrap();
    let needed = without_rego(&metadata);
    for package in packages(&metadata) {
        let theirs = text(&package["rust_version"]);
        if !theirs.is_empty() && needed.contains(text(&package["id"])) {
            let name = text(&package["name"]);
            assert!(
                version(theirs)[..2] <= version(&ours)[..2],
                "{name} needs Rust {theirs}"
            );
        }
    }
}

#[test]
fn every_published_crate_has_its_papers() {
    for name in LIBRARIES.iter().chain(&["omg-cli"]) {
        for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(
                workspace().join(name).join(file).is_file(),
                "{name}/{file} is missing"
            );
        }
    }
    for library in LIBRARIES {
        let lib = std::fs::read_to_string(workspace().join(library).join("src/lib.rs")).unwrap();
        for line in ["#![forbid(unsafe_code)]", "#![deny(missing_docs)]"] {
            assert!(lib.contains(line), "{library} lacks {line}");
        }
    }
}

/// Lines that are neither blank nor comment, up to a file's tests.
fn code_lines(folder: &Path) -> usize {
    let lines = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
        let code = code.map(str::trim);
        code.filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count()
    };
    sources(folder).iter().map(lines).sum()
}

/// The program is thin: ARCHITECTURE.md says how thin, and the aim.
#[test]
fn the_map_says_how_thin_the_program_is() {
    let source = |name: &str| code_lines(&workspace().join(name).join("src"));
    let libraries: usize = LIBRARIES.iter().map(|library| source(library)).sum();
    let measured = 100 * source("omg-cli") / libraries;
    let map = std::fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap();
    let map = map.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, _) = map.split_once(" % as much code as").unwrap();
    let said: usize = before.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(
        measured.abs_diff(said) <= 1,
        "ARCHITECTURE.md says {said} %, measured are {measured} %"
    );
}

/// Every Rust source below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// A value that is missing never becomes an empty one in code that verifies: the empty text equals
/// another empty text, and the digest of nothing is a digest.
#[test]
fn verifying_modules_have_no_default_in_place_of_a_missing_value() {
    let folders = [
        "omg-pgp/src",
        "omg-slsa/src",
        "omg-auditlog/src",
        "omg-cli/src/checks/signature",
        "omg-cli/src/checks/provenance",
    ];
    let mut found = Vec::new();
    for folder in folders {
        let files = sources(&workspace().join(folder));
        assert!(files.len() > 3, "{folder} has hardly any sources");
        // Exports are for other programs, and verify nothing.
        let exports = workspace().join("omg-auditlog/src/export");
        for file in files.iter().filter(|file| !file.starts_with(&exports)) {
            let text = std::fs::read_to_string(file).unwrap();
            // Only the tests at the end: code may follow an import, or a module, that is theirs.
            let code = match text.split_once("\n#[cfg(test)]\nmod tests {\n") {
                Some((code, _)) => code,
                None => &text,
            };
            for (number, line) in code.lines().enumerate() {
                let is_comment = line.trim_start().starts_with("//");
                if line.contains("unwrap_or_default") && !is_comment {
                    found.push(format!("{}:{}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
