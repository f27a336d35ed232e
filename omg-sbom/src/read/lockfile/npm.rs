use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        package::{Origin, Package, PackageKind, Scope},
        problem::{Problem, ProblemKind, shorten},
        source::Source,
    },
    read::collector::Collector,
};

const FORMAT: &str = "package-lock.json";

/// npm documentation, "package-lock.json". Version 1 has `dependencies`, version 3 `packages`,
/// version 2 both with the same content.
pub(super) fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    // serde_json refuses more than 128 levels, which bounds the recursion below.
    let lock: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|e| ParseError::syntax(FORMAT, e))?;
    let mut collector = Collector::default();
    match lock.get("lockfileVersion").and_then(Value::as_u64) {
        // bun.lock resembles version 1 and holds `packages`, which only later versions of npm have.
        Some(1) if lock.contains_key("packages") => {
            let detail = "version 1 has no packages: the lock file of another program, as bun.lock";
            return Err(ParseError::syntax(FORMAT, detail));
        }
        Some(1) => dependencies(&lock, &mut collector)?,
        Some(2 | 3) => packages(&lock, &mut collector)?,
        other => {
            let version = other.map_or_else(|| "(none)".to_owned(), |version| version.to_string());
            return Err(ParseError::UnsupportedVersion {
                format: FORMAT,
                version,
            });
        }
    }
    // npm installs the same package below each one that cannot share it.
    collector.merge_copies();
    Ok(collector.finish(Source::PackageLock))
}

/// Version 1: a tree, of which each level shadows the ones above it.
fn dependencies(level: &Map<String, Value>, collector: &mut Collector) -> Result<(), ParseError> {
    let Some(Value::Object(entries)) = level.get("dependencies") else {
        return Ok(());
    };
    for (name, value) in entries {
        let Value::Object(entry) = value else {
            collector.malformed(shorten(name), "not an object")?;
            continue;
        };
        old_entry(name, entry, collector)?;
        dependencies(entry, collector)?;
    }
    Ok(())
}

fn old_entry(
    name: &str,
    entry: &Map<String, Value>,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    // npm 7 leaves `optional` alone of a package for another platform, which it did not install.
    let is_left_out = |key| key == "optional" || key == "dev";
    if is_set(entry, "optional") && entry.keys().all(|key| is_left_out(key.as_str())) {
        return Ok(());
    }
    let Some(version) = text(entry, "version") else {
        return collector.malformed(shorten(name), "no version");
    };
    if version.starts_with("file:") {
        // A directory of the project; its own manifest has the version.
        return Ok(());
    }
    let alias = version
        .strip_prefix("npm:")
        .and_then(|alias| alias.rsplit_once('@'));
    let (name, version) = alias.unwrap_or((name, version));
    if version.contains(':') {
        let detail = "an address instead of a version";
        return collector.problem(Problem::new(shorten(name), ProblemKind::NotPinned, detail));
    }
    let mut package = Package::new(PackageKind::Npm, name, version);
    package.origin = origin(name, entry);
    package.scope = scope(entry);
    package.depends = relations(entry, "requires");
    collector.package(package)
}

/// Versions 2 and 3: every directory by its path; the project's own ones lie outside of
/// `node_modules`.
fn packages(lock: &Map<String, Value>, collector: &mut Collector) -> Result<(), ParseError> {
    let Some(Value::Object(entries)) = lock.get("packages") else {
        return Err(ParseError::syntax(FORMAT, "no packages"));
    };
    for (path, value) in entries {
        match value {
            Value::Object(entry) => new_entry(path, entry, collector)?,
            _ => collector.malformed(shorten(path), "not an object")?,
        }
    }
    Ok(())
}

fn new_entry(
    path: &str,
    entry: &Map<String, Value>,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    if is_set(entry, "link") {
        // The directory that it leads to has an entry of its own.
        return Ok(());
    }
    let directory = path.rsplit_once("node_modules/").map(|(_, name)| name);
    // The field `name` is written where the directory is called otherwise: aliases.
    let name = text(entry, "name").or(directory);
    let version = text(entry, "version");
    if directory.is_none() && (name.is_none() || version.is_none()) {
        // A private project needs neither name nor version.
        return Ok(());
    }
    let (Some(name), Some(version)) = (name, version) else {
        return collector.malformed(shorten(path), "no version");
    };
    let mut package = Package::new(PackageKind::Npm, name, version);
    package.origin = match directory {
        Some(_) => origin(name, entry),
        None => Origin::Local,
    };
    package.scope = scope(entry);
    package.licences = text(entry, "license")
        .map(str::to_owned)
        .into_iter()
        .collect();
    package.depends = relations(entry, "dependencies");
    package.optional_depends = relations(entry, "optionalDependencies");
    collector.package(package)
}

