//! Whole commands against files: each `tests/cmd/*.toml` is one run with its exact exit code,
//! standard output and standard error. `OMG_UPDATE_EXPECTED=1` writes what was seen into the
//! files, to be read before it is committed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::Path;

use serde::Deserialize;
use support::{Sandbox, workspace};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case is about, for people.
    about: String,
    args: Vec<String>,
    #[serde(default)]
    env: Vec<(String, String)>,
    status: i32,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
}

#[test]
fn every_case_prints_what_its_file_says() {
    let folder = workspace().join("omg-cli/tests/cmd");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let update = std::env::var_os("OMG_UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for file in &files {
        if let Err(difference) = check(file, update) {
            wrong.push(difference);
        }
    }
    assert!(files.len() >= 20, "only {} cases", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(file: &Path, update: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let case: Case = toml::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    let mut sandbox = Sandbox::new();
    for (key, value) in &case.env {
        sandbox.env(key, value);
    }
    let args: Vec<&str> = case.args.iter().map(String::as_str).collect();
    let run = sandbox.run(&args);
    let seen = (run.code, run.stdout.as_str(), run.stderr.as_str());
    if seen == (case.status, case.stdout.as_str(), case.stderr.as_str()) {
        return Ok(());
    }
    if update {
        let quoted = |list: &[String]| toml::Value::from(list.to_vec()).to_string();
        let mut out = format!("about = {}\n", toml::Value::from(case.about.as_str()));
        out.push_str(&format!("args = {}\n", quoted(&case.args)));
        if !case.env.is_empty() {
            let env: Vec<_> = case
                .env
                .iter()
                .map(|(k, v)| vec![k.clone(), v.clone()])
                .collect();
            out.push_str(&format!("env = {}\n", toml::Value::try_from(env).unwrap()));
        }
        out.push_str(&format!("status = {}\n", run.code));
        for (key, value) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if !value.is_empty() {
                let value = value
                    .replace('\\', "\\\\")
                    .replace("\"\"\"", "\\\"\\\"\\\"");
                let value = value.replace('\u{1b}', "\\u001b");
                out.push_str(&format!("{key} = \"\"\"\n{value}\"\"\"\n"));
            }
        }
        std::fs::write(file, out).unwrap();
        return Ok(());
    }
    Err(format!(
        "{name} ({}):\n--- expected {} ---\n{}{}\n--- seen {} ---\n{}{}",
        case.about, case.status, case.stdout, case.stderr, run.code, run.stdout, run.stderr
    ))
}
