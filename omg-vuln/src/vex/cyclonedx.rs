//! The `vulnerabilities` of CycloneDX documents: JSON reference 1.4 to 1.7.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use packageurl::PackageUrl;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use super::{Statement, VexStatus, WHAT};
use crate::error::ParseError;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    components: Vec<Component>,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default, rename = "bom-ref")]
    reference: Option<String>,
    #[serde(default)]
    purl: Option<String>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    analysis: Option<Analysis>,
    #[serde(default)]
    affects: Vec<Affects>,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
}

#[derive(Deserialize)]
struct Analysis {
    state: String,
    #[serde(default)]
    justification: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default, rename = "lastUpdated")]
    last_updated: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Affects {
    #[serde(rename = "ref")]
    reference: String,
}

pub(super) fn statements(value: Value) -> Result<Vec<Statement>, ParseError> {
    let document: Document =
        serde_json::from_value(value).map_err(|e| ParseError::json(WHAT, e))?;
    let mut purls = HashMap::new();
    collect(&document.components, &mut purls);
    let analysed = document
        .vulnerabilities
        .into_iter()
        .filter_map(|mut vulnerability| Some((vulnerability.analysis.take()?, vulnerability)));
    analysed
        .map(|(analysis, v)| statement(analysis, v, &purls))
        .collect()
}

fn statement(
    analysis: Analysis,
    vulnerability: Vulnerability,
    purls: &HashMap<&str, &str>,
) -> Result<Statement, ParseError> {
    let status = match analysis.state.as_str() {
        "not_affected" | "false_positive" => VexStatus::NotAffected,
        "resolved" | "resolved_with_pedigree" => VexStatus::Fixed,
        "exploitable" => VexStatus::Affected,
        "in_triage" => VexStatus::UnderInvestigation,
        other => {
            let detail = format!(
                "analysis of {:?}: unknown state {other:?}",
                vulnerability.id
            );
            return Err(ParseError::malformed(WHAT, detail));
        }
    };
    let products = vulnerability
        .affects
        .iter()
        .filter_map(|a| product(&a.reference, purls));
    Ok(Statement {
        products: products.collect(),
        ids: std::iter::once(vulnerability.id)
            .chain(
                vulnerability
                    .references
                    .into_iter()
                    .map(|reference| reference.id),
            )
            .collect(),
        status,
        reason: analysis
            .detail
            .or(analysis.justification)
            .unwrap_or_else(|| analysis.state.clone()),
        time: analysis.last_updated,
    })
}

/// A component of this document, a package URL, or a BOM-Link to a component whose reference
/// is a package URL: `urn:cdx:serial/version#bom-ref`.
fn product(reference: &str, purls: &HashMap<&str, &str>) -> Option<String> {
    if let Some(purl) = purls.get(reference) {
        return Some((*purl).to_owned());
    }
    let reference = match reference.strip_prefix("urn:cdx:") {
        Some(link) => link.split_once('#')?.1,
        None => reference,
    };
    // In a link the whole reference is percent-encoded, `pkg%3A…`, once.
    let encoded = reference
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("pkg%3a"));
    let purl = match encoded {
        true => percent_decode_str(reference)
            .decode_utf8()
            .ok()?
            .into_owned(),
        false => reference.to_owned(),
    };
    purl.parse::<PackageUrl<'_>>().ok().map(|_| purl)
}

/// Components nest; `serde_json` bounds the depth at 128.
fn collect<'a>(components: &'a [Component], into: &mut HashMap<&'a str, &'a str>) {
    for component in components {
        if let (Some(reference), Some(purl)) = (&component.reference, &component.purl) {
            into.insert(reference, purl);
        }
        collect(&component.components, into);
    }
}
