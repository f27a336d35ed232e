//! Vulnerabilities, within the document or as one of their own.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::{
    head,
    property::{Property, Text},
    version::Version,
};
use crate::document::{
    address::is_web,
    content::derived,
    sbom::Sbom,
    text::clean,
    vulnerability::{Rating, Vulnerability, VulnerabilityState},
};

/// How components are named: as in the document itself, or from outside of it.
#[derive(Clone, Copy)]
pub(super) enum Link {
    None,
    Bom,
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    #[serde(rename = "specVersion")]
    spec: &'static str,
    #[serde(rename = "serialNumber")]
    serial: String,
    version: u32,
    metadata: Metadata<'a>,
    vulnerabilities: Records<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<head::Tools<'a>>,
    properties: [Property<'a>; 1],
}

impl<'a> Document<'a> {
    pub(super) fn new(sbom: &'a Sbom, spec: Version) -> Self {
        Self {
            schema: head::schema(spec),
            format: "CycloneDX",
            spec: spec.as_str(),
            serial: sbom.derived_serial("vex"),
            version: 1,
            metadata: Metadata {
                timestamp: head::timestamp(sbom),
                tools: head::tools(sbom),
                properties: [Property {
                    name: "omg:vulnerabilities",
                    value: head::looked(&sbom.vulnerabilities.looked),
                }],
            },
            vulnerabilities: Records::new(sbom, Link::Bom),
        }
    }
}

/// Streams the records.
pub(super) struct Records<'a> {
    sbom: &'a Sbom,
    link: Link,
}

impl<'a> Records<'a> {
    pub(super) fn new(sbom: &'a Sbom, link: Link) -> Self {
        Self { sbom, link }
    }

    fn affected(&self, reference: &'a str) -> Text<'a> {
        match self.link {
            Link::None => reference.into(),
            Link::Bom => {
                let serial = self.sbom.serial_number();
                let serial = serial.trim_start_matches("urn:uuid:");
                let mut link = format!("urn:cdx:{serial}/1#");
                for byte in reference.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        link.push(char::from(byte));
                    } else {
                        let _ = write!(link, "%{byte:02X}");
                    }
                }
                link.into()
            }
        }
    }
}

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let records = self.sbom.vulnerabilities.records.iter().enumerate();
        serializer.collect_seq(records.map(|(number, record)| Record::new(number, record, self)))
    }
}

#[derive(Serialize)]
struct Source<'a> {
    name: Text<'a>,
}

#[derive(Serialize)]
struct Alias<'a> {
    id: Text<'a>,
    source: Source<'a>,
}

#[derive(Serialize)]
struct RatingOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Advisory<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct AnalysisOut<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Affects<'a> {
    #[serde(rename = "ref")]
    reference: Text<'a>,
}

#[derive(Serialize)]
struct Record<'a> {
    #[serde(rename = "bom-ref")]
    reference: String,
    id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Alias<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ratings: Vec<RatingOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advisories: Vec<Advisory<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    analysis: AnalysisOut<'a>,
    affects: Vec<Affects<'a>>,
}

impl<'a> Record<'a> {
    fn new(number: usize, record: &'a Vulnerability, records: &Records<'a>) -> Self {
        let source = record.source.as_deref();
        let alias = |id: &'a String| Alias {
            id: clean(id),
            source: Source {
                // The schema wants one.
                name: source_of(id).unwrap_or("unknown").into(),
            },
        };
        let urls = record.references.iter().map(String::as_str);
        let mut advisories: Vec<_> = urls.filter(|url| is_web(url)).collect();
        advisories.sort_unstable();
        advisories.dedup();
        Self {
            reference: format!("vulnerability/{number}"),
            id: clean(&record.id),
            source: source
                .map(clean)
                .or_else(|| source_of(&record.id).map(Text::from))
                .map(|name| Source { name }),
            references: record.aliases.iter().map(alias).collect(),
            ratings: record.ratings.iter().map(RatingOut::new).collect(),
            description: record.description.as_deref().map(clean),
            recommendation: record.recommendation.as_deref().map(clean),
            advisories: advisories.into_iter().map(|url| Advisory { url }).collect(),
            published: record
                .published
                .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            analysis: AnalysisOut {
                state: match record.analysis.state {
                    VulnerabilityState::Exploitable => "exploitable",
                    VulnerabilityState::InTriage => "in_triage",
                    VulnerabilityState::NotAffected => "not_affected",
                },
                detail: record.analysis.detail.as_deref().map(clean),
            },
            affects: record
                .affects
                .iter()
                .map(|reference| Affects {
                    reference: records.affected(reference),
                })
                .collect(),
        }
    }
}

/// Who names vulnerabilities like this.
fn source_of(id: &str) -> Option<&'static str> {
    Some(match id.split('-').next() {
        Some("CVE") => "CVE",
        Some("GHSA") => "GitHub Advisory Database",
        Some("AVG" | "ASA") => "Arch Linux Security",
        Some("DSA" | "DLA" | "DEBIAN") => "Debian Security",
        Some("RUSTSEC") => "RustSec",
        _ => return None,
    })
}

impl<'a> RatingOut<'a> {
    fn new(rating: &'a Rating) -> Self {
        let vector = rating.vector.as_deref();
        let score = rating.score.as_deref().and_then(|score| score.parse().ok());
        Self {
            score: score.filter(|score: &f64| (0.0..=10.0).contains(score)),
            severity: match rating.severity.as_str() {
                "critical" => "critical",
                "high" => "high",
                "medium" => "medium",
                "low" => "low",
                "none" => "none",
                _ => "unknown",
            },
            method: vector.map(|vector| match vector.get(..8) {
                Some("CVSS:4.0") => "CVSSv4",
                Some("CVSS:3.1") => "CVSSv31",
                Some("CVSS:3.0") => "CVSSv3",
                _ if vector.starts_with("AV:") => "CVSSv2",
                _ => "other",
            }),
            vector: vector.map(clean),
        }
    }
}

impl Sbom {
    /// The serial number of a document that goes with this one.
    fn derived_serial(&self, what: &str) -> String {
        derived(&self.serial, what)
    }
}
