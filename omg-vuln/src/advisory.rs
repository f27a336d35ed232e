//! What a database says, whatever its own format: the common form of all sources.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::package::Ecosystem;
use crate::severity::{Cvss, Severity};

/// One advisory, and the packages it speaks of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// What is the matter.
    pub advisory: Advisory,
    /// Which packages, in which versions.
    pub affected: Vec<Affected>,
}

/// What is the matter: everything of an advisory but the packages.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Advisory {
    /// The identifier in its own database: `AVG-2765`, `RUSTSEC-2021-0003`, `DSA-5417-1`.
    pub id: String,
    /// Other identifiers, sorted: of the same issue, or of the issues in a bundle.
    pub aliases: Vec<String>,
    /// Whether the CVEs among the aliases are separate issues, filed together, as in a group
    /// of the Arch tracker. Clearing one of them then does not clear the advisory.
    pub is_bundle: bool,
    /// Identifiers of the issues this advisory was made from, sorted (OSV schema, `upstream`).
    pub upstream: Vec<String>,
    /// One line.
    pub summary: String,
    /// The band of [`Advisory::cvss`], or the source's own word where it gives no vector.
    pub severity: Severity,
    /// The score, where the source gives a vector that can be read.
    pub cvss: Option<Cvss>,
    /// When it was first published.
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub modified: Option<DateTime<Utc>>,
    /// From when on it is taken back: a withdrawn advisory affects nothing.
    pub withdrawn: Option<DateTime<Utc>>,
    /// Set for notices that are no vulnerability: `unmaintained`, `unsound`, `notice`.
    pub informational: Option<String>,
    /// Where to read more, in the source's order.
    pub references: Vec<String>,
}

impl Advisory {
    /// An advisory of which only the identifier is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// Whether `id` is this advisory's identifier or one of its aliases.
    pub fn is_known_as(&self, id: &str) -> bool {
        self.id == id || self.aliases.iter().any(|alias| alias == id)
    }
}

/// A package that an advisory speaks of, and the rule that says which versions.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Affected {
    /// The ecosystem the record is filed under, possibly without a release.
    pub ecosystem: Ecosystem,
    /// The name, as the record spells it.
    pub name: String,
    /// Which versions.
    pub criteria: Criteria,
    /// The source's word for this package alone, such as Debian's `urgency`; counts where the
    /// advisory has no score.
    pub severity: Option<Severity>,
}

impl Affected {
    /// A rule for one package.
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>, criteria: Criteria) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            criteria,
            severity: None,
        }
    }

    /// The name in the one spelling by which it is looked up: PEP 503 for Python packages,
    /// the name itself elsewhere.
    pub fn canonical_name(&self) -> std::borrow::Cow<'_, str> {
        self.ecosystem.canonical_name(&self.name)
    }
}

/// Which versions of a package an advisory speaks of.
///
/// Here and below `S` is the text of a version: owned, or borrowed from a prebuilt index.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Criteria<S = String> {
    /// As the Arch security tracker says it.
    Tracker(Tracker<S>),
    /// As an OSV record says it.
    Osv(Versions<S>),
}

/// The Arch tracker's view of a group: not a range, but the one version that was examined.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tracker<S = String> {
    /// How far the group has been looked at.
    pub status: TrackerStatus,
    /// The version in the repositories when the group was filed.
    pub examined: Option<S>,
    /// The first version with a fix.
    pub fixed: Option<S>,
}

impl<S> Tracker<S> {
    /// A group's status, the version that was examined, and the first fixed version.
    pub fn new(status: TrackerStatus, examined: Option<S>, fixed: Option<S>) -> Self {
        Self {
            status,
            examined,
            fixed,
        }
    }
}

/// How far a group of the Arch tracker has been looked at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum TrackerStatus {
    /// Nobody has decided yet. Also any word that the tracker does not use today.
    Unknown,
    /// The repositories hold an affected version.
    Vulnerable,
    /// A fix is in the testing repositories.
    Testing,
    /// A fix is in the repositories.
    Fixed,
    /// Arch's packages are not affected.
    NotAffected,
}

/// The versions that an OSV record lists (OSV schema, `affected[]`).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Versions<S = String> {
    /// Versions that are affected, one by one.
    pub listed: Vec<S>,
    /// Ranges of affected versions.
    pub ranges: Vec<Range<S>>,
}

/// One range: events along a line of versions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Range<S = String> {
    /// Along which line.
    pub kind: RangeKind,
    /// Where the affected stretches begin and end, in the record's order.
    pub events: Vec<Event<S>>,
}

impl<S> Range<S> {
    /// A range of this kind with these events.
    pub fn new(kind: RangeKind, events: Vec<Event<S>>) -> Self {
        Self { kind, events }
    }
}

/// The line along which a range's events lie.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum RangeKind {
    /// Semantic versions, whatever the ecosystem.
    SemVer,
    /// The ecosystem's own order.
    Ecosystem,
    /// Commits: cannot be evaluated without the repository.
    Git,
    /// A kind that is newer than this crate.
    Unknown,
}

/// A point of a range (OSV schema, `affected[].ranges[].events`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Event<S = String> {
    /// Affected from here on; `0` sorts before every version.
    Introduced(S),
    /// No longer affected from here on.
    Fixed(S),
    /// No longer affected after this version.
    LastAffected(S),
    /// The range says nothing about this version and later ones; `*` is no limit.
    Limit(S),
}

/// Records read from one or more documents of a source, and what could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Advisories {
    /// The records that were kept.
    pub records: Vec<Record>,
    /// How many records were read and not kept, since nobody asked for them.
    pub skipped: u64,
    /// The records that could not be read, each with the reason. Never empty silently: a
    /// source with a broken record is incomplete.
    pub broken: Vec<BrokenRecord>,
    /// The ecosystems of all records, kept or not.
    pub ecosystems: BTreeSet<Ecosystem>,
    /// The latest change of all records, kept or not.
    pub newest: Option<DateTime<Utc>>,
}

impl Advisories {
    /// Takes in a record, and keeps it if a package it names is wanted.
    pub fn push_if(&mut self, record: Record, wanted: impl Fn(&Affected) -> bool) {
        self.see(&record);
        if record.affected.iter().any(wanted) {
            self.records.push(record);
        } else {
            self.skipped += 1;
        }
    }

    fn see(&mut self, record: &Record) {
        for affected in &record.affected {
            if !self.ecosystems.contains(&affected.ecosystem) {
                self.ecosystems.insert(affected.ecosystem.clone());
            }
        }
        self.newest = self.newest.max(record.advisory.modified);
    }

    /// Takes in a record, and keeps it.
    pub fn push(&mut self, record: Record) {
        self.see(&record);
        self.records.push(record);
    }

    /// How many records could be read.
    pub fn read(&self) -> u64 {
        self.records.len() as u64 + self.skipped
    }

    /// Takes in everything of another document of the same source.
    pub fn append(&mut self, other: Self) {
        self.records.extend(other.records);
        self.skipped += other.skipped;
        self.broken.extend(other.broken);
        self.ecosystems.extend(other.ecosystems);
        self.newest = self.newest.max(other.newest);
    }
}

/// A record that could not be read.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BrokenRecord {
    /// The record's identifier, or its position where even that is missing.
    pub subject: String,
    /// Why it could not be read.
    pub reason: String,
}

impl BrokenRecord {
    /// A record that could not be read, and why.
    pub fn new(subject: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            reason: reason.into(),
        }
    }
}
