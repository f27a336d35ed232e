//! `omg.scan/1`, as one document or as one finding a line. The schema is
//! `schemas/omg.scan.1.json`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use omg_vuln::{
    Cvss, Finding, IgnoreRule, Severity, Source, SourceKind, State, Status, UnusedStatement,
    VexStatus,
};
use serde::Serialize;

use super::words::source_status;
use crate::checks::vulnerabilities::result::ScanResult;
use crate::render::json_text::{line, pretty};

const SCHEMA: &str = "omg.scan/1";

pub fn document(scanned: &ScanResult) -> String {
    pretty(&Document::new(scanned))
}

/// One finding a line after a first line with everything else of the document, so that a reader of
/// lines cannot take an incomplete scan for a clean one.
pub fn lines(scanned: &ScanResult) -> String {
    let document = Document::new(scanned);
    let head = Head {
        schema: document.schema,
        status: document.status,
        at: document.at,
        sources: document.sources,
        packages: document.packages,
        unchecked: document.unchecked,
        problems: document.problems,
        ignored: document.ignored,
        ignore_rules: document.ignore_rules,
        vex: document.vex,
        summary: document.summary,
    };
    let mut out = line(&head);
    for finding in &document.findings {
        out.push_str(&line(finding));
    }
    out
}

#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    status: Status,
    at: String,
    sources: Vec<SourceRow<'a>>,
    packages: usize,
    unchecked: Vec<Unchecked<'a>>,
    problems: Vec<Problem<'a>>,
    ignored: Vec<IgnoredRow<'a>>,
    ignore_rules: Rules<'a>,
    vex: Statements<'a>,
    summary: Summary,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    status: Status,
    at: String,
    sources: Vec<SourceRow<'a>>,
    packages: usize,
    unchecked: Vec<Unchecked<'a>>,
    problems: Vec<Problem<'a>>,
    findings: Vec<Row<'a>>,
    ignored: Vec<IgnoredRow<'a>>,
    ignore_rules: Rules<'a>,
    vex: Statements<'a>,
    summary: Summary,
}

impl<'a> Document<'a> {
    fn new(scanned: &'a ScanResult) -> Self {
        let report = &scanned.report;
        let ignored = report.ignored.iter().map(|ignored| IgnoredRow {
            finding: Row::new(&ignored.finding, scanned),
            ignored_by: &ignored.by,
            ignored_reason: &ignored.reason,
            ignored_until: ignored.until.map(time),
        });
        let problems = scanned.subjects.problems.iter().map(|problem| Problem {
            subject: &problem.subject,
            kind: problem.kind.to_string(),
            detail: &problem.detail,
        });
        Self {
            schema: SCHEMA,
            status: scanned.status(),
            at: time(scanned.at),
            sources: sources(scanned),
            packages: scanned.subjects.installed(),
            unchecked: unchecked(scanned),
            problems: problems.collect(),
            findings: report
                .findings
                .iter()
                .map(|f| Row::new(f, scanned))
                .collect(),
            ignored: ignored.collect(),
            ignore_rules: Rules {
                expired: scanned.rules.expired.iter().map(Rule::new).collect(),
                unused: scanned.rules.unused.iter().map(Rule::new).collect(),
            },
            vex: Statements {
                unused: scanned
                    .rules
                    .unused_statements
                    .iter()
                    .map(Stated::new)
                    .collect(),
            },
            summary: Summary::new(scanned),
        }
    }
}

#[derive(Serialize)]
pub(super) struct SourceRow<'a> {
    name: &'a str,
    kind: SourceKind,
    status: &'static str,
    records: u64,
    as_of: Option<String>,
    detail: &'a str,
}

fn sources(scanned: &ScanResult) -> Vec<SourceRow<'_>> {
    scanned.report.sources.iter().map(SourceRow::new).collect()
}

impl<'a> SourceRow<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self {
            name: &source.name,
            kind: source.kind,
            status: source_status(source.status),
            records: source.records,
            as_of: source.as_of.map(time),
            detail: &source.detail,
        }
    }
}

#[derive(Serialize)]
struct Unchecked<'a> {
    name: &'a str,
    version: &'a str,
    ecosystem: Option<&'a str>,
    reason: Cow<'a, str>,
}

fn unchecked(scanned: &ScanResult) -> Vec<Unchecked<'_>> {
    let without_source = scanned.report.unchecked.iter().map(|other| Unchecked {
        name: &other.package.name,
        version: &other.package.version,
        ecosystem: Some(other.package.ecosystem.as_str()),
        reason: other.reason.to_string().into(),
    });
    let unknown = scanned.subjects.unknown.iter().map(|(package, reason)| {
        let (name, version) = package.rsplit_once(' ').unwrap_or((package, ""));
        Unchecked {
            name,
            version,
            ecosystem: None,
            reason: (*reason).into(),
        }
    });
    without_source.chain(unknown).collect()
}

#[derive(Serialize)]
struct Problem<'a> {
    subject: &'a str,
    kind: String,
    detail: &'a str,
}

