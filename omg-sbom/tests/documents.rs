//! Documents against the official schemas and against another reader, also where the databases
//! are hostile.
#![cfg(feature = "cyclonedx")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;
#[path = "common/schema.rs"]
mod schema;

use chrono::DateTime;
use common::{data, files};
use cyclonedx_bom::{models::bom::Bom, validation::Validate};
use omg_sbom::{
    Contact, Looked, Placement, Rating, Sbom, Serial, Vulnerability, VulnerabilityState,
    cyclonedx::{self, Version},
    inventory::{
        InstallReason, Inventory, Origin, OsRelease, Package, PackageKind, Problem, ProblemKind,
        Source, Validation,
    },
};
use proptest::{collection::vec, option, prelude::*};
use schema::Schema;
use serde_json::Value;

const VERSIONS: [Version; 3] = [Version::V1_5, Version::V1_6, Version::V1_7];

fn json(sbom: &Sbom, version: Version) -> Value {
    serde_json::from_slice(&bytes(sbom, version)).unwrap()
}

fn bytes(sbom: &Sbom, version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    cyclonedx::write_json(sbom, version, &mut out).unwrap();
    out
}

fn schemas() -> Option<Vec<(Version, Schema)>> {
    let folder = data("sbom")?.join("schema");
    let schema = |version: Version| (version, Schema::cyclonedx(&folder, version.as_str()));
    Some(VERSIONS.map(schema).into_iter().collect())
}

#[test]
fn official_documents_get_the_right_verdict() {
    let (Some(schemas), Some(data)) = (schemas(), data("sbom")) else {
        return;
    };
    let mut count = 0;
    for (version, schema) in &schemas {
        for file in files(&data.join(format!("cdx-{}", version.as_str()))) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let verdict = schema.accepts(&schema::read(&file));
            assert_eq!(verdict, name.starts_with("valid"), "{name}");
            count += 1;
        }
    }
    assert!(count >= 137, "only {count} documents");
}

fn arch() -> OsRelease {
    OsRelease::parse(
        b"NAME=\"Arch Linux\"\nPRETTY_NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n",
    )
    .unwrap()
}

fn full(name: &str, version: &str) -> Package {
    let mut package = Package::new(PackageKind::Alpm, name, version);
    package.architecture = Some("x86_64".to_owned());
    package.base = Some("gtk+".to_owned());
    package.description = Some("One line".to_owned());
    package.url = Some("https://example.org/".to_owned());
    package.licences = vec!["GPL3".to_owned()];
    package.maintainer = Some("Jane Doe <jane@archlinux.org>".to_owned());
    package.origin = Origin::Repository("extra".to_owned());
    package.reason = Some(InstallReason::Explicit);
    package.archive_sha256 = Some([7; 32].into());
    package.validation = vec![Validation::Pgp];
    package.depends = vec!["zlib>=1".to_owned(), "gone".to_owned()];
    package
}

fn document(packages: Vec<Package>, problems: Vec<Problem>) -> Sbom {
    Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent)
        .tool("omg", "0.1.0")
        .author(Contact::parse("Jane Doe <jane@example.org>").unwrap())
        .supplier("Arch Linux")
        .data_licence("CC0-1.0")
        .host("alpha")
        .system(arch())
        .inventory(Inventory::new(Source::Pacman, packages, problems))
        .build(&common::order)
}

fn vulnerability(affects: &str) -> Vulnerability {
    let mut record = Vulnerability::new("AVG-1", VulnerabilityState::Exploitable);
    record.aliases = vec!["CVE-2024-3094".to_owned()];
    record.source = Some("Arch Linux Security".to_owned());
    record.description = Some("arbitrary\tcode".to_owned());
    record.recommendation = Some("update to 2-1".to_owned());
    record.references = vec![
        "https://security.archlinux.org/AVG-1".to_owned(),
        "no address".to_owned(),
    ];
    let mut rating = Rating::severity("critical");
    rating.score = Some("9.8".to_owned());
    rating.vector = Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned());
    record.ratings = vec![rating];
    record.published = Some(DateTime::UNIX_EPOCH);
    record.affects = vec![affects.to_owned()];
    record
}

