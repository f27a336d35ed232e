//! What was found of installed files, in documents.
#![cfg(feature = "cyclonedx")]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod common;
#[path = "common/schema.rs"]
mod schema;

use chrono::DateTime;
use common::data;
use omg_sbom::{
    Sbom, Serial,
    cyclonedx::{self, Version},
    files::{Digest, FileKind, Found, PackageFiles, Recorded, Report, Seen},
    inventory::{Inventory, Package, PackageKind, Source},
};
use schema::Schema;
use serde_json::Value;

fn report(package: &Package) -> Report {
    let mut with_digest = Recorded::new("usr/bin/a");
    with_digest.size = Some(0);
    with_digest.digest = Some(Digest::Md5([0; 16]));
    let mut configuration = Recorded::new("etc/a\u{1b}");
    configuration.mode = Some(0o600);
    configuration.is_configuration = true;
    let there = || Found::There(Seen::new(FileKind::File, 0o644));
    let files = [
        (Recorded::new("usr/bin/same"), there()),
        (with_digest, there()),
        (configuration, there()),
        (Recorded::new("usr/gone"), Found::Missing),
        (
            Recorded::new("usr/x"),
            Found::Unreadable("denied".to_owned()),
        ),
    ];
    let mut report = Report::default();
    report.packages = vec![PackageFiles::check(package, files)];
    report.extra = (0..1001).map(|n| format!("usr/{n}")).collect();
    report
}

fn json(sbom: &Sbom, version: Version) -> Value {
    let mut out = Vec::new();
    cyclonedx::write_json(sbom, version, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn values<'a>(of: &'a Value, name: &str) -> Vec<&'a str> {
    let all = of["properties"].as_array().unwrap().iter();
    let all = all.filter(|property| property["name"] == name);
    all.map(|property| property["value"].as_str().unwrap())
        .collect()
}

#[test]
fn files_are_counted_and_listed() {
    let package = Package::new(PackageKind::Alpm, "a", "1-1");
    let inventory = || Inventory::new(Source::Pacman, vec![package.clone()], vec![]);
    let builder = || Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent);
    let without = builder().inventory(inventory()).build(&common::order);
    let sbom = builder()
        .inventory(inventory())
        .files(report(&package))
        .build(&common::order);
    assert_ne!(without.serial_number(), sbom.serial_number());
    assert!(
        json(&without, Version::V1_5)
            .to_string()
            .find("omg:file")
            .is_none()
    );
    let document = json(&sbom, Version::V1_5);
    let component = &document["components"][0];
    assert_eq!(values(component, "omg:files-checked"), ["5"]);
    assert_eq!(values(component, "omg:file-missing"), ["usr/gone"]);
    assert_eq!(
        values(component, "omg:file-modified"),
        ["usr/bin/a: content"]
    );
    assert_eq!(values(component, "omg:file-unreadable"), ["usr/x: denied"]);
    let changed = values(component, "omg:file-configuration-changed");
    assert_eq!(changed.len(), 1);
    assert!(changed[0].ends_with(": mode") && !changed[0].contains('\u{1b}'));
    let method = &component["evidence"]["identity"]["methods"][1];
    assert_eq!(method["technique"], "hash-comparison");
    assert!((method["confidence"].as_f64().unwrap() - 0.2).abs() < 1e-6);
    let metadata = &document["metadata"];
    assert_eq!(values(metadata, "omg:files"), ["incomplete"]);
    assert_eq!(values(metadata, "omg:files-extra"), ["1001"]);
    assert_eq!(values(metadata, "omg:file-extra").len(), 1000);
    assert_eq!(values(metadata, "omg:files-extra-listed"), ["1000"]);

    let Some(folder) = data("sbom") else { return };
    for version in [Version::V1_5, Version::V1_6, Version::V1_7] {
        let schema = Schema::cyclonedx(&folder.join("schema"), version.as_str());
        schema.check(&json(&sbom, version));
    }
}