#[derive(Serialize)]
pub(super) struct Row<'a> {
    package: PackageRow<'a>,
    advisory: &'a str,
    aliases: &'a [String],
    summary: &'a str,
    severity: Severity,
    cvss: Option<f64>,
    cvss_vector: Option<&'a str>,
    state: State,
    fixed_in: Option<&'a str>,
    kev: bool,
    kev_added: Option<NaiveDate>,
    epss: Option<f64>,
    informational: Option<&'a str>,
    reason: &'a str,
    source: &'a str,
    published: Option<String>,
    references: &'a [String],
    statement: Option<&'a str>,
    /// Whether it counts for the exit code.
    fails: bool,
}

#[derive(Serialize)]
struct PackageRow<'a> {
    name: &'a str,
    version: &'a str,
    purl: Option<&'a str>,
    ecosystem: &'a str,
    installed_as: Vec<String>,
}

impl<'a> Row<'a> {
    pub(super) fn new(finding: &'a Finding, scanned: &'a ScanResult) -> Self {
        let cvss = finding.cvss.as_ref();
        Self {
            package: PackageRow {
                name: &finding.package.name,
                version: &finding.package.version,
                purl: finding.package.purl.as_deref(),
                ecosystem: finding.package.ecosystem.as_str(),
                installed_as: scanned.subjects.installed_as(&finding.package),
            },
            advisory: &finding.advisory,
            aliases: &finding.aliases,
            summary: &finding.summary,
            severity: finding.severity,
            cvss: cvss.map(Cvss::score),
            cvss_vector: cvss.map(Cvss::vector),
            state: finding.state,
            fixed_in: finding.fixed_in.as_deref(),
            kev: finding.kev.is_some(),
            kev_added: finding.kev.as_ref().and_then(|kev| kev.added),
            epss: finding.epss.map(omg_vuln::epss::EpssScore::probability),
            informational: finding.informational.as_deref(),
            reason: &finding.reason,
            source: &finding.source,
            published: finding.published.map(time),
            references: &finding.references,
            statement: finding.statement.as_deref(),
            fails: scanned.fail_on.includes(finding, scanned.strict),
        }
    }
}

#[derive(Serialize)]
struct IgnoredRow<'a> {
    #[serde(flatten)]
    finding: Row<'a>,
    ignored_by: &'a str,
    ignored_reason: &'a str,
    ignored_until: Option<String>,
}

#[derive(Serialize)]
struct Rules<'a> {
    expired: Vec<Rule<'a>>,
    unused: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    package: Option<&'a str>,
    reason: &'a str,
    expires: Option<String>,
}

impl<'a> Rule<'a> {
    fn new(rule: &'a IgnoreRule) -> Self {
        Self {
            id: &rule.id,
            package: rule.package.as_deref(),
            reason: &rule.reason,
            expires: rule.expires.map(time),
        }
    }
}

#[derive(Serialize)]
struct Statements<'a> {
    unused: Vec<Stated<'a>>,
}

#[derive(Serialize)]
struct Stated<'a> {
    document: &'a str,
    ids: &'a [String],
    products: &'a [String],
    status: VexStatus,
}

impl<'a> Stated<'a> {
    fn new(unused: &'a UnusedStatement) -> Self {
        Self {
            document: &unused.document,
            ids: &unused.statement.ids,
            products: &unused.statement.products,
            status: unused.statement.status,
        }
    }
}

#[derive(Serialize)]
struct Summary {
    affected: usize,
    under_review: usize,
    likely_stale: usize,
    ignored: usize,
    /// Of what is affected.
    by_severity: BTreeMap<&'static str, usize>,
    fixable: usize,
    known_exploited: usize,
    fail_on: &'static str,
    strict: bool,
    failing: usize,
}

impl Summary {
    fn new(scanned: &ScanResult) -> Self {
        let findings = &scanned.report.findings;
        let in_state = |state| findings.iter().filter(move |f| f.state == state);
        let affected = || in_state(State::Affected);
        let bands = [
            Severity::Unknown,
            Severity::None,
            Severity::Low,
            Severity::Medium,
            Severity::High,
            Severity::Critical,
        ];
        let count = |band| affected().filter(|f| f.severity == band).count();
        Self {
            affected: affected().count(),
            under_review: in_state(State::UnderReview).count(),
            likely_stale: in_state(State::LikelyStale).count(),
            ignored: scanned.report.ignored.len(),
            by_severity: bands
                .into_iter()
                .map(|band| (band.as_str(), count(band)))
                .collect(),
            fixable: affected().filter(|f| f.fixed_in.is_some()).count(),
            known_exploited: findings.iter().filter(|f| f.kev.is_some()).count(),
            fail_on: fail_on(scanned),
            strict: scanned.strict,
            failing: scanned
                .report
                .failing(scanned.fail_on, scanned.strict)
                .count(),
        }
    }
}

fn fail_on(scanned: &ScanResult) -> &'static str {
    match scanned.fail_on {
        omg_vuln::FailOn::Kev => "kev",
        omg_vuln::FailOn::Severity(severity) => severity.as_str(),
        omg_vuln::FailOn::Never => "none",
        _ => "default",
    }
}

pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
