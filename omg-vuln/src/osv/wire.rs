//! The OSV schema as it is written, and its translation into this crate's records.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::WHAT;
use crate::advisory::{Advisory, Affected, Criteria, Event, Range, RangeKind, Versions};
use crate::error::ParseError;
use crate::package::Ecosystem;
use crate::severity::{Cvss, Severity};

/// The longest summary that is taken from a record's details, in characters.
const MAX_SUMMARY_CHARS: usize = 160;

#[derive(Deserialize)]
pub(super) struct Record {
    id: String,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    upstream: Option<Vec<String>>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    details: Option<String>,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    modified: Option<String>,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    severity: Option<Vec<WireSeverity>>,
    #[serde(default)]
    affected: Option<Vec<WireAffected>>,
    #[serde(default)]
    references: Option<Vec<Reference>>,
    #[serde(default)]
    database_specific: Value,
}

/// Both parts as free values: a type or score of an unexpected shape is an unknown severity,
/// never a lost record.
#[derive(Deserialize)]
struct WireSeverity {
    #[serde(default)]
    score: Value,
}

#[derive(Deserialize)]
struct WireAffected {
    #[serde(default)]
    package: Option<WirePackage>,
    #[serde(default)]
    ranges: Option<Vec<WireRange>>,
    #[serde(default)]
    versions: Option<Vec<String>>,
    #[serde(default)]
    severity: Option<Vec<WireSeverity>>,
    #[serde(default)]
    ecosystem_specific: Value,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct WirePackage {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct WireRange {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    events: Option<Vec<WireEvent>>,
}

#[derive(Deserialize)]
struct WireEvent {
    #[serde(default)]
    introduced: Option<String>,
    #[serde(default)]
    fixed: Option<String>,
    #[serde(default)]
    last_affected: Option<String>,
    #[serde(default)]
    limit: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default)]
    url: Option<String>,
}

impl Record {
    pub(super) fn into_record(self) -> Result<crate::advisory::Record, ParseError> {
        let wire_affected = self.affected.unwrap_or_default();
        let rating = Rating::of_record(
            self.severity.as_deref().unwrap_or_default(),
            &wire_affected,
            &self.database_specific,
        );
        let informational = informational(&wire_affected);
        let severity = match (&informational, &rating.cvss) {
            // A notice without a score is no vulnerability: RustSec's own tools only warn.
            (Some(_), None) => Severity::None,
            _ => rating.severity,
        };
        let affected = wire_affected
            .into_iter()
            .filter_map(WireAffected::into_affected)
            .collect::<Result<_, _>>()?;
        let advisory = Advisory {
            id: nonempty(self.id)?,
            aliases: sorted(self.aliases),
            is_bundle: false,
            upstream: sorted(self.upstream),
            summary: summary(self.summary, self.details.as_deref()),
            severity,
            cvss: rating.cvss,
            published: time(self.published.as_deref()),
            modified: time(self.modified.as_deref()),
            withdrawn: time(self.withdrawn.as_deref()),
            informational,
            references: self
                .references
                .unwrap_or_default()
                .into_iter()
                .filter_map(|reference| reference.url)
                .collect(),
        };
        Ok(crate::advisory::Record { advisory, affected })
    }
}

impl WireAffected {
    /// `None` for ranges of commits without a package: they match nothing that is installed as a
    /// package. Anything else has to name one, or the record would match less than it should.
    fn into_affected(self) -> Option<Result<Affected, ParseError>> {
        let severity = self.label();
        let Some(package) = self.package else {
            let ranges = self.ranges.unwrap_or_default();
            let of_commits = |range: &WireRange| range.kind.as_deref() == Some("GIT");
            return match !ranges.is_empty() && ranges.iter().all(of_commits) {
                true => None,
                false => Some(Err(malformed("an affected entry names no package"))),
            };
        };
        if package.name.trim().is_empty() || package.ecosystem.trim().is_empty() {
            return Some(Err(malformed("a package has an empty name or ecosystem")));
        }
        let ranges = self
            .ranges
            .unwrap_or_default()
            .into_iter()
            .map(WireRange::into_range)
            .collect::<Result<_, _>>();
        Some(ranges.map(|ranges| Affected {
            ecosystem: Ecosystem::new(package.ecosystem),
            name: package.name,
            criteria: Criteria::Osv(Versions {
                listed: self.versions.unwrap_or_default(),
                ranges,
            }),
            severity,
        }))
    }

    /// Debian writes `urgency`, others `severity`; both in either free-form object.
    fn label(&self) -> Option<Severity> {
        [&self.ecosystem_specific, &self.database_specific]
            .into_iter()
            .flat_map(|object| ["urgency", "severity"].map(|key| object.get(key)))
            .flatten()
            .filter_map(Value::as_str)
            .map(Severity::from_label)
            .find(|severity| *severity != Severity::Unknown)
    }
}

