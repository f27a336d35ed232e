use serde_json::{Map, Value};

use super::element::{add, list, text};
use super::origin;
use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        package::{Package, Sourced},
        problem::{Problem, ProblemKind, shorten},
        source::Source,
    },
    read::collector::Collector,
};

pub(super) fn parse(document: &Map<String, Value>) -> Result<Inventory, ParseError> {
    let version = text(document, "specVersion").unwrap_or("(none)");
    if !matches!(version, "1.4" | "1.5" | "1.6" | "1.7") {
        let version = shorten(version);
        return Err(ParseError::UnsupportedVersion {
            format: "CycloneDX",
            version,
        });
    }
    let mut collector = Collector::default();
    incomplete(document, &mut collector)?;
    components(document, origin::cyclonedx(document), &mut collector)?;
    Ok(collector.finish(Source::CycloneDx))
}

/// The recursion is as deep as the document is nested, which serde_json limits to 128.
fn components(
    parent: &Map<String, Value>,
    writer: Sourced,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    match parent.get("components") {
        None | Some(Value::Array(_)) => {}
        Some(_) => return collector.malformed("components", "not a list"),
    }
    for component in list(parent, "components") {
        match component.as_object() {
            Some(component) => {
                one(component, writer, collector)?;
                components(component, writer, collector)?;
            }
            None => collector.malformed("component", "not an object")?,
        }
    }
    Ok(())
}

fn one(
    component: &Map<String, Value>,
    writer: Sourced,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    let fill = |package: &mut Package| {
        fill(component, package);
        origin::complete(package, writer, component);
    };
    let version = text(component, "version");
    match text(component, "purl") {
        Some(purl) => add(purl, version, fill, collector),
        None if names_a_package(component) => {
            let subject = shorten(text(component, "name").unwrap_or_default());
            collector.malformed(subject, "no package URL")
        }
        None => Ok(()),
    }
}

/// Whether a component is software that advisories could speak of. An application without version
/// is how scanners group what one lock file lists; a component without a type, which the schema
/// requires, could be anything.
fn names_a_package(component: &Map<String, Value>) -> bool {
    match text(component, "type") {
        Some("operating-system" | "file" | "data" | "cryptographic-asset") => false,
        Some("application") => {
            let has = |member| text(component, member).is_some_and(|text| !text.is_empty());
            has("version") || has("cpe")
        }
        _ => true,
    }
}

/// CycloneDX, `compositions`: a document can say itself that something is missing.
fn incomplete(document: &Map<String, Value>, collector: &mut Collector) -> Result<(), ParseError> {
    let mut compositions = list(document, "compositions").iter();
    let says_so = compositions.any(|composition| {
        let aggregate = composition.get("aggregate").and_then(Value::as_str);
        aggregate.is_some_and(|aggregate| aggregate.starts_with("incomplete"))
    });
    match says_so {
        true => {
            let detail = "the document says that it is incomplete";
            collector.problem(Problem::new(
                "compositions",
                ProblemKind::Inconsistent,
                detail,
            ))
        }
        false => Ok(()),
    }
}

fn fill(component: &Map<String, Value>, package: &mut Package) {
    package.description = text(component, "description").map(str::to_owned);
    let licence = |entry: &Value| {
        let expression = entry.get("expression").and_then(Value::as_str);
        let licence = entry.get("license");
        let named = licence.and_then(|l| l.get("id").or_else(|| l.get("name"))?.as_str());
        expression.or(named).map(str::to_owned)
    };
    package.licences = list(component, "licenses")
        .iter()
        .filter_map(licence)
        .collect();
    package.archive_sha256 = list(component, "hashes").iter().find_map(|hash| {
        let is_sha256 = hash.get("alg").and_then(Value::as_str) == Some("SHA-256");
        hash.get("content")?
            .as_str()
            .filter(|_| is_sha256)?
            .parse()
            .ok()
    });
}
