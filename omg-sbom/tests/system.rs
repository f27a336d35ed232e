//! What a document says of the system itself, from its os-release(5).
#![cfg(feature = "cyclonedx")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;
#[path = "common/schema.rs"]
mod schema;

use chrono::DateTime;
use common::data;
use cyclonedx_bom::{models::bom::Bom, validation::Validate};
use omg_sbom::{
    Sbom, SbomBuilder, Serial,
    cyclonedx::{self, Version},
    inventory::OsRelease,
};
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

/// The metadata, after the document passed the schema of every version and another reader.
fn metadata(sbom: &Sbom) -> Value {
    let bytes = |version| {
        let mut out = Vec::new();
        cyclonedx::write_json(sbom, version, &mut out).unwrap();
        out
    };
    if let Some(data) = data("sbom") {
        for version in [Version::V1_5, Version::V1_6, Version::V1_7] {
            let schema = Schema::cyclonedx(&data.join("schema"), version.as_str());
            schema.check(&serde_json::from_slice(&bytes(version)).unwrap());
        }
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
    let metadata = metadata(&builder(ARCH).build());
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
    let metadata = metadata(&builder(FEDORA).build());
    let supplier = json!({ "name": "Fedora Project", "url": ["https://fedoraproject.org/"] });
    assert_eq!(metadata["supplier"], supplier);
    let root = &metadata["component"];
    assert_eq!(root["cpe"], "cpe:/o:fedoraproject:fedora:42");
    let end = json!({ "name": "cdx:lifecycle:milestone:endOfSupport", "value": "2026-05-13" });
    assert!(root["properties"].as_array().unwrap().contains(&end));
}

#[test]
fn whoever_makes_the_document_knows_better() {
    let sbom = builder(ARCH).supplier("Example Inc.").build();
    let supplier = json!({ "name": "Example Inc." });
    assert_eq!(metadata(&sbom)["supplier"], supplier);
}

#[test]
fn of_a_derivative_that_names_nobody_no_supplier_is_known() {
    let sbom = builder("ID=other\nID_LIKE=arch\nHOME_URL=https://example.org/\n").build();
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
    .build();
    let metadata = metadata(&sbom);
    let root = metadata["component"].as_object().unwrap();
    assert!(!root.contains_key("cpe"));
    assert!(!root.contains_key("externalReferences"));
    let properties = root["properties"].to_string();
    assert!(!properties.contains("endOfSupport"), "{properties}");
    assert_eq!(metadata["supplier"].get("url"), None);
}
