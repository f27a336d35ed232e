//! The scan itself: a pure function of database, packages and time.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::advisory::Advisory;
use crate::database::{AdvisoryDb, Layer, Match, Source, SourceStatus};
use crate::epss::EpssScore;
use crate::group::{self, Found};
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
    /// The package as it was asked about.
    pub package: Package,
    /// The package URLs of the installed packages that it stands for, where the caller knows them:
    /// advisories of distributions speak of source packages, people of what they have installed.
    pub installed: Vec<String>,
    /// The advisory's identifier.
    pub advisory: String,
    /// Other identifiers, sorted: aliases, advisories grouped with this, and for a bundle the
    /// issues in it.
    pub aliases: Vec<String>,
    /// Identifiers of the issues that the advisory was made from, sorted; see
    /// [`Advisory::upstream`]. They raise a finding, and all of them have to be cleared to clear it.
    pub upstream: Vec<String>,
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

    /// The issues that the advisory was made from, each once: a distribution names an issue by its
    /// own record, too (`UBUNTU-CVE-…` beside `CVE-…`).
    pub(crate) fn upstream_issues(&self) -> Vec<&str> {
        let issue = |id: &'_ String| id.find("CVE-").map_or(0, |at| at);
        let mut issues: Vec<&str> = self
            .upstream
            .iter()
            .map(|id| id.get(issue(id)..).unwrap_or(id))
            .collect();
        issues.sort_unstable();
        issues.dedup();
        issues
    }

    /// The separate issues of the finding, each of which has to be cleared: the CVEs of a bundle,
    /// and the issues that the advisory was made from. Empty where the finding is one issue, whatever
    /// its names.
    fn separate_issues(&self) -> Vec<&str> {
        let aliases = self.aliases.iter().map(String::as_str);
        let cves: Vec<&str> = aliases.filter(|id| id.starts_with("CVE-")).collect();
        match self.is_bundle && cves.len() > 1 {
            true => cves,
            false => {
                let upstream = self.upstream_issues().into_iter();
                upstream.filter(|issue| !self.is_known_as(issue)).collect()
            }
        }
    }

    /// Who clears this finding: somebody who speaks of all of it, or, of a bundle, of each of
    /// its issues. `speaker` gives who clears the issue with one of these names, if anybody.
    pub(crate) fn cleared_by<T>(
        &self,
        mut speaker: impl FnMut(&[&str]) -> Option<T>,
    ) -> Cleared<T> {
        let issues = self.separate_issues();
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
    /// The packages that were not checked, sorted, each with the first reason.
    pub unchecked: Vec<Unchecked>,
}

/// A package that was not checked: that nothing was found says nothing about it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unchecked {
    /// The package as it was asked about.
    pub package: Package,
    /// Why it was not checked.
    pub reason: UncheckedReason,
}

/// Why a package was not checked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UncheckedReason {
    /// No source speaks of its ecosystem.
    NoSource,
    /// The text in the place of its version is not a version of its ecosystem.
    NotAVersion,
    /// A record names it and could not be applied.
    Undecided {
        /// The advisory.
        advisory: String,
        /// Why it could not be applied.
        detail: String,
    },
}

impl fmt::Display for UncheckedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSource => f.write_str("no source speaks of its ecosystem"),
            Self::NotAVersion => f.write_str("its version is not a version of its ecosystem"),
            Self::Undecided { advisory, detail } => write!(f, "{advisory}: {detail}"),
        }
    }
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
/// `at` decides which sources are stale, and which records are taken back. Packages that no source
/// speaks of, whose version is none, or whose records cannot be applied are in [`Report::unchecked`], and a package given twice is reported once.
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
        let mut reason = unasked(&mut coverage, db, package);
        let mut found: Vec<Found> = Vec::new();
        for (layer, source) in db.layers.iter().zip(&mut report.sources) {
            match layer.matches(package) {
                Ok(list) => {
                    for matched in list {
                        let undecided = undecided(&matched);
                        let Some(judged) = judge(matched, package, source, at) else {
                            continue;
                        };
                        reason = reason
                            .or_else(|| undecided.map(|detail| because(&judged.advisory, detail)));
                        found.push(judged);
                    }
                }
                Err(error) => degrade(source, &error),
            }
        }
        if let Some(reason) = reason {
            report.unchecked.push(Unchecked {
                package: package.clone(),
                reason,
            });
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

/// Why a package cannot be checked, whatever the records say.
fn unasked<'p>(
    coverage: &mut Coverage<'p>,
    db: &AdvisoryDb,
    package: &'p Package,
) -> Option<UncheckedReason> {
    if !coverage.of(db, package) {
        return Some(UncheckedReason::NoSource);
    }
    let order = package.ecosystem.order();
    let is_version = order.is_none_or(|order| order.is_version(&package.version));
    (!is_version).then_some(UncheckedReason::NotAVersion)
}

/// Why a rule could not be applied, unless a service says itself that the package is affected.
fn undecided(matched: &Match<'_>) -> Option<String> {
    let verdict = matched.verdict.as_ref()?;
    (verdict.undecided && !matched.confirmed).then(|| verdict.reason.clone())
}

fn because(advisory: &Advisory, detail: String) -> UncheckedReason {
    UncheckedReason::Undecided {
        advisory: advisory.id.clone(),
        detail,
    }
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
fn judge(
    found: Match<'_>,
    package: &Package,
    source: &mut Source,
    at: DateTime<Utc>,
) -> Option<Found> {
    let advisory = match found.head.advisory() {
        Ok(advisory) => advisory.into_owned(),
        Err(error) => {
            degrade(source, &error);
            return None;
        }
    };
    // OSV schema, `withdrawn`: the time from which the record is taken back.
    if advisory.withdrawn.is_some_and(|withdrawn| withdrawn <= at) {
        return None;
    }
    // A service knows more than its record says, of commits for instance.
    let verdict = found.verdict.unwrap_or_else(|| Verdict {
        state: State::Affected,
        undecided: false,
        fixed_in: None,
        reason: format!("{} says so for {package}", source.name),
    });
    let (severity, is_final) = severity(&advisory, found.severity);
    let finding = Finding {
        package: package.clone(),
        installed: Vec::new(),
        advisory: advisory.id.clone(),
        aliases: advisory.aliases.clone(),
        upstream: advisory.upstream.clone(),
        is_bundle: advisory.is_bundle,
        summary: advisory.summary.clone(),
        severity,
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
    Some(Found {
        advisory,
        finding,
        is_final,
    })
}

/// A score speaks for itself; a word about this very package is nearer than one about all. A
/// distribution that calls an issue unimportant for its package says more than any score, and that
/// word is final; its urgencies are not.
fn severity(advisory: &Advisory, of_package: Option<Severity>) -> (Severity, bool) {
    match of_package {
        Some(Severity::None) => (Severity::None, true),
        _ if advisory.cvss.is_some() || advisory.informational.is_some() => {
            (advisory.severity, false)
        }
        of_package => (of_package.unwrap_or(advisory.severity), false),
    }
}

/// Adds what is known about exploitation, under any of the finding's names and issues.
fn mark(mut finding: Finding, db: &AdvisoryDb) -> Finding {
    let issues: Vec<String> = finding
        .upstream_issues()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let own = || std::iter::once(&finding.advisory).chain(&finding.aliases);
    let names = || own().chain(&issues);
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
