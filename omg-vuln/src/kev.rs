//! CISA's catalogue of known exploited vulnerabilities (KEV).
//!
//! Source of the format: `known_exploited_vulnerabilities_schema.json`, as published beside
//! the catalogue by the Cybersecurity and Infrastructure Security Agency.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::error::ParseError;

/// The largest catalogue that is read: 64 MiB. The real one has about 1.5 MB.
pub const MAX_CATALOGUE_BYTES: usize = 64 << 20;

const WHAT: &str = "KEV catalogue";

/// The vulnerabilities that are known to be exploited, by CVE identifier.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Kev {
    /// When the catalogue was released, by its own word.
    pub released: Option<DateTime<Utc>>,
    /// The entries, by CVE identifier.
    pub entries: BTreeMap<String, KevEntry>,
}

/// One vulnerability that is known to be exploited.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KevEntry {
    /// When it was added to the catalogue.
    pub added: Option<NaiveDate>,
    /// Whether it is known to be used in ransomware campaigns.
    pub ransomware: bool,
}

impl Kev {
    /// Reads the catalogue.
    ///
    /// # Errors
    ///
    /// When the document is over [`MAX_CATALOGUE_BYTES`], is no catalogue, or lists nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let kev = omg_vuln::Kev::parse(br#"{"dateReleased": "2026-11-20T12:00:00Z",
    ///     "vulnerabilities": [{"cveID": "CVE-2024-3094", "dateAdded": "2024-04-01"}]}"#)?;
    /// assert!(kev.entries.contains_key("CVE-2024-3094"));
    /// # Ok::<(), omg_vuln::ParseError>(())
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, ParseError> {
        ParseError::check_size(WHAT, json, MAX_CATALOGUE_BYTES)?;
        let wire: Catalogue =
            serde_json::from_slice(json).map_err(|e| ParseError::json(WHAT, e))?;
        if wire.vulnerabilities.is_empty() {
            return Err(ParseError::Empty { what: WHAT });
        }
        let released = wire.date_released.as_deref().and_then(time);
        let entries = wire.vulnerabilities.into_iter().map(|v| {
            let added = v.date_added.and_then(|date| date.parse().ok());
            let ransomware = v.ransomware.is_some_and(|word| word == "Known");
            (v.cve, KevEntry { added, ransomware })
        });
        Ok(Self {
            released,
            entries: entries.collect(),
        })
    }
}

#[derive(Deserialize)]
struct Catalogue {
    #[serde(default, rename = "dateReleased")]
    date_released: Option<String>,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "cveID")]
    cve: String,
    #[serde(default, rename = "dateAdded")]
    date_added: Option<String>,
    #[serde(default, rename = "knownRansomwareCampaignUse")]
    ransomware: Option<String>,
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_catalogue_is_an_error() {
        assert!(matches!(
            Kev::parse(br#"{"vulnerabilities": []}"#),
            Err(ParseError::Empty { .. })
        ));
        assert!(Kev::parse(b"{}").is_err());
    }

    #[test]
    fn ransomware_use_is_read() {
        let kev = Kev::parse(
            br#"{"vulnerabilities": [{"cveID": "CVE-1", "knownRansomwareCampaignUse": "Known"},
                {"cveID": "CVE-2", "knownRansomwareCampaignUse": "Unknown"}]}"#,
        )
        .unwrap();
        assert!(kev.entries["CVE-1"].ransomware);
        assert!(!kev.entries["CVE-2"].ransomware);
    }
}
