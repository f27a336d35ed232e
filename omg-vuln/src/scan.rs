//! The scan itself: a pure function of database, packages and time.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::advisory::Advisory;
use crate::database::{AdvisoryDb, Layer, Match, Source, SourceStatus};
use crate::epss::EpssScore;
use crate::group;
use crate::kev::KevEntry;
use crate::package::{Ecosystem, Package};
use crate::severity::{Cvss, Severity};
use crate::verdict::Verdict;

/// What is known about a package and an advisory that names it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// The installed version is affected.
    Affected,
    /// Nobody has decided, or the record cannot be evaluated: not cleared.
    UnderReview,
    /// No fix is recorded, and what is installed is newer than the version that was examined.
    LikelyStale,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Affected => "affected",
            Self::UnderReview => "under review",
            Self::LikelyStale => "likely stale",
        })
    }
}

/// One advisory that speaks of one package.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The package as it is installed.
    pub package: Package,
    /// The advisory's identifier.
    pub advisory: String,
    /// Other identifiers, sorted: aliases, advisories grouped with this, and for a bundle the
    /// issues in it.
    pub aliases: Vec<String>,
    /// Whether the CVEs among the aliases are separate issues; see [`Advisory::is_bundle`].
    pub is_bundle: bool,
    /// One line.
    pub summary: String,
    /// How bad it is.
    pub severity: Severity,
    /// The score, where there is one.
    pub cvss: Option<Cvss>,
    /// Whether the package is affected.
    pub state: State,
    /// The version to update to, where one is known.
    pub fixed_in: Option<String>,
    /// Set where the vulnerability is known to be exploited.
    pub kev: Option<KevEntry>,
    /// How likely it is exploited, where an estimate is known.
    pub epss: Option<EpssScore>,
    /// Set for notices that are no vulnerability: `unmaintained`, `unsound`, `notice`.
    pub informational: Option<String>,
    /// Why the state is what it is, for people.
    pub reason: String,
    /// The name of the source that says so.
    pub source: String,
    /// When the advisory was published.
    pub published: Option<DateTime<Utc>>,
    /// Where to read more.
    pub references: Vec<String>,
    /// What rules and statements say of this finding without setting it aside, for people.
    pub statement: Option<String>,
}

impl Finding {
    /// Whether `id` is the advisory's identifier or one of its aliases.
    pub fn is_known_as(&self, id: &str) -> bool {
        self.advisory == id || self.aliases.iter().any(|alias| alias == id)
    }

    pub(crate) fn note(&mut self, text: String) {
        self.statement = Some(match self.statement.take() {
            Some(earlier) => format!("{earlier}; {text}"),
            None => text,
        });
    }

    /// The separate issues of a bundle, by their CVEs; `None` where the finding is one issue,
    /// whatever its names.
    fn separate_issues(&self) -> Option<Vec<&str>> {
        let cves = self
            .aliases
            .iter()
            .map(String::as_str)
            .filter(|id| id.starts_with("CVE-"));
        let cves: Vec<&str> = cves.collect();
        (self.is_bundle && cves.len() > 1).then_some(cves)
    }

    /// Who clears this finding: somebody who speaks of all of it, or, of a bundle, of each of
    /// its issues. `speaker` gives who clears the issue with one of these names, if anybody.
    pub(crate) fn cleared_by<T>(
        &self,
        mut speaker: impl FnMut(&[&str]) -> Option<T>,
    ) -> Cleared<T> {
        let issues = self.separate_issues().unwrap_or_default();
        let whole = std::iter::once(self.advisory.as_str())
            .chain(self.aliases.iter().map(String::as_str))
            .filter(|name| !issues.contains(name));
        if let Some(who) = speaker(&whole.collect::<Vec<_>>()) {
            return Cleared::Whole(who);
        }
        let cleared: Vec<T> = issues
            .iter()
            .filter_map(|issue| speaker(&[issue]))
            .collect();
        match (cleared.len(), issues.len()) {
            (0, _) => Cleared::Nothing,
            (some, all) if some < all => Cleared::Part { some, all },
            _ => Cleared::Each(cleared),
        }
    }
}

/// How much of a finding is cleared.
pub(crate) enum Cleared<T> {
    Nothing,
    /// Of a bundle, some issues and not all.
    Part {
        some: usize,
        all: usize,
    },
    /// Of a bundle, each issue by somebody.
    Each(Vec<T>),
    Whole(T),
}

/// Whether everything that was asked could be answered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every package was checked against complete sources.
    Complete,
    /// Something was not checked: "no findings" would not mean "clean".
    Incomplete,
}

/// The answer of a scan.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// What was found, sorted by package, then advisory.
    pub findings: Vec<Finding>,
    /// What was found and then set aside by an ignore rule or a VEX statement, sorted alike.
    pub ignored: Vec<Ignored>,
    /// The sources, in the order in which they were added.
    pub sources: Vec<Source>,
    /// How many packages were asked about.
    pub packages: usize,
    /// The packages that no source speaks of, sorted.
    pub unchecked: Vec<Package>,
}

/// A finding that was set aside.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ignored {
    /// The finding.
    pub finding: Finding,
    /// By whom or what: the ignore rule, or the VEX document and its status.
    pub by: String,
    /// The reason given there.
    pub reason: String,
    /// Until when, where the rule says.
    pub until: Option<DateTime<Utc>>,
}

