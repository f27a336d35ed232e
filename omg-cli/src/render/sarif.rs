//! SARIF 2.1.0 (OASIS): one rule per advisory, one result per finding.

use std::collections::BTreeMap;

use omg_vuln::{Finding, Ignored, Severity, State, Status};
use serde_json::{Value, json};

use super::json::time;
use crate::checks::vulnerabilities::result::ScanResult;
use crate::render::json_text::pretty;

pub fn document(scanned: &ScanResult) -> String {
    let report = &scanned.report;
    let all = report
        .findings
        .iter()
        .chain(report.ignored.iter().map(|i| &i.finding));
    let rules: BTreeMap<&str, Value> = all.map(|f| (f.advisory.as_str(), rule(f))).collect();
    let results = report.findings.iter().map(|f| result(f, None));
    let ignored = report.ignored.iter().map(|i| result(&i.finding, Some(i)));
    let notifications =
        report
            .sources
            .iter()
            .filter(|source| !source.detail.is_empty())
            .map(|source| notification(&format!("{}: {}", source.name, source.detail)))
            .chain(
                scanned.subjects.problems.iter().map(|problem| {
                    notification(&format!("{}: {}", problem.subject, problem.detail))
                }),
            );
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "omg",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().collect::<Vec<_>>(),
            }},
            "invocations": [{
                // "An invocation is unsuccessful if its results are not whole."
                "executionSuccessful": scanned.status() == Status::Complete,
                "exitCode": scanned.exit().code(),
                "endTimeUtc": time(scanned.at),
                "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
            }],
            "results": results.chain(ignored).collect::<Vec<_>>(),
        }],
    });
    pretty(&value)
}

fn rule(finding: &Finding) -> Value {
    let mut rule = json!({
        "id": finding.advisory,
        "shortDescription": { "text": summary(finding) },
        "properties": { "tags": ["security", "vulnerability"] },
    });
    if let Some(link) = finding.references.first() {
        rule["helpUri"] = json!(link);
    }
    // GitHub's code scanning sorts by this property.
    if let Some(cvss) = &finding.cvss {
        rule["properties"]["security-severity"] = json!(format!("{:.1}", cvss.score()));
    }
    rule
}

fn result(finding: &Finding, ignored: Option<&Ignored>) -> Value {
    let level = match (finding.state, finding.severity) {
        (State::LikelyStale, _) => "note",
        (_, Severity::Critical | Severity::High) => "error",
        (_, Severity::Medium | Severity::Unknown) => "warning",
        _ => "note",
    };
    let name = format!("{} {}", finding.package.name, finding.package.version);
    let fix = match &finding.fixed_in {
        Some(version) => format!("update to {version}"),
        None => "no fix is known".to_owned(),
    };
    let mut result = json!({
        "ruleId": finding.advisory,
        "level": level,
        "message": { "text": format!(
            "{name}: {} ({}). {}; {fix}.", finding.advisory, finding.severity, finding.reason
        )},
        "locations": [{ "logicalLocations": [{
            "name": finding.package.name,
            "fullyQualifiedName": finding.package.purl.as_deref().unwrap_or(&name),
            "kind": "package",
        }]}],
        "partialFingerprints": {
            "omg/v1": format!("{}@{}", finding.advisory, finding.package.name),
        },
        "properties": {
            "state": finding.state, "severity": finding.severity, "aliases": finding.aliases,
            "fixed_in": finding.fixed_in, "kev": finding.kev.is_some(),
        },
    });
    if let Some(ignored) = ignored {
        result["suppressions"] = json!([{ "kind": "external", "justification": ignored.reason }]);
    }
    result
}

fn summary(finding: &Finding) -> &str {
    if finding.summary.is_empty() {
        &finding.advisory
    } else {
        &finding.summary
    }
}

fn notification(text: &str) -> Value {
    json!({ "level": "error", "message": { "text": text } })
}
