//! Documents of what is installed.

use omg_sbom::check::{Element, Framework};
use omg_sbom::cyclonedx::BomError;
use omg_sbom::inventory::{Difference, Inventory, Package};
use omg_sbom::{cyclonedx, spdx};
use serde_json::json;

use super::words::clean;
use crate::checks::sbom::result::SbomResult;
use crate::checks::sbom::verify::DocumentResult;
use crate::render::json_text::pretty;
use crate::session::format::Format;

pub fn sbom(made: &SbomResult, format: Format) -> Result<String, BomError> {
    let mut out = Vec::new();
    // Writing to memory cannot fail; only the model behind XML can refuse something.
    match format {
        Format::SpdxJson => {
            let _ = spdx::write_json(&made.sbom, &mut out);
        }
        Format::CycloneDxXml => cyclonedx::write_xml(&made.sbom, &mut out)?,
        _ => {
            let _ = cyclonedx::write_json(&made.sbom, made.version, &mut out);
        }
    }
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// The vulnerabilities as a document of their own.
pub fn vex(made: &SbomResult) -> String {
    let mut out = Vec::new();
    let _ = cyclonedx::write_vex(&made.sbom, made.version, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// What a document has of what a framework asks for.
pub fn check(framework: Framework, elements: &[Element], format: Format) -> String {
    if format == Format::Json {
        let rows = elements.iter().map(|element| {
            json!({
                "name": element.name,
                "have": element.have,
                "of": element.of,
                "met": element.is_met(),
                "note": element.note,
            })
        });
        return pretty(&json!({
            "schema": "omg.sbom-check/1",
            "framework": framework.title(),
            "elements": rows.collect::<Vec<_>>(),
        }));
    }
    let mut text = format!("{}\n\n", framework.title());
    for element in elements {
        let mark = if element.is_met() { "yes" } else { "gap" };
        let counted = format!("{}/{}", element.have, element.of);
        let line = format!(
            "{mark}  {counted:>11}  {:<42}  {}",
            element.name, element.note
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let gaps = elements.iter().filter(|element| !element.is_met()).count();
    text.push_str(&format!(
        "\n{gaps} of {} elements have gaps. This is no statement of compliance.\n",
        elements.len()
    ));
    text
}

/// Whether a document is as a key signed it.
pub fn verified(result: &DocumentResult, format: Format) -> String {
    let status = result.status.as_str();
    if format == Format::Json {
        return pretty(&json!({
            "schema": "omg.sbom-verify/1",
            "status": status,
            "key": result.signer,
            "detail": result.detail,
        }));
    }
    let mut text = format!("{status}\n");
    for line in [
        result
            .signer
            .as_ref()
            .map(|key| format!("signed with {key}")),
        result.detail.as_deref().map(clean),
    ] {
        text.extend(line.into_iter().flat_map(|line| [line, "\n".to_owned()]));
    }
    text
}

/// What differs between two documents.
pub fn diff(before: &Inventory, after: &Inventory, format: Format) -> String {
    let difference = Difference::between(before, after);
    let name = |package: &Package| clean(&package.name);
    if format == Format::Json {
        let one = |package: &&Package| json!({"kind": package.kind.purl_type(), "name": package.name, "version": package.version});
        let two = |(old, new): &(&Package, &Package)| {
            json!({
                "kind": old.kind.purl_type(),
                "name": old.name,
                "from": old.version,
                "to": new.version,
            })
        };
        return pretty(&json!({
            "schema": "omg.sbom-diff/1",
            "added": difference.added.iter().map(one).collect::<Vec<_>>(),
            "removed": difference.removed.iter().map(one).collect::<Vec<_>>(),
            "changed": difference.changed.iter().map(two).collect::<Vec<_>>(),
        }));
    }
    let mut text = String::new();
    for package in &difference.added {
        text.push_str(&format!(
            "+ {} {}\n",
            name(package),
            clean(&package.version)
        ));
    }
    for package in &difference.removed {
        text.push_str(&format!(
            "- {} {}\n",
            name(package),
            clean(&package.version)
        ));
    }
    for (old, new) in &difference.changed {
        let (from, to) = (clean(&old.version), clean(&new.version));
        text.push_str(&format!("~ {} {from} -> {to}\n", name(old)));
    }
    let (added, removed) = (difference.added.len(), difference.removed.len());
    let changed = difference.changed.len();
    text.push_str(&format!(
        "{added} added, {removed} removed, {changed} changed\n"
    ));
    text
}
