//! The same machine and the same feed, judged by `arch-audit` 0.1.20 and by this program: with
//! `--strict` both find the same pairs of package and group.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Sandbox, pairs, shared_data, tool};

/// arch-audit writes each group that concerns the machine, with the packages that remain.
fn arch_audit(program: &Path, feed: &Path, database: &Path) -> Vec<(String, String)> {
    let output = Command::new(program)
        .args(["--json", "--source"])
        .arg(feed)
        .arg("--dbpath")
        .arg(database)
        .env_clear()
        .env("HOME", database)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let groups: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mut pairs = Vec::new();
    for group in &groups {
        for package in group["packages"].as_array().unwrap() {
            let package = package.as_str().unwrap().to_owned();
            pairs.push((package, group["name"].as_str().unwrap().to_owned()));
        }
    }
    pairs.sort();
    pairs.dedup();
    pairs
}

/// Gives how many pairs there were.
fn compare(program: &Path, sandbox: &Sandbox, feed: &Path, root: &Path) -> usize {
    let (root_arg, feed_arg) = (root.to_str().unwrap(), feed.to_str().unwrap());
    let args = [
        "audit",
        "scan",
        "--strict",
        "--root",
        root_arg,
        "--advisories",
        feed_arg,
    ];
    let (_, scan) = sandbox.json(&args);
    assert_eq!(scan["status"], "complete");
    let ours = pairs(&scan);
    let theirs = arch_audit(program, feed, &root.join("var/lib/pacman"));
    assert_eq!(ours, theirs);
    ours.len()
}

#[test]
fn a_hundred_generated_machines() {
    let Some(program) = tool("arch-audit") else {
        return;
    };
    let Some(python) = tool("python3") else {
        return;
    };
    let Some(generator) = shared_data("vuln/avg/gen_scale.py") else {
        return;
    };
    let machine = |seed: usize| {
        let sandbox = Sandbox::new();
        let database = sandbox.path("root/var/lib/pacman");
        std::fs::create_dir_all(&database).unwrap();
        let made = Command::new(&python)
            .arg(&generator)
            .args(["1000", "300", &seed.to_string()])
            .arg(&database)
            .status()
            .unwrap();
        assert!(made.success());
        compare(
            &program,
            &sandbox,
            &database.join("all.json"),
            &sandbox.path("root"),
        )
    };
    let found: usize = std::thread::scope(|scope| {
        let lane = |lane| {
            (1..=100)
                .filter(move |seed| seed % 4 == lane)
                .map(machine)
                .sum::<usize>()
        };
        let lanes: Vec<_> = (0..4)
            .map(|number| scope.spawn(move || lane(number)))
            .collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).sum()
    });
    assert!(found > 1_000, "{found}");
}

/// The real groups, against the versions around them: older, examined, fixed and newer.
#[test]
fn real_groups() {
    let Some(program) = tool("arch-audit") else {
        return;
    };
    let Some(feed) = shared_data("vuln/avg/all-sample.json") else {
        return;
    };
    let groups: Vec<Value> = serde_json::from_slice(&std::fs::read(&feed).unwrap()).unwrap();
    let mut found = 0;
    for pick in ["0-1", "affected", "fixed", "999:1-1"] {
        let sandbox = Sandbox::new();
        let mut installed = std::collections::BTreeMap::new();
        for group in &groups {
            let version =
                group[pick]
                    .as_str()
                    .unwrap_or(if pick.contains('-') { pick } else { "5-1" });
            for package in group["packages"].as_array().unwrap() {
                installed.insert(package.as_str().unwrap(), version);
            }
        }
        let installed: Vec<(&str, &str)> = installed.into_iter().collect();
        let root = sandbox.arch_root(&installed);
        found += compare(&program, &sandbox, &feed, &root);
    }
    assert!(found >= 16, "{found}");
}
