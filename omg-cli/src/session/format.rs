//! The forms of results.

use super::failure::Failure;

/// A form that a result can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Sarif,
    Markdown,
    CycloneDxJson,
    CycloneDxXml,
    SpdxJson,
    Html,
    Prom,
    Junit,
    Github,
}

impl Format {
    pub const ALL: [(&str, Self); 12] = [
        ("table", Self::Table),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("sarif", Self::Sarif),
        ("markdown", Self::Markdown),
        ("cyclonedx-json", Self::CycloneDxJson),
        ("cyclonedx-xml", Self::CycloneDxXml),
        ("spdx-json", Self::SpdxJson),
        ("html", Self::Html),
        ("prom", Self::Prom),
        ("junit", Self::Junit),
        ("github", Self::Github),
    ];

    /// Reads a name, among those that a command offers.
    pub fn parse(name: &str, offered: &[Self]) -> Result<Self, Failure> {
        let known = Self::ALL.into_iter().find(|(known, _)| *known == name);
        known
            .map(|(_, format)| format)
            .filter(|format| offered.contains(format))
            .ok_or_else(|| {
                let names = Self::ALL
                    .into_iter()
                    .filter(|(_, format)| offered.contains(format));
                let names: Vec<&str> = names.map(|(name, _)| name).collect();
                Failure::usage(format!(
                    "no format {name:?} here; there are: {}",
                    names.join(", ")
                ))
            })
    }
}