impl Ignored {
    pub(crate) fn new(
        finding: Finding,
        by: impl Into<String>,
        reason: impl Into<String>,
        until: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            finding,
            by: by.into(),
            reason: reason.into(),
            until,
        }
    }
}

impl Report {
    /// [`Status::Complete`] only if every package was checked against complete sources.
    pub fn status(&self) -> Status {
        let whole = self
            .sources
            .iter()
            .all(|s| s.status == SourceStatus::Complete);
        match whole && self.unchecked.is_empty() {
            true => Status::Complete,
            false => Status::Incomplete,
        }
    }
}

/// Looks up every package in the database.
///
/// `at` decides which sources are stale, and nothing else. Packages that no source speaks of
/// are in [`Report::unchecked`], and a package given twice is reported once.
pub fn scan(db: &AdvisoryDb, packages: &[Package], at: DateTime<Utc>) -> Report {
    let mut report = Report {
        findings: Vec::new(),
        ignored: Vec::new(),
        sources: db.sources_at(at),
        packages: packages.len(),
        unchecked: Vec::new(),
    };
    let mut sorted: Vec<&Package> = packages.iter().collect();
    // Callers that have them sorted, each once, pay for no more than a look.
    if !sorted.is_sorted_by(|a, b| a < b) {
        sorted.sort_unstable();
        sorted.dedup();
    }
    let mut coverage = Coverage::default();
    for package in sorted {
        let covered = coverage.of(db, package);
        let mut found: Vec<(Advisory, Finding)> = Vec::new();
        for (layer, source) in db.layers.iter().zip(&mut report.sources) {
            match layer.matches(package) {
                Ok(list) => {
                    found.extend(list.into_iter().filter_map(|m| judge(m, package, source)));
                }
                Err(error) => degrade(source, &error),
            }
        }
        if !covered {
            report.unchecked.push(package.clone());
        }
        if !found.is_empty() {
            let merged = group::merge(found);
            report
                .findings
                .extend(merged.into_iter().map(|f| mark(f, db)));
        }
    }
    report
}

/// Whether any source speaks of a package. Most ask about the ecosystem alone, of which a
/// machine has few: the last answer is kept.
#[derive(Default)]
struct Coverage<'p> {
    last: Option<(&'p Ecosystem, bool)>,
}

impl<'p> Coverage<'p> {
    fn of(&mut self, db: &AdvisoryDb, package: &'p Package) -> bool {
        let by_ecosystem = match self.last {
            Some((ecosystem, covered)) if *ecosystem == package.ecosystem => covered,
            _ => {
                let covers = |layer: &Layer| layer.covers_ecosystem(&package.ecosystem);
                let covered = db.layers.iter().any(covers);
                self.last = Some((&package.ecosystem, covered));
                covered
            }
        };
        by_ecosystem || db.layers.iter().any(|layer| layer.answered(package))
    }
}

fn degrade(source: &mut Source, error: &dyn std::error::Error) {
    if source.status < SourceStatus::Unreadable {
        source.status = SourceStatus::Unreadable;
        source.detail = error.to_string();
    }
}

/// The finding that a match gives, unless its advisory was taken back.
fn judge(found: Match<'_>, package: &Package, source: &mut Source) -> Option<(Advisory, Finding)> {
    let advisory = match found.head.advisory() {
        Ok(advisory) => advisory.into_owned(),
        Err(error) => {
            degrade(source, &error);
            return None;
        }
    };
    if advisory.withdrawn.is_some() {
        return None;
    }
    // A service knows more than its record says, of commits for instance.
    let verdict = found.verdict.unwrap_or_else(|| Verdict {
        state: State::Affected,
        fixed_in: None,
        reason: format!("{} says so for {package}", source.name),
    });
    let finding = Finding {
        package: package.clone(),
        advisory: advisory.id.clone(),
        aliases: advisory.aliases.clone(),
        is_bundle: advisory.is_bundle,
        summary: advisory.summary.clone(),
        severity: severity(&advisory, found.severity),
        cvss: advisory.cvss.clone(),
        state: if found.confirmed {
            State::Affected
        } else {
            verdict.state
        },
        fixed_in: verdict.fixed_in,
        kev: None,
        epss: None,
        informational: advisory.informational.clone(),
        reason: verdict.reason,
        source: source.name.clone(),
        published: advisory.published,
        references: advisory.references.clone(),
        statement: None,
    };
    Some((advisory, finding))
}

/// A score speaks for itself; a word about this very package is nearer than one about all.
fn severity(advisory: &Advisory, of_package: Option<Severity>) -> Severity {
    if advisory.cvss.is_some() || advisory.informational.is_some() {
        return advisory.severity;
    }
    of_package.unwrap_or(advisory.severity)
}

/// Adds what is known about exploitation, under any of the finding's names.
fn mark(mut finding: Finding, db: &AdvisoryDb) -> Finding {
    let names = || std::iter::once(&finding.advisory).chain(&finding.aliases);
    let kev = db
        .kev
        .as_ref()
        .and_then(|kev| names().find_map(|id| kev.entries.get(id)).cloned());
    let epss = db.epss.as_ref().and_then(|epss| {
        names()
            .filter_map(|id| epss.get(id))
            .max_by_key(|s| s.probability_e5)
    });
    finding.kev = kev;
    finding.epss = epss;
    finding
}
