//! The advisories of all sources together, and what is known about each source.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::advisory::{Advisories, Advisory, Affected, Record};
use crate::epss::Epss;
use crate::index::{Index, IndexError, key_hash};
use crate::kev::Kev;
use crate::package::{Ecosystem, Package};
use crate::severity::Severity;
use crate::verdict::{Verdict, verdict};

/// What a source is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceKind {
    /// The Arch Linux security tracker.
    ArchTracker,
    /// OSV records, from a file or an ecosystem's dump.
    Osv,
    /// Answers of the OSV interface about these very packages.
    OsvApi,
    /// CISA's catalogue of known exploited vulnerabilities.
    Kev,
    /// FIRST's estimates of exploitation.
    Epss,
}

/// Whether a source can be relied on. Anything but [`SourceStatus::Complete`] makes a report
/// incomplete.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceStatus {
    /// Everything was read.
    Complete,
    /// Some records or answers are missing; the others were used.
    Partial,
    /// Everything was read, and is older than allowed.
    Stale,
    /// There is nothing from this source, since it did not answer.
    Unreachable,
    /// There is nothing from this source, since what it holds cannot be read.
    Unreadable,
    /// There is nothing from this source, since nothing was ever fetched from it.
    Missing,
}

/// A source, and how far it can be relied on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Source {
    /// What people call it: a file's name, or the service.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// How far it can be relied on.
    pub status: SourceStatus,
    /// How many records it holds.
    pub records: u64,
    /// The time of the data: when they were fetched, or the newest record in a file.
    pub as_of: Option<DateTime<Utc>>,
    /// What went wrong, for people; empty if nothing did.
    pub detail: String,
}

impl Source {
    /// A source from which everything was read.
    pub fn new(name: impl Into<String>, kind: SourceKind) -> Self {
        Self {
            name: name.into(),
            kind,
            status: SourceStatus::Complete,
            records: 0,
            as_of: None,
            detail: String::new(),
        }
    }

    /// The same source with the time of its data.
    #[must_use]
    pub fn as_of(mut self, time: Option<DateTime<Utc>>) -> Self {
        self.as_of = time;
        self
    }

    /// The same source with a worse status, and the reason. A better status is ignored: a
    /// source that was found wanting once stays so.
    #[must_use]
    pub fn degraded(mut self, status: SourceStatus, detail: impl Into<String>) -> Self {
        self.degrade(status, detail);
        self
    }

    fn degrade(&mut self, status: SourceStatus, detail: impl Into<String>) {
        if status > self.status {
            self.status = status;
        }
        if !self.detail.is_empty() {
            self.detail.push_str("; ");
        }
        self.detail.push_str(&detail.into());
    }
}

/// The advisories of all sources, indexed by ecosystem and package name.
///
/// # Examples
///
/// ```
/// use omg_vuln::{AdvisoryDb, Ecosystem, Package, Source, SourceKind, scan};
///
/// let feed = br#"[{"name": "AVG-1", "packages": ["curl"], "status": "Fixed",
///     "severity": "High", "type": "information disclosure", "affected": "7.51.0-1",
///     "fixed": "7.52.1-1", "ticket": null, "issues": ["CVE-2016-9594"], "advisories": []}]"#;
/// let mut db = AdvisoryDb::new();
/// db.add(Source::new("all.json", SourceKind::ArchTracker), omg_vuln::arch::parse(feed)?);
///
/// let curl = Package::new(Ecosystem::arch(), "curl", "7.52.0-1");
/// let report = scan(&db, &[curl], "2026-11-24T00:00:00Z".parse()?);
/// assert_eq!(report.findings[0].fixed_in.as_deref(), Some("7.52.1-1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct AdvisoryDb {
    pub(crate) layers: Vec<Layer>,
    pub(crate) kev: Option<Kev>,
    pub(crate) epss: Option<Epss>,
    max_age: Option<TimeDelta>,
    requires_age: bool,
}

/// One source and its records.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) source: Source,
    data: Data,
}

#[derive(Debug)]
enum Data {
    Nothing,
    Records(Records),
    Index(Index),
    Answers(Answers),
}

/// Records in memory, by ecosystem and name.
#[derive(Debug)]
struct Records {
    records: Vec<Record>,
    /// From the hash of ecosystem and name to positions in `records` and its `affected`.
    positions: HashMap<u64, Vec<(usize, usize)>>,
    ecosystems: BTreeSet<Ecosystem>,
}

/// What a service answered about single packages.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Answers {
    /// For each package that was answered, the identifiers of its advisories; packages that
    /// are not here were not checked.
    pub matches: BTreeMap<Package, Vec<String>>,
    /// The records that were fetched, by identifier. One that is missing makes the source
    /// partial, and its finding has an unknown severity.
    pub records: BTreeMap<String, Record>,
}

