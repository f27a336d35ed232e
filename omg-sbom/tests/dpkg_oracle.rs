//! dpkg's database against the real dpkg-query.
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::{fs, path::Path, process::Command};

use omg_sbom::inventory::{Inventory, Package, dpkg};
use tempfile::TempDir;

/// What is compared: a record per package, the fields apart by U+001F, the records by U+001E.
const FORMAT: &str = "${Package}\x1f${Version}\x1f${Architecture}\x1f${db:Status-Status}\x1f\
    ${source:Package}\x1f${source:Version}\x1f${Maintainer}\x1f${Homepage}\x1f${Section}\x1f\
    ${binary:Synopsis}\x1f${Provides}\x1f${Installed-Size}\x1e";

#[test]
fn this_machine_is_read_as_dpkg_query_does() {
    let directory = Path::new("/var/lib/dpkg");
    if !common::have(&["dpkg-query"]) {
        return;
    }
    let Ok(status) = fs::read(directory.join("status")) else {
        return common::skip("this machine has no dpkg database");
    };
    let inventory = dpkg::parse_status(&status).unwrap();
    assert!(inventory.is_complete(), "{:?}", inventory.problems());
    assert!(
        inventory.packages().len() >= 50,
        "{}",
        inventory.packages().len()
    );
    assert_eq!(rendered(&inventory), queried(directory));
}

#[test]
fn all_states_are_read_as_dpkg_query_does() {
    if !common::have(&["dpkg-query"]) {
        return;
    }
    let made = TempDir::new().unwrap();
    common::write(&made.path().join("info/format"), "1\n");
    let status = synthetic();
    common::write(&made.path().join("status"), &status);
    let inventory = dpkg::parse_status(status.as_bytes()).unwrap();
    assert!(inventory.is_complete(), "{:?}", inventory.problems());
    let expected = queried(made.path());
    assert_eq!(expected.len(), 4 * 6 + 3);
    assert_eq!(rendered(&inventory), expected);
}

/// Every selection with every state, and packages with continued, odd and missing fields.
fn synthetic() -> String {
    let states = [
        "not-installed",
        "config-files",
        "half-installed",
        "unpacked",
        "half-configured",
        "triggers-awaited",
        "triggers-pending",
        "installed",
    ];
    let mut text = String::new();
    for (number, selection) in ["install", "hold", "deinstall", "purge"].iter().enumerate() {
        for state in states {
            let flag = if state == "half-installed" {
                "reinstreq"
            } else {
                "ok"
            };
            text += &format!("Package: {state}{number}\nStatus: {selection} {flag} {state}\n");
            text += "Architecture: amd64\nMaintainer: A <a@example.org>\nVersion: 1:2.0~rc1-3+b1\n";
            text += match state {
                "triggers-awaited" => "Triggers-Awaited: other\n",
                "triggers-pending" => "Triggers-Pending: /usr/x\n",
                _ => "Source: src (1:2.0~rc1-3)\n",
            };
            text += "Description: one\n two\n .\n three\n\n";
        }
    }
    text += "Package: multi\nStatus: install ok installed\nMulti-Arch: same\nArchitecture: amd64\n\
        Version: 1-1\nsource: lower-case\nProvides: a (= 1),\n b\nInstalled-Size: 12\n\n";
    text += "Package: multi\nStatus: install ok installed\nMulti-Arch: same\nArchitecture: i386\n\
        Version: 1-1\nConffiles:\n /etc/x 0123456789abcdef0123456789abcdef\nDescription: last\n\n\n";
    text += "Package: plain\nSTATUS: install ok installed\nArchitecture: all\nVersion: 0\n\
        Homepage: https://example.org/a:b\nSection: non-free/x11\n";
    text
}

fn queried(directory: &Path) -> Vec<String> {
    let admin = format!("--admindir={}", directory.display());
    let mut query = Command::new("dpkg-query");
    let output = common::run(query.arg(admin).args(["-W", "-f", FORMAT]));
    let output = String::from_utf8_lossy(&output);
    let records = output.split_terminator('\u{1e}').map(str::to_owned);
    let is_on_disk = |record: &String| {
        !matches!(
            record.split('\u{1f}').nth(3),
            Some("not-installed" | "config-files")
        )
    };
    let mut records: Vec<_> = records.filter(is_on_disk).map(|r| normalised(&r)).collect();
    records.sort();
    records
}

/// dpkg-query keeps the line ends of continued fields.
fn normalised(record: &str) -> String {
    record
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" \u{1f}", "\u{1f}")
}

fn rendered(inventory: &Inventory) -> Vec<String> {
    let mut records: Vec<_> = inventory.packages().iter().map(render).collect();
    records.sort();
    records
}

fn render(package: &Package) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields = [
        package.name.clone(),
        package.version.clone(),
        text(&package.architecture),
        package.state.unwrap().status.to_string(),
        package.source_name().to_owned(),
        package.source_version().to_owned(),
        text(&package.maintainer),
        text(&package.url),
        package.groups.concat(),
        text(&package.description),
        package.provides.join(", "),
        package
            .installed_size
            .map(|bytes| (bytes / 1024).to_string())
            .unwrap_or_default(),
    ];
    normalised(&fields.join("\u{1f}"))
}