#[test]
fn every_part_is_valid_and_read_back() {
    let Some(schemas) = schemas() else { return };
    let packages = vec![full("a", "1-1"), full("zlib", "1:1.3-1")];
    let problem = Problem::new("x", ProblemKind::Malformed, "broken\u{1b}[31m");
    for problems in [vec![], vec![problem]] {
        let mut sbom = document(packages.clone(), problems);
        let reference = sbom.components()[0].reference().to_owned();
        for looked in [Looked::Fully, Looked::Partly("offline".to_owned())] {
            sbom.attach(looked, Placement::Within, vec![vulnerability(&reference)])
                .unwrap();
            for (version, schema) in &schemas {
                schema.check(&json(&sbom, *version));
                let mut vex = Vec::new();
                cyclonedx::write_vex(&sbom, *version, &mut vex).unwrap();
                let vex: Value = serde_json::from_slice(&vex).unwrap();
                schema.check(&vex);
                let affected = vex["vulnerabilities"][0]["affects"][0]["ref"]
                    .as_str()
                    .unwrap();
                let serial = sbom.serial_number().replace("urn:uuid:", "urn:cdx:");
                assert!(affected.starts_with(&format!("{serial}/1#pkg%3Aalpm%2Farch%2Fa")));
            }
            read_back(&sbom);
        }
    }
}

/// The document through `cyclonedx_bom`: every value that it models, and its own validation.
fn read_back(sbom: &Sbom) {
    let document = json(sbom, Version::V1_5);
    let bom = Bom::parse_json_value(document.clone()).unwrap();
    let result = bom.validate();
    assert!(result.passed(), "{result:#?}");
    let mut again = Vec::new();
    bom.clone().output_as_json_v1_5(&mut again).unwrap();
    let mut again: Value = serde_json::from_slice(&again).unwrap();
    again["$schema"] = document["$schema"].clone();
    for (ours, theirs) in [(&document, &mut again)] {
        for part in [
            "components",
            "dependencies",
            "compositions",
            "metadata",
            "vulnerabilities",
        ] {
            compare(&ours[part], &theirs[part], part);
        }
        assert_eq!(ours["serialNumber"], theirs["serialNumber"]);
    }
    let mut xml = Vec::new();
    cyclonedx::write_xml(sbom, &mut xml).unwrap();
    let from_xml = Bom::parse_from_xml_v1_5(xml.as_slice()).unwrap();
    let count = |bom: &Bom| bom.components.as_ref().map_or(0, |c| c.0.len());
    assert_eq!(count(&from_xml), count(&bom));
}

/// Everything that we wrote is there; the other writer may add empty lists.
fn compare(ours: &Value, theirs: &Value, path: &str) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in ours {
                let other = theirs.get(key).unwrap_or(&Value::Null);
                compare(value, other, &format!("{path}.{key}"));
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{path}");
            for (position, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(ours, theirs, &format!("{path}[{position}]"));
            }
        }
        (Value::Array(ours), Value::Null) => assert!(ours.is_empty(), "{path}"),
        (Value::Number(ours), Value::Number(theirs)) => {
            let difference = ours.as_f64().unwrap() - theirs.as_f64().unwrap();
            assert!(difference.abs() < 1e-6, "{path}: {ours} {theirs}");
        }
        _ => assert_eq!(ours, theirs, "{path}"),
    }
}

#[test]
fn nothing_is_invented() {
    let bare = vec![Package::new(PackageKind::Alpm, "a", "1-1")];
    let sbom = document(bare, vec![]);
    let document = json(&sbom, Version::V1_5);
    let component = document["components"][0].as_object().unwrap();
    let keys: Vec<_> = component.keys().map(String::as_str).collect();
    let mut expected = ["type", "bom-ref", "name", "version", "purl", "evidence"];
    expected.sort_unstable();
    let mut keys = keys;
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(document.get("vulnerabilities"), None);
    let properties = document["metadata"]["properties"].to_string();
    assert!(properties.contains("not looked for"), "{properties}");
}

#[test]
fn what_is_incomplete_says_so() {
    let problem = Problem::new("local/x", ProblemKind::Unreadable, "denied");
    let sbom = document(vec![full("a", "1-1")], vec![problem]);
    let document = json(&sbom, Version::V1_5);
    let compositions = &document["compositions"];
    assert_eq!(compositions[0]["aggregate"], "incomplete");
    // `a` needs what is not there.
    let reference = sbom.components()[0].reference();
    assert_eq!(compositions[1]["aggregate"], "incomplete");
    assert_eq!(
        compositions[1]["dependencies"],
        serde_json::json!(["system", reference])
    );
    assert!(
        document["metadata"]["properties"]
            .to_string()
            .contains("denied")
    );
}

#[test]
fn a_hash_or_a_serial_number_is_the_contents() {
    let of = |description: &str| {
        let mut package = full("a", "1-1");
        package.description = Some(description.to_owned());
        document(vec![package, full("b", "1-1")], vec![])
    };
    assert_eq!(
        bytes(&of("x"), Version::V1_5),
        bytes(&of("x"), Version::V1_5)
    );
    assert_ne!(of("x").serial_number(), of("y").serial_number());
    let mut with = of("x");
    with.attach(Looked::Fully, Placement::Within, vec![])
        .unwrap();
    assert_ne!(with.serial_number(), of("x").serial_number());
    let reversed = document(vec![full("b", "1-1"), full("a", "1-1")], vec![]);
    let straight = document(vec![full("a", "1-1"), full("b", "1-1")], vec![]);
    assert_eq!(
        bytes(&reversed, Version::V1_7),
        bytes(&straight, Version::V1_7)
    );
}

