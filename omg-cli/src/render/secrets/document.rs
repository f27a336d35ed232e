//! The document of `omg audit secrets -f json`, whose schema is `schemas/omg.secrets.1.json`, and
//! the lines of `-f jsonl`.

use std::borrow::Cow;

use omg_secrets::Severity;
use serde::Serialize;

use super::words::unit;
use crate::checks::secrets::result::{LocatedSecret, SearchResult};
use crate::render::json;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    status: &'static str,
    scanned: ScanResult<'a>,
    rules: usize,
    findings: Vec<Finding<'a>>,
    set_aside: Vec<Finding<'a>>,
    problems: Vec<Problem<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct ScanResult<'a> {
    what: &'a str,
    count: u64,
    bytes: u64,
    binary: u64,
}

#[derive(Serialize)]
struct Summary {
    findings: usize,
    set_aside: usize,
    by_severity: BySeverity,
}

#[derive(Serialize)]
struct BySeverity {
    none: usize,
    low: usize,
    medium: usize,
    high: usize,
    critical: usize,
}

/// The first line of `-f jsonl`: whether all was searched.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    status: &'static str,
    problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    path: &'a str,
    kind: &'static str,
    detail: &'a str,
    incomplete: bool,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    title: &'a str,
    group: &'static str,
    severity: &'static str,
    confidence: &'static str,
    path: &'a str,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
    fingerprint: String,
    redacted: String,
    advice: Cow<'a, str>,
    documentation: &'a str,
    fails: bool,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    commit: Option<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_valid: Option<bool>,
    /// Why it is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Commit<'a> {
    commit: &'a str,
    author: &'a str,
    time: String,
}

/// All that was searched and found.
pub fn whole(searched: &SearchResult) -> impl Serialize {
    let of = |aside: bool| -> Vec<Finding<'_>> {
        let found = searched.found.iter();
        found
            .filter(|found| found.aside.is_some() == aside)
            .map(|found| finding(found, searched))
            .collect()
    };
    let (findings, set_aside) = (of(false), of(true));
    let count = |severity: Severity| {
        let severity = severity.as_str();
        findings.iter().filter(|f| f.severity == severity).count()
    };
    Document {
        schema: "omg.secrets/1",
        status: status(searched),
        scanned: ScanResult {
            what: unit(searched.what),
            count: searched.files,
            bytes: searched.bytes,
            binary: searched.binary,
        },
        rules: searched.rules,
        problems: problems(searched),
        summary: Summary {
            findings: findings.len(),
            set_aside: set_aside.len(),
            by_severity: BySeverity {
                none: count(Severity::None),
                low: count(Severity::Low),
                medium: count(Severity::Medium),
                high: count(Severity::High),
                critical: count(Severity::Critical),
            },
        },
        findings,
        set_aside,
    }
}

/// One finding a line, after a line that says whether all was searched.
pub fn lines(searched: &SearchResult) -> String {
    let head = Head {
        schema: "omg.secrets/1",
        status: status(searched),
        problems: problems(searched),
    };
    let counted = searched.found.iter().filter(|found| found.aside.is_none());
    std::iter::once(line(&head))
        .chain(counted.map(|found| line(&finding(found, searched))))
        .collect()
}

fn line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

fn problems(searched: &SearchResult) -> Vec<Problem<'_>> {
    let problems = searched.problems.iter();
    problems
        .map(|p| Problem {
            path: &p.path,
            kind: p.kind.as_str(),
            detail: &p.detail,
            incomplete: p.counts,
        })
        .collect()
}

fn finding<'a>(found: &'a LocatedSecret, searched: &SearchResult) -> Finding<'a> {
    let finding = &found.finding;
    let rule = &finding.rule;
    Finding {
        rule: rule.id(),
        title: rule.title(),
        group: rule.group().as_str(),
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        path: &found.path,
        line: finding.line,
        column: finding.column,
        start: finding.span.start,
        end: finding.span.end,
        fingerprint: finding.fingerprint.to_string(),
        redacted: finding.redacted().to_string(),
        advice: rule.advice(),
        documentation: rule.documentation(),
        fails: searched.fails(found),
        commit: found.commit.as_ref().map(|commit| Commit {
            commit: &commit.id,
            author: &commit.author,
            time: json::time(commit.time),
        }),
        checksum_valid: finding.checksum_valid,
        reason: found.aside.as_deref(),
        secret: searched
            .reveal
            .then(|| String::from_utf8_lossy(finding.secret().expose())),
    }
}

fn status(searched: &SearchResult) -> &'static str {
    if searched.complete() {
        "complete"
    } else {
        "incomplete"
    }
}