/// Archives of a registry lie at `REGISTRY/NAME/-/FILE`; any other address is named as such.
fn origin(name: &str, entry: &Map<String, Value>) -> Origin {
    let Some(address) = text(entry, "resolved") else {
        // npm's option `omit-lockfile-registry-resolved` leaves the digest only, which entries
        // from elsewhere do not have without an address.
        return match text(entry, "integrity") {
            Some(_) => Origin::Registry(None),
            None => Origin::Unknown,
        };
    };
    if address.starts_with("git") {
        return Origin::Git(address.to_owned());
    }
    if address.starts_with("file:") {
        return Origin::Local;
    }
    match registry_of(name, address) {
        Some(registry) => Origin::Registry(Some(registry.to_owned())),
        None => Origin::Archive(address.to_owned()),
    }
}

/// The registry in front of `/NAME/-/`. Older versions of npm wrote the slash of a scope as `%2f`, and
/// some registries its `@` as `%40`: only the name is decoded, as an address is cut before that.
fn registry_of<'a>(name: &str, address: &'a str) -> Option<&'a str> {
    let (before, _) = address.rsplit_once("/-/")?;
    let starts = before.rmatch_indices('/').take(2);
    let mut found = starts.filter_map(|(at, _)| {
        let decoded = percent_decode_str(&before[at + 1..]).decode_utf8().ok()?;
        (decoded == name).then_some(&before[..at])
    });
    found.next()
}

fn scope(entry: &Map<String, Value>) -> Scope {
    if is_set(entry, "dev") {
        Scope::Development
    } else if is_set(entry, "optional") || is_set(entry, "devOptional") {
        Scope::Optional
    } else {
        Scope::Runtime
    }
}

fn relations(entry: &Map<String, Value>, key: &str) -> Vec<String> {
    let Some(Value::Object(relations)) = entry.get(key) else {
        return Vec::new();
    };
    let relation = |(name, range): (&String, &Value)| match range.as_str() {
        Some(range) => format!("{name}@{range}"),
        None => name.clone(),
    };
    relations.iter().map(relation).collect()
}

