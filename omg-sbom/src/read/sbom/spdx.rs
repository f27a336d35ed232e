use std::collections::HashSet;

use serde_json::{Map, Value};

use super::element::{add, list, text};
use super::origin;
use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        package::{Package, Sourced},
        problem::shorten,
        source::Source,
    },
    read::collector::Collector,
};

pub(super) fn parse(document: &Map<String, Value>, version: &str) -> Result<Inventory, ParseError> {
    if !matches!(version, "SPDX-2.2" | "SPDX-2.3") {
        let version = shorten(version);
        return Err(ParseError::UnsupportedVersion {
            format: "SPDX",
            version,
        });
    }
    let mut collector = Collector::default();
    let (described, writer) = (described(document), origin::spdx(document));
    for package in list(document, "packages") {
        match package.as_object() {
            Some(package) => one(package, &described, writer, &mut collector)?,
            None => collector.malformed("package", "not an object")?,
        }
    }
    Ok(collector.finish(Source::Spdx))
}

/// The identifiers of what the document is about; such a root need not be a package.
fn described(document: &Map<String, Value>) -> HashSet<&str> {
    let listed = list(document, "documentDescribes")
        .iter()
        .filter_map(Value::as_str);
    let related = list(document, "relationships")
        .iter()
        .filter_map(|relation| {
            let is = |key, value| relation.get(key).and_then(Value::as_str) == Some(value);
            let describes =
                is("spdxElementId", "SPDXRef-DOCUMENT") && is("relationshipType", "DESCRIBES");
            relation
                .get("relatedSpdxElement")
                .filter(|_| describes)?
                .as_str()
        });
    listed.chain(related).collect()
}

fn one(
    package: &Map<String, Value>,
    described: &HashSet<&str>,
    writer: Sourced,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    // SPDX 2.3, annex F.3.5: the reference type of package URLs is `purl`.
    let purl = list(package, "externalRefs").iter().find_map(|reference| {
        let kind = reference.get("referenceType")?.as_str()?;
        reference
            .get("referenceLocator")?
            .as_str()
            .filter(|_| kind == "purl")
    });
    let is_root = text(package, "SPDXID").is_some_and(|id| described.contains(id));
    match purl {
        Some(purl) => add(
            purl,
            text(package, "versionInfo"),
            |found| {
                fill(package, found);
                origin::complete(found, writer, package);
            },
            collector,
        ),
        None if is_root || !names_a_package(package) => Ok(()),
        None => {
            let subject = shorten(text(package, "name").unwrap_or_default());
            collector.malformed(subject, "no package URL")
        }
    }
}

/// SPDX 2.3, 7.24 "Primary Package Purpose"; absent, it says nothing.
fn names_a_package(package: &Map<String, Value>) -> bool {
    matches!(
        text(package, "primaryPackagePurpose"),
        None | Some("APPLICATION" | "FRAMEWORK" | "LIBRARY" | "INSTALL" | "OTHER")
    )
}

fn fill(entry: &Map<String, Value>, package: &mut Package) {
    let stated = |key| {
        text(entry, key)
            .filter(|value| !matches!(*value, "NOASSERTION" | "NONE"))
            .map(str::to_owned)
    };
    package.description = stated("summary").or_else(|| stated("description"));
    package.url = stated("homepage");
    package.licences = stated("licenseDeclared").into_iter().collect();
    package.maintainer = stated("supplier");
    package.archive_sha256 = list(entry, "checksums").iter().find_map(|checksum| {
        let is_sha256 = checksum.get("algorithm").and_then(Value::as_str) == Some("SHA256");
        checksum
            .get("checksumValue")?
            .as_str()
            .filter(|_| is_sha256)?
            .parse()
            .ok()
    });
}