/// An advisory that speaks of a package, and what it says.
pub(crate) struct Match<'a> {
    /// What the rule says; `None` where only the service says so.
    pub(crate) verdict: Option<Verdict>,
    /// The source's word for this package alone.
    pub(crate) severity: Option<Severity>,
    /// The service itself says that the package is affected.
    pub(crate) confirmed: bool,
    pub(crate) head: Head<'a>,
}

pub(crate) enum Head<'a> {
    Known(&'a Advisory),
    Indexed(&'a Index, u32),
    OnlyId(&'a str),
}

impl Head<'_> {
    pub(crate) fn advisory(&self) -> Result<Cow<'_, Advisory>, IndexError> {
        Ok(match self {
            Self::Known(advisory) => Cow::Borrowed(*advisory),
            Self::Indexed(index, at) => Cow::Owned(index.head(*at)?),
            Self::OnlyId(id) => Cow::Owned(Advisory::new(*id)),
        })
    }
}

impl AdvisoryDb {
    /// A database without sources: every package scanned against it is "not checked".
    pub fn new() -> Self {
        Self::default()
    }

    /// Sources whose data are older than this, at the time of the scan, are stale. By default
    /// no age is too old.
    pub fn set_max_age(&mut self, age: TimeDelta) {
        self.max_age = Some(age);
    }

    /// Sources of advisories whose age is not known are stale, too, where a greatest age is set.
    pub fn require_age(&mut self) {
        self.requires_age = true;
    }

    /// Adds records from a document. Broken records make the source partial.
    pub fn add(&mut self, mut source: Source, advisories: Advisories) {
        source.records = advisories.read();
        if let Some(first) = advisories.broken.first() {
            let detail = format!(
                "{} of its records cannot be read, first {}: {}",
                advisories.broken.len(),
                first.subject,
                first.reason
            );
            source.degrade(SourceStatus::Partial, detail);
        }
        let data = Data::Records(Records::new(advisories));
        self.layers.push(Layer { source, data });
    }

    /// Adds a prebuilt index. Records that were broken when it was built make it partial.
    pub fn add_index(&mut self, mut source: Source, index: Index) {
        let meta = index.meta();
        source.records = meta.records;
        source.as_of = source.as_of.or(meta.fetched);
        if meta.broken > 0 {
            let detail = format!("{} of its records could not be read", meta.broken);
            source.degrade(SourceStatus::Partial, detail);
        }
        self.layers.push(Layer {
            source,
            data: Data::Index(index),
        });
    }

    /// Adds what a service answered about these very packages. A record that is missing makes
    /// the source partial.
    pub fn add_answers(&mut self, mut source: Source, answers: Answers) {
        source.records = answers.records.len() as u64;
        let missing: BTreeSet<&String> = answers
            .matches
            .values()
            .flatten()
            .filter(|id| !answers.records.contains_key(*id))
            .collect();
        if let Some(first) = missing.first() {
            let detail = format!("{} records are missing, first {first}", missing.len());
            source.degrade(SourceStatus::Partial, detail);
        }
        self.layers.push(Layer {
            source,
            data: Data::Answers(answers),
        });
    }

    /// Adds a source from which there is nothing, so that the report names it.
    pub fn add_failed(&mut self, source: Source) {
        self.layers.push(Layer {
            source,
            data: Data::Nothing,
        });
    }

    /// Marks findings that are known to be exploited.
    pub fn set_kev(&mut self, mut source: Source, kev: Kev) {
        source.records = kev.entries.len() as u64;
        source.as_of = source.as_of.or(kev.released);
        self.kev = Some(kev);
        self.add_failed(source);
    }

    /// Marks findings with their estimated probability of exploitation.
    pub fn set_epss(&mut self, mut source: Source, epss: Epss) {
        source.records = epss.len() as u64;
        source.as_of = source.as_of.or(epss.scored());
        self.epss = Some(epss);
        self.add_failed(source);
    }

    /// Whether the catalogue of known exploited vulnerabilities is there.
    pub fn has_kev(&self) -> bool {
        self.kev.is_some()
    }

    /// All sources as they stand at a time, in the order in which they were added.
    pub(crate) fn sources_at(&self, at: DateTime<Utc>) -> Vec<Source> {
        let mut sources: Vec<Source> = self.layers.iter().map(|l| l.source.clone()).collect();
        for source in &mut sources {
            if let (Some(max_age), Some(as_of)) = (self.max_age, source.as_of)
                && at.signed_duration_since(as_of) > max_age
            {
                let days = at.signed_duration_since(as_of).num_days();
                source.degrade(SourceStatus::Stale, format!("its data are {days} days old"));
            }
            let is_dateless = source.as_of.is_none() && source.status == SourceStatus::Complete;
            if self.requires_age && self.max_age.is_some() && is_dateless {
                source.degrade(SourceStatus::Stale, "the age of its data is not known");
            }
        }
        sources
    }
}