#[test]
fn a_record_of_an_unknown_component_is_refused() {
    let mut sbom = document(vec![full("a", "1-1")], vec![]);
    let error = sbom
        .attach(Looked::Fully, Placement::Apart, vec![vulnerability("b")])
        .unwrap_err();
    assert_eq!(error.reference, "b");
}

/// Names, texts and addresses as an attacker would write them.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z+@._-]{1,8}",
        any::<String>(),
        Just("\0\u{1b}[31m\r\n\t\u{fffe}\u{202e}]]>&<\"'".to_owned()),
        Just("x".repeat(70_000)),
        Just(String::new()),
        Just("https://example.org/a?b#c".to_owned()),
        Just("https://[::1/ x".to_owned()),
        Just("Jane <a@b@c>".to_owned()),
        Just("Jane <jane@example.org>".to_owned()),
        Just("custom:\u{7f}".to_owned()),
        Just("MIT OR".to_owned()),
        Just("a>=1:1-1".to_owned()),
        Just("urn:cdx:0/1#x".to_owned()),
    ]
}

fn package() -> impl Strategy<Value = Package> {
    let kind = prop_oneof![
        Just(PackageKind::Alpm),
        Just(PackageKind::Deb),
        Just(PackageKind::Apk),
        Just(PackageKind::Npm),
        "[a-z]{1,4}".prop_map(PackageKind::Other),
    ];
    let texts = || vec(hostile(), 0..4);
    let identity = (kind, hostile(), hostile(), option::of(hostile()));
    let described = (
        option::of(hostile()),
        option::of(hostile()),
        option::of(hostile()),
        texts(),
    );
    let related = (texts(), texts(), hostile(), option::of(hostile()));
    (identity, described, related).prop_map(|(identity, described, related)| {
        let (kind, name, version, architecture) = identity;
        let mut package = Package::new(kind, name, version);
        package.architecture = architecture;
        (
            package.description,
            package.url,
            package.maintainer,
            package.licences,
        ) = described;
        let (depends, provides, origin, base) = related;
        package.depends = depends;
        package.provides = provides;
        package.origin = Origin::Repository(origin);
        package.base = base;
        package
    })
}

#[cfg(feature = "spdx")]
fn spdx(sbom: &Sbom) -> Value {
    let mut out = Vec::new();
    omg_sbom::spdx::write_json(sbom, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[cfg(feature = "spdx")]
#[test]
fn spdx_is_valid_and_read_back() {
    let Some(folder) = data("sbom") else { return };
    let schema = Schema::spdx(&folder.join("schema"));
    let mut odd = full("b", "1-1");
    odd.licences = vec!["BSD".to_owned(), "custom:x".to_owned()];
    let mut own = full("c", "1-1");
    own.licences = vec!["custom:x y".to_owned()];
    let sbom = document(
        vec![full("a", "1-1"), odd, own, full("zlib", "1-1")],
        vec![],
    );
    let document = spdx(&sbom);
    schema.check(&document);
    let extracted = &document["hasExtractedLicensingInfos"];
    assert_eq!(extracted[0]["licenseId"], "LicenseRef-custom-x-y");
    assert_eq!(document["packages"][2]["licenseDeclared"], "NOASSERTION");
    let text = document.to_string();
    let read = omg_sbom::inventory::sbom::parse(text.as_bytes()).unwrap();
    let names: Vec<_> = read.packages().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "zlib"]);
}

#[cfg(feature = "spdx")]
#[test]
fn spdx_of_hostile_databases_is_valid() {
    let Some(folder) = data("sbom") else { return };
    let schema = Schema::spdx(&folder.join("schema"));
    let config = ProptestConfig::with_cases(cases());
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&vec(package(), 0..4), |packages| {
            schema.check(&spdx(&document(packages, vec![])));
            Ok(())
        })
        .unwrap();
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(48, |cases| cases.parse().unwrap())
}

#[test]
fn documents_of_hostile_databases_are_valid() {
    let Some(schemas) = schemas() else { return };
    let config = ProptestConfig::with_cases(cases());
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let input = (vec(package(), 0..4), vec(hostile(), 0..2));
    runner
        .run(&input, |(packages, problems)| {
            let problem = |text| Problem::new(text, ProblemKind::Malformed, "x");
            let problems = problems.into_iter().map(problem).collect();
            let sbom = document(packages, problems);
            for (version, schema) in &schemas {
                schema.check(&json(&sbom, *version));
            }
            read_back(&sbom);
            Ok(())
        })
        .unwrap();
}
