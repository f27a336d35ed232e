use std::collections::BTreeMap;

use serde::Deserialize;

use super::tables::{document, each};
use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        package::{Origin, Package, PackageKind},
        problem::shorten,
        source::Source,
    },
    read::collector::Collector,
};

/// Cargo's encoding of a resolve graph; `cargo::core::resolver::encode` describes versions 1-4.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    package: Vec<toml::Value>,
    /// The workspace's root in version 1.
    #[serde(default)]
    root: Option<toml::Value>,
    /// The checksums in version 1: `checksum NAME VERSION (SOURCE)`.
    #[serde(default)]
    metadata: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    let lock: Lock = document(bytes, "Cargo.lock")?;
    if let Some(version) = lock.version.filter(|version| !(1..=4).contains(version)) {
        let version = version.to_string();
        return Err(ParseError::UnsupportedVersion {
            format: "Cargo.lock",
            version,
        });
    }
    let mut collector = Collector::default();
    let entries = lock.root.into_iter().chain(lock.package).collect();
    each(entries, &mut collector, |entry, collector| {
        add(entry, &lock.metadata, collector)
    })?;
    Ok(collector.finish(Source::CargoLock))
}

fn add(
    entry: Entry,
    metadata: &BTreeMap<String, toml::Value>,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    let source = entry.source.as_deref();
    let key = format!(
        "checksum {} {} ({})",
        entry.name,
        entry.version,
        source.unwrap_or_default()
    );
    let old_checksum = metadata.get(&key).and_then(toml::Value::as_str);
    let checksum = entry
        .checksum
        .as_deref()
        .or(old_checksum)
        .filter(|text| *text != "<none>");
    let digest = checksum.map(str::parse).transpose();
    if digest.is_err() {
        collector.malformed(shorten(&entry.name), "checksum cannot be read")?;
    }
    let mut package = Package::new(PackageKind::Cargo, &*entry.name, &*entry.version);
    package.origin = origin(source);
    package.archive_sha256 = digest.ok().flatten();
    package.depends = entry.dependencies;
    collector.package(package)
}

fn origin(source: Option<&str>) -> Origin {
    let Some(source) = source else {
        return Origin::Local;
    };
    match source.split_once('+') {
        Some(("registry", address)) => Origin::Registry(Some(address.to_owned())),
        Some(("sparse", _)) => Origin::Registry(Some(source.to_owned())),
        Some(("git", address)) => Origin::Git(address.to_owned()),
        Some(("path" | "directory", _)) => Origin::Local,
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_and_checksums_of_all_versions() {
        let old = br#"
            [[package]]
            name = "rand"
            version = "0.7.2"
            source = "registry+https://example.org/index"
            [root]
            name = "mine"
            version = "0.1.0"
            dependencies = ["rand 0.7.2 (registry+https://example.org/index)"]
            [metadata]
            "checksum rand 0.7.2 (registry+https://example.org/index)" = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        "#;
        let inventory = parse(old).unwrap();
        let [mine, rand] = inventory.packages() else {
            panic!("{inventory:?}")
        };
        assert_eq!(mine.origin, Origin::Local);
        assert_eq!(
            rand.origin,
            Origin::Registry(Some("https://example.org/index".to_owned()))
        );
        assert!(rand.archive_sha256.is_some() && inventory.is_complete());

        let new = br#"
            version = 4
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "git+https://example.org/a?branch=x#0123"
            [[package]]
            name = "b"
            version = "1.0.0"
            source = "sparse+https://example.org/"
            checksum = "zz"
            [[package]]
            name = "c"
        "#;
        let inventory = parse(new).unwrap();
        let [a, b] = inventory.packages() else {
            panic!("{inventory:?}")
        };
        assert_eq!(
            a.origin,
            Origin::Git("https://example.org/a?branch=x#0123".to_owned())
        );
        assert_eq!(
            b.origin,
            Origin::Registry(Some("sparse+https://example.org/".to_owned()))
        );
        assert_eq!(inventory.problems().len(), 2);
    }

    #[test]
    fn a_newer_version_is_refused() {
        let error = parse(b"version = 5\n").unwrap_err();
        assert!(
            matches!(error, ParseError::UnsupportedVersion { .. }),
            "{error}"
        );
    }
}
