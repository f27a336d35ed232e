//! Package URLs against the official cases of the PURL specification.
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use omg_sbom::inventory::{Family, Identity, OsRelease, Package, PackageKind, sbom};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The cases for the types that the inventories make. Cases with a subpath or a qualifier that
/// packages do not have (`file_name`, `vcs_url`) are left out.
fn cases(test_type: &str) -> Vec<Value> {
    let Some(data) = common::data("sbom/purl/tests") else {
        return Vec::new();
    };
    let mut cases = Vec::new();
    for kind in ["alpm", "apk", "cargo", "deb", "npm", "pypi"] {
        let text = std::fs::read(data.join(format!("{kind}-test.json"))).unwrap();
        let file: Value = serde_json::from_slice(&text).unwrap();
        cases.extend(file["tests"].as_array().unwrap().iter().cloned());
    }
    cases.retain(|case| case["test_type"] == test_type && case["expected_failure"] == false);
    cases
}

fn is_expressible(parts: &Value) -> bool {
    let known = |key: &String| matches!(key.as_str(), "arch" | "distro");
    let qualifiers = parts["qualifiers"].as_object();
    parts["subpath"].is_null()
        && parts["version"].is_string()
        && qualifiers.is_none_or(|map| map.keys().all(known))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[test]
fn built_as_the_specification_says() {
    let mut count = 0;
    for case in cases("build") {
        let parts = &case["input"];
        if !is_expressible(parts) {
            continue;
        }
        let kind = PackageKind::from_purl_type(parts["type"].as_str().unwrap());
        let (name, version) = (
            text(&parts["name"]).unwrap(),
            text(&parts["version"]).unwrap(),
        );
        let (name, namespace) = match (&kind, text(&parts["namespace"])) {
            (PackageKind::Npm, Some(scope)) => (format!("{scope}/{name}"), None),
            (_, namespace) => (name, namespace),
        };
        let mut package = Package::new(kind, name, version);
        package.namespace = namespace;
        package.architecture = text(&parts["qualifiers"]["arch"]);
        package.distro = text(&parts["qualifiers"]["distro"]);
        assert_eq!(
            package.purl(None).unwrap(),
            case["expected_output"],
            "{parts}"
        );
        count += 1;
    }
    assert!(count >= 16 || count == 0, "{count}");
}

#[test]
fn read_as_the_specification_says() {
    let mut count = 0;
    for case in cases("parse") {
        let parts = &case["expected_output"];
        if !is_expressible(parts) {
            continue;
        }
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5",
            "components": [{"type": "library", "name": "x", "purl": case["input"]}]});
        let inventory = sbom::parse(document.to_string().as_bytes()).unwrap();
        let [package] = inventory.packages() else {
            panic!("{case}: {inventory:?}")
        };
        let name = match (&package.kind, text(&parts["namespace"])) {
            (PackageKind::Npm, Some(scope)) => {
                format!("{scope}/{}", parts["name"].as_str().unwrap())
            }
            _ => text(&parts["name"]).unwrap(),
        };
        assert_eq!(package.kind.purl_type(), parts["type"], "{case}");
        assert_eq!(package.name, name, "{case}");
        assert_eq!(package.version, parts["version"], "{case}");
        assert_eq!(
            package.architecture,
            text(&parts["qualifiers"]["arch"]),
            "{case}"
        );
        assert_eq!(
            package.distro,
            text(&parts["qualifiers"]["distro"]),
            "{case}"
        );
        count += 1;
    }
    assert!(count >= 16 || count == 0, "{count}");
}

