use serde::Deserialize;

use super::tables::{document, each};
use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        name::normalise_python_name,
        package::{Origin, Package, PackageKind},
        problem::shorten,
        source::Source,
    },
    read::collector::Collector,
};

const FORMAT: &str = "uv.lock";

#[derive(Deserialize)]
struct Lock {
    version: i64,
    #[serde(default)]
    package: Vec<toml::Value>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    /// Absent where a project computes its own.
    version: Option<String>,
    #[serde(default)]
    source: toml::Table,
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    let lock: Lock = document(bytes, FORMAT)?;
    if lock.version != 1 {
        let version = lock.version.to_string();
        return Err(ParseError::UnsupportedVersion {
            format: FORMAT,
            version,
        });
    }
    let mut collector = Collector::default();
    each(lock.package, &mut collector, add)?;
    Ok(collector.finish(Source::UvLock))
}

fn add(entry: Entry, collector: &mut Collector) -> Result<(), ParseError> {
    let origin = origin(&entry.source);
    let Some(version) = entry.version else {
        // The project itself, whose version is computed when it is built.
        if origin == Origin::Local {
            return Ok(());
        }
        return collector.malformed(shorten(&entry.name), "no version");
    };
    let mut package = Package::new(
        PackageKind::Pypi,
        normalise_python_name(&entry.name),
        version,
    );
    package.origin = origin;
    package.depends = entry
        .dependencies
        .into_iter()
        .map(|dependency| dependency.name)
        .collect();
    collector.package(package)
}

fn origin(source: &toml::Table) -> Origin {
    let Some((kind, value)) = source.iter().find(|(kind, _)| *kind != "subdirectory") else {
        return Origin::Unknown;
    };
    let address = value.as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "registry" => Origin::Registry(Some(address)),
        "git" => Origin::Git(address),
        "url" => Origin::Archive(address),
        "virtual" | "editable" | "directory" | "path" => Origin::Local,
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        let text = br#"
            version = 1
            requires-python = ">=3.12"
            [[package]]
            name = "app"
            source = { editable = "." }
            dependencies = [{ name = "a" }]
            [[package]]
            name = "a"
            version = "1.0"
            source = { registry = "https://example.org/simple" }
            [[package]]
            name = "b"
            version = "1.0"
            source = { git = "https://example.org/b?rev=x#0123", subdirectory = "b" }
            [[package]]
            name = "c"
            version = "1.0"
            source = { virtual = "c" }
            [[package]]
            name = "d"
            source = { registry = "https://example.org/simple" }
        "#;
        let inventory = parse(text).unwrap();
        let origins: Vec<_> = inventory
            .packages()
            .iter()
            .map(|p| p.origin.clone())
            .collect();
        assert_eq!(
            origins,
            [
                Origin::Registry(Some("https://example.org/simple".to_owned())),
                Origin::Git("https://example.org/b?rev=x#0123".to_owned()),
                Origin::Local,
            ]
        );
        assert_eq!(inventory.problems()[0].subject, "d");
    }

    #[test]
    fn a_newer_version_is_refused() {
        let error = parse(b"version = 2\n").unwrap_err();
        assert!(
            matches!(error, ParseError::UnsupportedVersion { .. }),
            "{error}"
        );
    }
}