fn text<'a>(entry: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    entry
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn is_set(entry: &Map<String, Value>, key: &str) -> bool {
    entry.get(key).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(inventory: &Inventory) -> Vec<(&str, &str, Scope)> {
        inventory
            .packages()
            .iter()
            .map(|p| (p.name.as_str(), p.version.as_str(), p.scope))
            .collect()
    }

    #[test]
    fn what_npm_did_not_install_is_no_hole() {
        let problems = |entry: &str| {
            let lock =
                format!(r#"{{"lockfileVersion": 1, "dependencies": {{"fsevents": {entry}}}}}"#);
            parse(lock.as_bytes()).unwrap().problems().len()
        };
        assert_eq!(problems(r#"{"optional": true}"#), 0);
        assert_eq!(problems(r#"{"dev": true, "optional": true}"#), 0);
        assert_eq!(problems("{}"), 1);
        assert_eq!(problems(r#"{"optional": false}"#), 1);
        assert_eq!(
            problems(r#"{"optional": true, "integrity": "sha512-00"}"#),
            1
        );
    }

    #[test]
    fn the_lock_file_of_bun_is_not_an_empty_one() {
        let lock = br#"{"lockfileVersion": 1, "workspaces": {"": {"name": "d"}},
            "packages": {"lodash": ["lodash@4.17.15", "", {}, "sha512-00"]}}"#;
        let error = parse(lock).unwrap_err();
        assert!(error.to_string().contains("bun.lock"), "{error}");
    }

    #[test]
    fn escaped_names_are_names() {
        let registry = |address| registry_of("@types/x", address);
        let npm = Some("https://registry.npmjs.org");
        for name in ["@types/x", "@types%2fx", "@types%2Fx", "%40types/x"] {
            let address = format!("https://registry.npmjs.org/{name}/-/x-1.0.0.tgz");
            assert_eq!(registry_of("@types/x", &address), npm, "{address}");
        }
        assert_eq!(registry("https://registry.npmjs.org/x/-/x-1.0.0.tgz"), None);
        assert_eq!(
            registry("https://files.example.org/build/x-1.0.0.tgz"),
            None
        );
        // What comes before the name is left as it is written.
        let user = "https://registry.npmjs.org%2f@example.org";
        let address = format!("{user}/@types/x/-/x-1.0.0.tgz");
        assert_eq!(registry(&address), Some(user));
    }

    #[test]
    fn version_1_is_a_tree() {
        let lock = br#"{"lockfileVersion": 1, "name": "mine", "dependencies": {
            "a": {"version": "1.0.0", "resolved": "https://example.org/a/-/a-1.0.0.tgz",
                  "requires": {"b": "^2.0.0"},
                  "dependencies": {"b": {"version": "2.0.0", "integrity": "sha512-x", "dev": true}}},
            "alias": {"version": "npm:@x/real@3.0.0", "optional": true},
            "local": {"version": "file:../local"},
            "git": {"version": "git+ssh://git@example.org/x.git#0123"},
            "broken": {}, "worse": 1
        }}"#;
        let inventory = parse(lock).unwrap();
        assert_eq!(
            listed(&inventory),
            [
                ("@x/real", "3.0.0", Scope::Optional),
                ("a", "1.0.0", Scope::Runtime),
                ("b", "2.0.0", Scope::Development),
            ]
        );
        let a = &inventory.packages()[1];
        assert_eq!(
            a.origin,
            Origin::Registry(Some("https://example.org".to_owned()))
        );
        assert_eq!(a.depends, ["b@^2.0.0"]);
        assert_eq!(inventory.packages()[0].origin, Origin::Unknown);
        assert_eq!(inventory.packages()[2].origin, Origin::Registry(None));
        let subjects: Vec<_> = inventory.problems().iter().map(|p| &*p.subject).collect();
        assert_eq!(subjects, ["broken", "git", "worse"]);
    }

    #[test]
    fn version_3_is_a_table_of_directories() {
        let lock = br#"{"lockfileVersion": 3, "packages": {
            "": {"name": "mine", "version": "1.0.0"},
            "packages/member": {"version": "0.1.0"},
            "node_modules/member": {"resolved": "packages/member", "link": true},
            "node_modules/@x/y": {"version": "1.0.0", "license": "MIT", "dev": true,
                "resolved": "https://example.org/npm/@x/y/-/y-1.0.0.tgz"},
            "node_modules/@x/y/node_modules/alias": {"name": "real", "version": "2.0.0",
                "resolved": "git+ssh://git@example.org/real.git#0123"},
            "node_modules/tar": {"version": "3.0.0", "resolved": "https://example.org/t.tgz"},
            "node_modules/none": {}, "node_modules/worse": null
        }}"#;
        let inventory = parse(lock).unwrap();
        assert_eq!(
            listed(&inventory),
            [
                ("@x/y", "1.0.0", Scope::Development),
                ("mine", "1.0.0", Scope::Runtime),
                ("real", "2.0.0", Scope::Runtime),
                ("tar", "3.0.0", Scope::Runtime),
            ]
        );
        let origins: Vec<_> = inventory
            .packages()
            .iter()
            .map(|p| p.origin.clone())
            .collect();
        assert_eq!(
            origins,
            [
                Origin::Registry(Some("https://example.org/npm".to_owned())),
                Origin::Local,
                Origin::Git("git+ssh://git@example.org/real.git#0123".to_owned()),
                Origin::Archive("https://example.org/t.tgz".to_owned()),
            ]
        );
        assert_eq!(inventory.problems().len(), 2);
    }

    #[test]
    fn copies_are_one_package() {
        let lock = br#"{"lockfileVersion": 3, "packages": {
            "node_modules/a/node_modules/c": {"version": "1.0.0", "dev": true},
            "node_modules/b/node_modules/c": {"version": "1.0.0", "dependencies": {"d": "1"}},
            "node_modules/c": {"version": "2.0.0", "optional": true},
            "node_modules/e/node_modules/c": {"version": "2.0.0", "dev": true},
            "node_modules/f/node_modules/c": {"version": "2.0.0", "resolved": "git://x"}
        }}"#;
        assert_eq!(
            listed(&parse(lock).unwrap()),
            [
                ("c", "1.0.0", Scope::Runtime),
                ("c", "2.0.0", Scope::Optional),
                ("c", "2.0.0", Scope::Runtime),
            ]
        );
    }

    #[test]
    fn other_versions_are_refused() {
        for lock in [&br#"{"lockfileVersion": 4}"#[..], b"{}"] {
            let error = parse(lock).unwrap_err();
            assert!(
                matches!(error, ParseError::UnsupportedVersion { .. }),
                "{error}"
            );
        }
        assert!(parse(br#"{"lockfileVersion": 3}"#).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = r#"{"dependencies":{"a":"#.repeat(200);
        let lock = format!(r#"{{"lockfileVersion":1,"dependencies":{{"a":{deep}"#);
        assert!(matches!(
            parse(lock.as_bytes()),
            Err(ParseError::Syntax { .. })
        ));
    }
}