impl WireRange {
    /// OSV schema, `affected[].ranges[]`: the type and at least one `introduced` are required.
    fn into_range(self) -> Result<Range, ParseError> {
        let kind = match self.kind.as_deref() {
            Some("SEMVER") => RangeKind::SemVer,
            Some("ECOSYSTEM") => RangeKind::Ecosystem,
            Some("GIT") => RangeKind::Git,
            Some(_) => RangeKind::Unknown,
            None => return Err(malformed("a range has no type")),
        };
        let events = self.events.into_iter().flatten().map(WireEvent::into_event);
        let events = events.collect::<Result<Vec<_>, _>>()?;
        match events
            .iter()
            .any(|event| matches!(event, Event::Introduced(_)))
        {
            true => Ok(Range { kind, events }),
            false => Err(malformed("a range does not say where it begins")),
        }
    }
}

impl WireEvent {
    fn into_event(self) -> Result<Event, ParseError> {
        match (self.introduced, self.fixed, self.last_affected, self.limit) {
            (Some(version), None, None, None) => Ok(Event::Introduced(bound(version)?)),
            (None, Some(version), None, None) => Ok(Event::Fixed(bound(version)?)),
            (None, None, Some(version), None) => Ok(Event::LastAffected(bound(version)?)),
            (None, None, None, Some(version)) => Ok(Event::Limit(bound(version)?)),
            _ => Err(malformed("a range event is not exactly one of its kinds")),
        }
    }
}

/// A bound that is empty would sort somewhere all the same.
fn bound(version: String) -> Result<String, ParseError> {
    match version.trim().is_empty() {
        true => Err(malformed("a range event names no version")),
        false => Ok(version),
    }
}

fn malformed(detail: &str) -> ParseError {
    ParseError::malformed(WHAT, detail)
}

/// A score if there is one, and the band or word that goes with it.
struct Rating {
    severity: Severity,
    cvss: Option<Cvss>,
}

impl Rating {
    /// A record's own ratings first, then those of its packages, then the database's word.
    fn of_record(own: &[WireSeverity], affected: &[WireAffected], database: &Value) -> Self {
        let of_packages = affected
            .iter()
            .filter_map(|a| Self::of(a.severity.as_deref().unwrap_or_default()));
        let labels = || {
            let word = database
                .get("severity")
                .and_then(Value::as_str)
                .map(Severity::from_label);
            word.into_iter()
                .chain(affected.iter().filter_map(WireAffected::label))
                .filter(|severity| *severity != Severity::Unknown)
                .max_by_key(|severity| severity.rank())
                .map(|severity| Self {
                    severity,
                    cvss: None,
                })
        };
        Self::of(own)
            .or_else(|| of_packages.max_by_key(|rating| rating.severity.rank()))
            .or_else(labels)
            .unwrap_or(Self {
                severity: Severity::Unknown,
                cvss: None,
            })
    }

    /// The newest kind of vector that can be read, else a word such as Ubuntu's `medium`.
    fn of(list: &[WireSeverity]) -> Option<Self> {
        let texts = || list.iter().filter_map(|entry| entry.score.as_str());
        let vector = texts()
            .filter_map(|text| Cvss::from_vector(text).ok())
            .max_by_key(|cvss| (cvss.version().as_str(), cvss.tenths()));
        if let Some(cvss) = vector {
            return Some(Self {
                severity: cvss.severity(),
                cvss: Some(cvss),
            });
        }
        texts()
            .map(Severity::from_label)
            .find(|severity| *severity != Severity::Unknown)
            .map(|severity| Self {
                severity,
                cvss: None,
            })
    }
}

/// RustSec's `informational`, which stands in the free-form object of each package.
fn informational(affected: &[WireAffected]) -> Option<String> {
    affected
        .iter()
        .find_map(|a| {
            a.database_specific
                .get("informational")
                .and_then(Value::as_str)
        })
        .map(str::to_owned)
}

fn nonempty(id: String) -> Result<String, ParseError> {
    if id.is_empty() {
        return Err(ParseError::malformed(WHAT, "the identifier is empty"));
    }
    Ok(id)
}

fn sorted(list: Option<Vec<String>>) -> Vec<String> {
    let mut list = list.unwrap_or_default();
    list.sort_unstable();
    list.dedup();
    list
}

/// A record without a summary is described by the first line of its details.
fn summary(summary: Option<String>, details: Option<&str>) -> String {
    summary
        .filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| {
            let line = details
                .unwrap_or_default()
                .lines()
                .find(|line| !line.trim().is_empty());
            line.unwrap_or_default()
                .trim()
                .chars()
                .take(MAX_SUMMARY_CHARS)
                .collect()
        })
}

/// An unreadable time is an unknown one. For `withdrawn` that keeps the finding, as a time to come
/// does.
fn time(text: Option<&str>) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text?)
        .ok()
        .map(|time| time.with_timezone(&Utc))
}
