//! `omg.scan/1`, as one document or as one finding a line. The schema is
//! `schemas/omg.scan.1.json`.

use chrono::{DateTime, SecondsFormat, Utc};
use omg_vuln::{FailOn, Finding, IgnoreRule, Severity, Source, State, Status};
use serde_json::{Value, json};

use super::table::word;
use crate::commands::scan::Scanned;

pub fn document(scanned: &Scanned) -> String {
    super::pretty(&value(scanned))
}

/// One finding a line; what is incomplete is a line of its own, so that a reader of lines
/// cannot take it for clean.
pub fn lines(scanned: &Scanned) -> String {
    let head = json!({
        "schema": "omg.scan/1",
        "status": scanned.status(),
        "packages": scanned.subjects.installed,
        "sources": sources(scanned),
    });
    let findings = scanned.report.findings.iter().map(|f| finding(f, scanned));
    std::iter::once(head)
        .chain(findings)
        .map(|value| format!("{value}\n"))
        .collect()
}

fn value(scanned: &Scanned) -> Value {
    let report = &scanned.report;
    let unchecked = report.unchecked.iter().map(|package| {
        json!({
            "name": package.name, "version": package.version,
            "ecosystem": package.ecosystem, "reason": "no source speaks of its ecosystem",
        })
    });
    let unknown = scanned.subjects.unknown.iter().map(|(package, reason)| {
        let (name, version) = package.rsplit_once(' ').unwrap_or((package, ""));
        json!({ "name": name, "version": version, "ecosystem": null, "reason": reason })
    });
    let problems = scanned.subjects.problems.iter().map(|problem| {
        json!({ "subject": problem.subject, "kind": problem.kind.to_string(), "detail": problem.detail })
    });
    let ignored = report.ignored.iter().map(|ignored| {
        let mut value = finding(&ignored.finding, scanned);
        value["ignored_by"] = json!(ignored.by);
        value["ignored_reason"] = json!(ignored.reason);
        value["ignored_until"] = json!(ignored.until.map(time));
        value
    });
    json!({
        "schema": "omg.scan/1",
        "status": scanned.status(),
        "at": time(scanned.at),
        "sources": sources(scanned),
        "packages": scanned.subjects.installed,
        "unchecked": unchecked.chain(unknown).collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
        "findings": report.findings.iter().map(|f| finding(f, scanned)).collect::<Vec<_>>(),
        "ignored": ignored.collect::<Vec<_>>(),
        "ignore_rules": {
            "expired": rules(&scanned.outcome.expired),
            "unused": rules(&scanned.outcome.unused),
        },
        "summary": summary(scanned),
    })
}

fn sources(scanned: &Scanned) -> Vec<Value> {
    let source = |source: &Source| {
        json!({
            "name": source.name,
            "kind": source.kind,
            "status": word(source.status),
            "records": source.records,
            "as_of": source.as_of.map(time),
            "detail": source.detail,
        })
    };
    scanned.report.sources.iter().map(source).collect()
}

pub(super) fn finding(finding: &Finding, scanned: &Scanned) -> Value {
    let installed = scanned.subjects.asked.get(&finding.package);
    let cvss = finding.cvss.as_ref();
    json!({
        "package": {
            "name": finding.package.name,
            "version": finding.package.version,
            "purl": finding.package.purl,
            "ecosystem": finding.package.ecosystem,
            "installed_as": installed,
        },
        "advisory": finding.advisory,
        "aliases": finding.aliases,
        "summary": finding.summary,
        "severity": finding.severity,
        "cvss": cvss.map(omg_vuln::Cvss::score),
        "cvss_vector": cvss.map(omg_vuln::Cvss::vector),
        "state": finding.state,
        "fixed_in": finding.fixed_in,
        "kev": finding.kev.is_some(),
        "kev_added": finding.kev.as_ref().and_then(|kev| kev.added),
        "epss": finding.epss.map(omg_vuln::epss::EpssScore::probability),
        "informational": finding.informational,
        "reason": finding.reason,
        "source": finding.source,
        "published": finding.published.map(time),
        "references": finding.references,
        "statement": finding.statement,
        "fails": scanned.fail_on.includes(finding, scanned.strict),
    })
}

fn rules(rules: &[IgnoreRule]) -> Vec<Value> {
    let rule = |rule: &IgnoreRule| {
        json!({
            "id": rule.id, "package": rule.package, "reason": rule.reason,
            "expires": rule.expires.map(time),
        })
    };
    rules.iter().map(rule).collect()
}

fn summary(scanned: &Scanned) -> Value {
    let findings = &scanned.report.findings;
    let in_state = |state| findings.iter().filter(move |f| f.state == state);
    let band = |band| {
        in_state(State::Affected)
            .filter(|f| f.severity == band)
            .count()
    };
    json!({
        "affected": in_state(State::Affected).count(),
        "under_review": in_state(State::UnderReview).count(),
        "likely_stale": in_state(State::LikelyStale).count(),
        "ignored": scanned.report.ignored.len(),
        "by_severity": {
            "unknown": band(Severity::Unknown),
            "none": band(Severity::None),
            "low": band(Severity::Low),
            "medium": band(Severity::Medium),
            "high": band(Severity::High),
            "critical": band(Severity::Critical),
        },
        "fixable": in_state(State::Affected).filter(|f| f.fixed_in.is_some()).count(),
        "known_exploited": findings.iter().filter(|f| f.kev.is_some()).count(),
        "fail_on": fail_on(scanned.fail_on),
        "strict": scanned.strict,
        "failing": scanned.report.failing(scanned.fail_on, scanned.strict).count(),
        "complete": scanned.status() == Status::Complete,
    })
}

fn fail_on(threshold: FailOn) -> &'static str {
    match threshold {
        FailOn::Kev => "kev",
        FailOn::Severity(severity) => severity.as_str(),
        FailOn::Never => "none",
        _ => "default",
    }
}

pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
