//! Which programs wrote a document, and so whether a source package that is not named is the
//! package itself or is not known.

use serde_json::{Map, Value};

use super::element::{list, text};
use crate::model::package::{Package, PackageKind, Sourced};

/// Writers that name the source package wherever it is not the package itself.
const NAME_SOURCES: [&str; 3] = ["omg", "omg-sbom", "syft"];

/// Whether all tools of a CycloneDX document are such writers.
pub(super) fn cyclonedx(document: &Map<String, Value>) -> Sourced {
    let metadata = document.get("metadata").and_then(Value::as_object);
    let Some(tools) = metadata.and_then(|metadata| metadata.get("tools")) else {
        return Sourced::Unknown;
    };
    // A list up to 1.4, and an object with components since 1.5.
    let tools = match tools.as_object() {
        Some(tools) => list(tools, "components"),
        None => tools.as_array().map_or(&[][..], Vec::as_slice),
    };
    all(tools
        .iter()
        .map(|tool| tool.get("name").and_then(Value::as_str)))
}

/// Whether all tools of an SPDX document are such writers (SPDX 2.3, 6.8: `Tool: NAME-VERSION`).
pub(super) fn spdx(document: &Map<String, Value>) -> Sourced {
    let creation = document.get("creationInfo").and_then(Value::as_object);
    let creators = creation.map_or(&[][..], |creation| list(creation, "creators"));
    let tools = creators.iter().filter_map(Value::as_str);
    let tools = tools.filter_map(|creator| creator.strip_prefix("Tool: "));
    all(tools.map(|tool| Some(name_of(tool))))
}

/// The name before the first hyphen that a digit follows.
fn name_of(tool: &str) -> &str {
    let mut hyphens = tool.match_indices('-');
    let version = hyphens.find(|(at, _)| {
        let after = tool.get(at + 1..);
        after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    });
    version.and_then(|(at, _)| tool.get(..at)).unwrap_or(tool)
}

fn all<'a>(names: impl Iterator<Item = Option<&'a str>>) -> Sourced {
    let mut names = names.peekable();
    let is_known = |name: Option<&str>| name.is_some_and(|name| NAME_SOURCES.contains(&name));
    match names.peek().is_some() && names.all(is_known) {
        true => Sourced::Itself,
        false => Sourced::Unknown,
    }
}

/// Completes a package of a distribution whose URL names no source.
pub(super) fn complete(package: &mut Package, writer: Sourced, component: &Map<String, Value>) {
    let by_source = matches!(package.kind, PackageKind::Deb | PackageKind::Apk);
    if !by_source || package.base.is_some() || package.base_version.is_some() {
        return;
    }
    let properties = list(component, "properties");
    let value = |name: &str| {
        let mut properties = properties.iter().filter_map(Value::as_object);
        let property = properties.find(|property| text(property, "name") == Some(name));
        property.and_then(|property| text(property, "value"))
    };
    if let Some(source) = value("aquasecurity:trivy:SrcName") {
        package.base = Some(source.to_owned());
        let part = |name: &str| value(name).filter(|part| !part.is_empty());
        let epoch = part("aquasecurity:trivy:SrcEpoch").filter(|epoch| *epoch != "0");
        package.base_version = part("aquasecurity:trivy:SrcVersion").map(|version| {
            let epoch = epoch.map(|epoch| format!("{epoch}:"));
            let release = part("aquasecurity:trivy:SrcRelease").map(|r| format!("-{r}"));
            let (epoch, release) = (epoch.unwrap_or_default(), release.unwrap_or_default());
            format!("{epoch}{version}{release}")
        });
        return;
    }
    let of_syft = value("syft:package:foundBy").is_some();
    package.sourced = match of_syft {
        true => Sourced::Itself,
        false => writer,
    };
}