impl Layer {
    /// Whether this layer speaks of all packages of an ecosystem.
    pub(crate) fn covers_ecosystem(&self, asked: &Ecosystem) -> bool {
        let covers = |ecosystem: &Ecosystem| ecosystem.covers(asked);
        match &self.data {
            Data::Nothing | Data::Answers(_) => false,
            Data::Records(records) => records.ecosystems.iter().any(covers),
            Data::Index(index) => index.meta().ecosystems.iter().any(covers),
        }
    }

    /// Whether this layer holds an answer about this very package.
    pub(crate) fn answered(&self, package: &Package) -> bool {
        match &self.data {
            Data::Answers(answers) => answers.matches.contains_key(package),
            _ => false,
        }
    }

    pub(crate) fn matches(&self, package: &Package) -> Result<Vec<Match<'_>>, IndexError> {
        match &self.data {
            Data::Nothing => Ok(Vec::new()),
            Data::Records(records) => Ok(records.matches(package)),
            Data::Index(index) => indexed(index, package),
            Data::Answers(answers) => Ok(answers.matches(package)),
        }
    }
}

impl Records {
    fn new(advisories: Advisories) -> Self {
        let Advisories {
            records,
            ecosystems,
            ..
        } = advisories;
        let mut positions: HashMap<u64, Vec<(usize, usize)>> = HashMap::new();
        for (r, record) in records.iter().enumerate() {
            for (a, affected) in record.affected.iter().enumerate() {
                let key = key_hash(affected.ecosystem.as_str(), &affected.canonical_name());
                positions.entry(key).or_default().push((r, a));
            }
        }
        Self {
            records,
            positions,
            ecosystems,
        }
    }

    fn matches(&self, package: &Package) -> Vec<Match<'_>> {
        let mut found = Vec::new();
        let name = package.canonical_name();
        for ecosystem in filed_under(&package.ecosystem) {
            let positions = self.positions.get(&key_hash(ecosystem, &name));
            for (r, a) in positions.into_iter().flatten() {
                let record = &self.records[*r];
                let affected = &record.affected[*a];
                if speaks_of(affected, package)
                    && let Some(verdict) = verdict(&affected.criteria, package)
                {
                    found.push(Match {
                        verdict: Some(verdict),
                        severity: affected.severity,
                        confirmed: false,
                        head: Head::Known(&record.advisory),
                    });
                }
            }
        }
        found
    }
}

fn indexed<'a>(index: &'a Index, package: &Package) -> Result<Vec<Match<'a>>, IndexError> {
    let name = package.canonical_name();
    let mut found = Vec::new();
    for ecosystem in filed_under(&package.ecosystem) {
        for bucket in index.lookup(ecosystem, &name)? {
            let filed = Ecosystem::new(bucket.ecosystem);
            if !filed.covers(&package.ecosystem) || filed.canonical_name(bucket.name) != name {
                continue;
            }
            for rule in bucket.rules {
                if let Some(verdict) = verdict(&rule.criteria, package) {
                    found.push(Match {
                        verdict: Some(verdict),
                        severity: rule.severity,
                        confirmed: false,
                        head: Head::Indexed(index, rule.head),
                    });
                }
            }
        }
    }
    Ok(found)
}

impl Answers {
    fn matches(&self, package: &Package) -> Vec<Match<'_>> {
        let ids = self
            .matches
            .get(package)
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter().map(|id| self.answer(id, package)).collect()
    }

    /// The service's word holds; the record's rules say which version has the fix.
    fn answer<'a>(&'a self, id: &'a str, package: &Package) -> Match<'a> {
        let record = self.records.get(id);
        let rules = record
            .map(|record| record.affected.as_slice())
            .unwrap_or_default();
        let rules = || rules.iter().filter(|affected| speaks_of(affected, package));
        let verdicts = rules().filter_map(|affected| verdict(&affected.criteria, package));
        Match {
            verdict: verdicts.min_by_key(|verdict| (verdict.state, verdict.fixed_in.is_none())),
            severity: rules().find_map(|affected| affected.severity),
            confirmed: true,
            head: record.map_or(Head::OnlyId(id), |record| Head::Known(&record.advisory)),
        }
    }
}

/// Under which names of an ecosystem records about its packages are filed.
fn filed_under(ecosystem: &Ecosystem) -> impl Iterator<Item = &str> {
    let base = ecosystem.release().map(|_| ecosystem.name());
    std::iter::once(ecosystem.as_str()).chain(base)
}

fn speaks_of(affected: &Affected, package: &Package) -> bool {
    affected.ecosystem.covers(&package.ecosystem)
        && affected.canonical_name() == package.canonical_name()
}
