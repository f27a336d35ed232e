use serde_json::{Map, Value};

use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        name::normalise_python_name,
        package::{Origin, Package, PackageKind, Scope},
        problem::{Problem, ProblemKind, shorten},
        source::Source,
    },
    read::collector::Collector,
};

const FORMAT: &str = "Pipfile.lock";

/// Pipenv's lock file; `pipfile-spec` 6 is its only version since 2017.
pub(super) fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    let lock: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|e| ParseError::syntax(FORMAT, e))?;
    let version = lock.get("_meta").and_then(|meta| meta.get("pipfile-spec"));
    if version.and_then(Value::as_u64) != Some(6) {
        let version = shorten(&version.map_or_else(|| "(none)".to_owned(), Value::to_string));
        return Err(ParseError::UnsupportedVersion {
            format: FORMAT,
            version,
        });
    }
    let indexes = Indexes::of(&lock);
    let mut collector = Collector::default();
    for (category, value) in lock.iter().filter(|(category, _)| *category != "_meta") {
        // Beside these two a project can name categories of its own.
        let scope = match category.as_str() {
            "default" => Scope::Runtime,
            "develop" => Scope::Development,
            _ => Scope::Unknown,
        };
        let Some(entries) = value.as_object() else {
            collector.malformed(shorten(category), "not an object")?;
            continue;
        };
        for (name, entry) in entries {
            add(name, entry, scope, &indexes, &mut collector)?;
        }
    }
    // What several categories need stands in each of them.
    collector.merge_copies();
    Ok(collector.finish(Source::PipfileLock))
}

/// The indexes of the project, by the names that packages have for them: `_meta.sources`.
struct Indexes<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Indexes<'a> {
    fn of(lock: &'a Map<String, Value>) -> Self {
        let sources = lock.get("_meta").and_then(|meta| meta.get("sources"));
        let sources = sources.and_then(Value::as_array).into_iter().flatten();
        let text = |source: &'a Value, key| source.get(key).and_then(Value::as_str);
        let named = |source| Some((text(source, "name")?, text(source, "url")?));
        Self(sources.filter_map(named).collect())
    }

    /// A package without an index comes from the first one (pipenv, "Specifying Package Indexes").
    /// A name that no index has, or that several have with different addresses, stays a name.
    fn address(&self, name: Option<&'a str>) -> Option<&'a str> {
        let Some(name) = name else {
            return self.0.first().map(|(_, address)| *address);
        };
        let addresses = self.0.iter().filter(|(known, _)| *known == name);
        let mut addresses = addresses.map(|(_, address)| *address);
        let first = addresses.next().unwrap_or(name);
        let is_one = addresses.all(|other| other == first);
        Some(if is_one { first } else { name })
    }
}

fn add(
    name: &str,
    entry: &Value,
    scope: Scope,
    indexes: &Indexes<'_>,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    let text = |key| entry.get(key).and_then(Value::as_str);
    if text("path").is_some() {
        // A directory of the project; its own manifest has the version.
        return Ok(());
    }
    let Some(version) = text("version").and_then(|version| version.strip_prefix("==")) else {
        let problem = Problem::new(shorten(name), ProblemKind::NotPinned, "no exact version");
        return collector.problem(problem);
    };
    let mut package = Package::new(PackageKind::Pypi, normalise_python_name(name), version);
    package.origin = Origin::Registry(indexes.address(text("index")).map(str::to_owned));
    package.scope = scope;
    collector.package(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_and_sources() {
        let lock = br#"{"_meta": {"pipfile-spec": 6}, "default": {
                "A_b": {"version": "==1.0", "index": "pypi", "markers": "x"},
                "git": {"git": "https://example.org/x", "ref": "0123"},
                "own": {"path": ".", "editable": true},
                "range": {"version": ">=1"}, "worse": 1},
            "develop": {"c": {"version": "==2"}, "a-b": {"version": "==1.0", "index": "pypi"}}, "docs": {"d": {"version": "==3"}}, "odd": 1}"#;
        let inventory = parse(lock).unwrap();
        let line = |p: &Package| (p.name.clone(), p.version.clone(), p.scope);
        let listed: Vec<_> = inventory.packages().iter().map(line).collect();
        assert_eq!(
            listed,
            [
                ("a-b".to_owned(), "1.0".to_owned(), Scope::Runtime),
                ("c".to_owned(), "2".to_owned(), Scope::Development),
                ("d".to_owned(), "3".to_owned(), Scope::Unknown),
            ]
        );
        assert_eq!(
            inventory.packages()[0].origin,
            Origin::Registry(Some("pypi".to_owned()))
        );
        let subjects: Vec<_> = inventory.problems().iter().map(|p| &*p.subject).collect();
        assert_eq!(subjects, ["git", "odd", "range", "worse"]);
    }

    #[test]
    fn names_of_indexes_are_looked_up_in_the_file() {
        let lock = br#"{"_meta": {"pipfile-spec": 6, "sources": [
                {"name": "pypi", "url": "https://pypi.org/simple"},
                {"name": "corp", "url": "https://python.example.org/simple"},
                {"name": "two", "url": "https://pypi.org/simple"},
                {"name": "two", "url": "https://python.example.org/simple"}]},
            "default": {
                "a": {"version": "==1", "index": "pypi"}, "b": {"version": "==1", "index": "corp"},
                "c": {"version": "==1"}, "d": {"version": "==1", "index": "two"},
                "e": {"version": "==1", "index": "none"}}}"#;
        let inventory = parse(lock).unwrap();
        let registry = |package: &Package| match &package.origin {
            Origin::Registry(Some(address)) => address.clone(),
            other => panic!("{other:?}"),
        };
        let found: Vec<_> = inventory.packages().iter().map(registry).collect();
        let (pypi, corp) = (
            "https://pypi.org/simple",
            "https://python.example.org/simple",
        );
        assert_eq!(found, [pypi, corp, pypi, "two", "none"]);
    }

    #[test]
    fn other_versions_are_refused() {
        for lock in [&br#"{"_meta": {"pipfile-spec": 7}}"#[..], b"{}"] {
            let error = parse(lock).unwrap_err();
            assert!(
                matches!(error, ParseError::UnsupportedVersion { .. }),
                "{error}"
            );
        }
    }
}
