//! What a document says of the system itself, from its os-release(5).
#![cfg(feature = "cyclonedx")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;
#[path = "common/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};

use chrono::DateTime;
use common::data;
use cyclonedx_bom::{models::bom::Bom, validation::Validate};
use omg_sbom::{
    Sbom, SbomBuilder, Serial,
    cyclonedx::{self, Version},
    inventory::OsRelease,
};
use proptest::{array, prelude::*, test_runner::TestRunner};
use schema::Schema;
use serde_json::{Value, json};

const ARCH: &str = "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n\
    HOME_URL=\"https://archlinux.org/\"\nDOCUMENTATION_URL=\"https://wiki.archlinux.org/\"\n\
    SUPPORT_URL=\"https://bbs.archlinux.org/\"\n\
    BUG_REPORT_URL=\"https://gitlab.archlinux.org/groups/archlinux/-/issues\"\n";

const FEDORA: &str = "ID=fedora\nVERSION_ID=42\nVENDOR_NAME=\"Fedora Project\"\n\
    VENDOR_URL=\"https://fedoraproject.org/\"\nHOME_URL=\"https://example.org/\"\n\
    CPE_NAME=\"cpe:/o:fedoraproject:fedora:42\"\nSUPPORT_END=2026-05-13\n";

fn builder(os: &str) -> SbomBuilder {
    Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent)
        .system(OsRelease::parse(os.as_bytes()).unwrap())
}

fn schemas() -> Vec<(Version, Schema)> {
    let versions = [Version::V1_5, Version::V1_6, Version::V1_7];
    let folder = data("sbom").map(|data| data.join("schema"));
    let schema = |folder: &Path, version: Version| Schema::cyclonedx(folder, version.as_str());
    let of = |folder: PathBuf| versions.map(|version| (version, schema(&folder, version)));
    folder.map(of).into_iter().flatten().collect()
}

/// The metadata, after the document passed the schema of every version and another reader.
fn metadata(sbom: &Sbom) -> Value {
    checked(sbom, &schemas())
}

fn checked(sbom: &Sbom, schemas: &[(Version, Schema)]) -> Value {
    let bytes = |version| {
        let mut out = Vec::new();
        cyclonedx::write_json(sbom, version, &mut out).unwrap();
        out
    };
    for (version, schema) in schemas {
        schema.check(&serde_json::from_slice(&bytes(*version)).unwrap());
    }
    let document: Value = serde_json::from_slice(&bytes(Version::V1_5)).unwrap();
    let bom = Bom::parse_json_value(document.clone()).unwrap();
    assert!(bom.validate().passed());
    let mut xml = Vec::new();
    cyclonedx::write_xml(sbom, &mut xml).unwrap();
    Bom::parse_from_xml_v1_5(xml.as_slice()).unwrap();
    document["metadata"].clone()
}

#[test]
fn arch_is_supplied_by_those_whom_it_is_named_after() {
    let metadata = metadata(&builder(ARCH).build(&common::order));
    let supplier = json!({ "name": "Arch Linux", "url": ["https://archlinux.org/"] });
    assert_eq!(metadata["supplier"], supplier);
    assert_eq!(metadata["component"]["supplier"], supplier);
    let references = json!([
        { "url": "https://archlinux.org/", "type": "website" },
        { "url": "https://wiki.archlinux.org/", "type": "documentation" },
        { "url": "https://bbs.archlinux.org/", "type": "support" },
        { "url": "https://gitlab.archlinux.org/groups/archlinux/-/issues", "type": "issue-tracker" },
    ]);
    assert_eq!(metadata["component"]["externalReferences"], references);
}

#[test]
fn a_vendor_names_itself() {
    let metadata = metadata(&builder(FEDORA).build(&common::order));
    let supplier = json!({ "name": "Fedora Project", "url": ["https://fedoraproject.org/"] });
    assert_eq!(metadata["supplier"], supplier);
    let root = &metadata["component"];
    assert_eq!(root["cpe"], "cpe:/o:fedoraproject:fedora:42");
    let end = json!({ "name": "cdx:lifecycle:milestone:endOfSupport", "value": "2026-05-13" });
    assert!(root["properties"].as_array().unwrap().contains(&end));
}

#[test]
fn whoever_makes_the_document_knows_better() {
    let sbom = builder(ARCH).supplier("Example Inc.").build(&common::order);
    let supplier = json!({ "name": "Example Inc." });
    assert_eq!(metadata(&sbom)["supplier"], supplier);
}

#[test]
fn of_a_derivative_that_names_nobody_no_supplier_is_known() {
    let sbom =
        builder("ID=other\nID_LIKE=arch\nHOME_URL=https://example.org/\n").build(&common::order);
    let metadata = metadata(&sbom);
    assert_eq!(metadata.get("supplier"), None);
    assert_eq!(metadata["component"].get("supplier"), None);
}

#[test]
fn what_no_reader_takes_is_left_out() {
    let sbom = builder(
        "ID=x\nVENDOR_NAME=\" \u{1b}\"\nVENDOR_URL=\"no address\"\nCPE_NAME=\"cpe:<x>\"\n\
         SUPPORT_END=soon\nHOME_URL=\"javascript:x\"\nSUPPORT_URL=\"https://[\"\n",
    )
    .build(&common::order);
    let metadata = metadata(&sbom);
    let root = metadata["component"].as_object().unwrap();
    assert!(!root.contains_key("cpe"));
    assert!(!root.contains_key("externalReferences"));
    let properties = root["properties"].to_string();
    assert!(!properties.contains("endOfSupport"), "{properties}");
    assert_eq!(metadata["supplier"].get("url"), None);
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z:/._%-]{0,12}",
        "cpe:/o:[a-z:%~ ]{0,12}",
        "https?://[a-z.:@\\[\\]]{0,8}/[ -~]{0,8}",
        "20[0-9]{2}-[0-9]{2}-[0-9]{2}",
        Just("\0\u{1b}[31m\r\n\t\u{fffe}\u{202e}]]>&<\"'".to_owned()),
        Just("x".repeat(70_000)),
        Just(" ".to_owned()),
    ]
}

#[test]
fn whatever_it_says_the_document_is_valid() {
    let schemas = schemas();
    let config = ProptestConfig::with_cases(64);
    let mut runner = TestRunner::new(config);
    let texts = array::uniform9(hostile());
    let result = runner.run(
        &texts,
        |[id, name, vendor, url, cpe, end, home, support, bugs]| {
            let mut os = OsRelease::parse(b"").unwrap();
            (os.id, os.pretty_name) = (id, Some(name));
            (os.vendor_name, os.vendor_url) = (Some(vendor), Some(url));
            (os.cpe_name, os.support_end) = (Some(cpe), Some(end));
            (os.home_url, os.support_url, os.bug_report_url) =
                (Some(home), Some(support), Some(bugs));
            let sbom = Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent);
            checked(&sbom.system(os).build(&common::order), &schemas);
            Ok(())
        },
    );
    result.unwrap();
}
