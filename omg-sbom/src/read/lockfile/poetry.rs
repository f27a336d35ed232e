use serde::Deserialize;

use super::tables::{document, each};
use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        name::normalise_python_name,
        package::{Origin, Package, PackageKind, Scope},
        source::Source,
    },
    read::collector::Collector,
};

const FORMAT: &str = "poetry.lock";

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<toml::Value>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "lock-version", default)]
    lock_version: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    description: Option<String>,
    #[serde(default)]
    optional: bool,
    /// Lock version 1.
    category: Option<String>,
    /// Lock version 2.1.
    groups: Option<Vec<String>>,
    source: Option<EntrySource>,
    #[serde(default)]
    dependencies: toml::Table,
}

#[derive(Deserialize)]
struct EntrySource {
    r#type: String,
    url: String,
    resolved_reference: Option<String>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    let lock: Lock = document(bytes, FORMAT)?;
    let version = lock.metadata.lock_version.unwrap_or_else(|| "1".to_owned());
    if !matches!(version.split('.').next(), Some("1" | "2")) {
        return Err(ParseError::UnsupportedVersion {
            format: FORMAT,
            version,
        });
    }
    let mut collector = Collector::default();
    each(lock.package, &mut collector, |entry, collector| {
        collector.package(package(entry))
    })?;
    Ok(collector.finish(Source::PoetryLock))
}

fn package(entry: Entry) -> Package {
    let name = normalise_python_name(&entry.name);
    let mut package = Package::new(PackageKind::Pypi, name, &*entry.version);
    package.scope = scope(&entry);
    package.description = entry.description.filter(|text| !text.is_empty());
    package.depends = entry.dependencies.keys().cloned().collect();
    package.origin = match entry.source {
        None => Origin::Registry(None),
        Some(source) => origin(source),
    };
    package
}

fn scope(entry: &Entry) -> Scope {
    let for_main = match (&entry.groups, &entry.category) {
        (Some(groups), _) => groups.iter().any(|group| group == "main"),
        (None, Some(category)) => category == "main",
        (None, None) => return Scope::Unknown,
    };
    match (for_main, entry.optional) {
        (true, false) => Scope::Runtime,
        (true, true) => Scope::Optional,
        (false, _) => Scope::Development,
    }
}

fn origin(source: EntrySource) -> Origin {
    match source.r#type.as_str() {
        "legacy" => Origin::Registry(Some(source.url)),
        "git" => {
            let revision = source.resolved_reference.unwrap_or_default();
            Origin::Git(format!("{}#{revision}", source.url))
        }
        "directory" | "file" => Origin::Local,
        "url" => Origin::Archive(source.url),
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_origins() {
        let text = br#"
            [[package]]
            name = "A_b"
            version = "1"
            optional = true
            groups = ["main", "dev"]
            [package.dependencies]
            c = ">=1"
            [[package]]
            name = "c"
            version = "2"
            category = "dev"
            [package.source]
            type = "git"
            url = "https://example.org/c"
            reference = "main"
            resolved_reference = "0123"
            [[package]]
            name = "d"
            [metadata]
            lock-version = "2.1"
        "#;
        let inventory = parse(text).unwrap();
        let [a, c] = inventory.packages() else {
            panic!("{inventory:?}")
        };
        assert_eq!(
            (a.name.as_str(), a.scope, a.depends.len()),
            ("a-b", Scope::Optional, 1)
        );
        assert_eq!(
            c.origin,
            Origin::Git("https://example.org/c#0123".to_owned())
        );
        assert_eq!(c.scope, Scope::Development);
        assert_eq!(inventory.problems().len(), 1);
    }

    #[test]
    fn a_newer_version_is_refused() {
        let error = parse(b"[metadata]\nlock-version = \"3.0\"\n").unwrap_err();
        assert!(
            matches!(error, ParseError::UnsupportedVersion { .. }),
            "{error}"
        );
    }
}