#[test]
fn the_distribution_is_the_vendor() {
    let os = |text: &str| OsRelease::parse(text.as_bytes()).unwrap();
    let mut bash = Package::new(PackageKind::Alpm, "bash", "5.2.037-1");
    bash.architecture = Some("x86_64".to_owned());
    let cachyos = os("ID=cachyos\nID_LIKE=arch\n");
    let purl = bash.purl(Some(&cachyos)).unwrap();
    assert_eq!(purl, "pkg:alpm/cachyos/bash@5.2.037-1?arch=x86_64");
    // pacman on Debian says nothing about who built the package.
    let debian = os("ID=debian\nVERSION_CODENAME=trixie\n");
    assert!(bash.purl(Some(&debian)).is_err() && bash.purl(None).is_err());

    let mut attr = Package::new(PackageKind::Deb, "attr", "1:2.4.47-2+b1");
    attr.architecture = Some("amd64".to_owned());
    let purl = attr.purl(Some(&debian)).unwrap();
    assert_eq!(
        purl,
        "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-trixie"
    );
    assert!(attr.purl(None).is_err());

    let musl = Package::new(PackageKind::Apk, "musl", "1.2.5-r0");
    let alpine = os("ID=alpine\nVERSION_ID=3.20.3\n");
    assert_eq!(alpine.distribution().family, Family::Alpine);
    let purl = musl.purl(Some(&alpine)).unwrap();
    assert_eq!(purl, "pkg:apk/alpine/musl@1.2.5-r0?distro=alpine-3.20.3");
}

#[test]
fn what_an_sbom_says_is_not_mixed_with_this_machine() {
    let mut curl = Package::new(PackageKind::Deb, "curl", "8.5.0-2");
    curl.namespace = Some("ubuntu".to_owned());
    let here = OsRelease::parse(b"ID=debian\nVERSION_ID=12\n").unwrap();
    assert_eq!(
        curl.purl(Some(&here)).unwrap(),
        "pkg:deb/ubuntu/curl@8.5.0-2"
    );
}

#[test]
fn a_type_that_is_not_allowed_is_an_error() {
    let package = Package::new(PackageKind::Other("a/b".to_owned()), "x", "1");
    assert!(package.purl(None).is_err());
    let other = Package::new(PackageKind::Other("gem".to_owned()), "rails", "7.1.0");
    assert_eq!(other.purl(None).unwrap(), "pkg:gem/rails@7.1.0");
}

/// A part of an identity: mostly plain, at times with whatever has a meaning in a URL.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9][a-z0-9.+_-]{0,8}",
        1 => "[a-z0-9:~^%&=?#+ /,;|é]{1,8}",
    ]
}

prop_compose! {
    /// A package as readers make them, of every kind that they make.
    fn packages()(
        kind in 0..8_usize,
        (name, version) in (part(), part()),
        (namespace, architecture) in (prop::option::of(part()), prop::option::of(part())),
        (distro, repository_url) in (prop::option::of(part()), prop::option::of(part())),
        (base, base_version) in (prop::option::of(part()), prop::option::of(part())),
    ) -> Package {
        let kinds = ["alpm", "deb", "apk", "cargo", "npm", "pypi", "golang", "maven"];
        let mut package = Package::new(PackageKind::from_purl_type(kinds[kind]), name, version);
        if !matches!(kind, 3..=5) {
            package.namespace = namespace;
        }
        package.architecture = architecture;
        package.distro = distro;
        package.repository_url = repository_url;
        package.base = base;
        package.base_version = base_version;
        package
    }
}

proptest! {
    /// Writing an identity as a package URL and reading it loses no part. The specification itself
    /// writes some names in lower case and in one spelling (PyPI), and knows no empty segments.
    #[test]
    fn no_part_is_lost_on_the_way_through_a_package_url(package in packages(), system in 0..4_usize) {
        let systems = ["ID=arch", "ID=manjaro\nID_LIKE=arch", "ID=debian\nVERSION_ID=12", "ID=alpine"];
        let os = OsRelease::parse(systems[system].as_bytes()).unwrap();
        let identity = package.identity(Some(&os));
        let Ok(url) = identity.purl() else { return Ok(()) };
        let read = Identity::parse(&url).unwrap();
        prop_assert_eq!(read.purl().unwrap(), url, "canonical");
        let segments = identity.namespace.iter().flat_map(|text| text.split('/'));
        let is_canonical = identity.kind != PackageKind::Pypi
            && segments.clone().all(|part| !part.is_empty() && !matches!(part, "." | ".."))
            && (identity.kind != PackageKind::Npm || !identity.name.contains('/'));
        if is_canonical {
            prop_assert_eq!(&read, &identity);
            // And through the record that an SBOM is read into.
            let again = Package::from(read).identity(None);
            prop_assert_eq!(again, identity);
        }
    }
}
