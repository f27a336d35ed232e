//! The result of `omg audit secrets` in every form.

mod document;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use omg_secrets::Severity;
use serde_json::{Value, json};

use self::words::unit;
use super::json_text::pretty;
use super::words::{clean, plural, thousands};
use crate::checks::secrets::result::{LocatedSecret, SearchResult};
use crate::session::format::Format;
use crate::session::style::Style;

pub fn secrets(searched: &SearchResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document::whole(searched)),
        Format::Jsonl => document::lines(searched),
        Format::Sarif => pretty(&sarif(searched)),
        Format::Github => super::github::secrets(searched),
        _ => table(searched, style),
    }
}

fn sarif(searched: &SearchResult) -> Value {
    let rules: BTreeMap<&str, Value> = searched
        .found
        .iter()
        .map(|found| {
            let rule = &found.finding.rule;
            let score = match rule.severity() {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::None => "0.0",
                _ => "3.0",
            };
            let mut value = json!({
                "id": rule.id(),
                "shortDescription": { "text": rule.title() },
                "help": { "text": rule.advice() },
                "properties": { "tags": ["security", "secret"], "security-severity": score },
            });
            if !rule.documentation().is_empty() {
                value["helpUri"] = json!(rule.documentation());
            }
            (rule.id(), value)
        })
        .collect();
    let notifications: Vec<Value> = searched
        .problems
        .iter()
        .map(|p| {
            let level = if p.counts { "error" } else { "note" };
            json!({ "level": level, "message": { "text": format!("{}: {}: {}", p.path, p.kind.as_str(), p.detail) } })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "omg",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": searched.complete(),
                "exitCode": searched.exit().code(),
                "toolExecutionNotifications": notifications,
            }],
            "results": searched.found.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(found: &LocatedSecret) -> Value {
    let finding = &found.finding;
    let level = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        _ => "note",
    };
    let mut value = json!({
        "ruleId": finding.rule.id(),
        "level": level,
        "message": { "text": format!("{}: {}; {}.", finding.rule.title(), finding.redacted(), finding.rule.advice()) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&found.path) },
            "region": {
                "startLine": finding.line, "startColumn": finding.column,
                "byteOffset": finding.span.start, "byteLength": finding.span.len(),
            },
        }}],
        "partialFingerprints": { "omg/v1": finding.fingerprint.to_string() },
        "properties": { "severity": finding.severity.as_str(), "confidence": finding.confidence.as_str() },
    });
    if let Some(commit) = &found.commit {
        value["properties"]["commit"] = json!(commit.id);
        value["properties"]["author"] = json!(commit.author);
    }
    if let Some(reason) = &found.aside {
        let kind = if finding.allowed.is_some() {
            "inSource"
        } else {
            "external"
        };
        value["suppressions"] = json!([{ "kind": kind, "justification": reason }]);
    }
    value
}

/// A relative reference (RFC 3986, section 4.2): what is no unreserved character or slash is
/// percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn table(searched: &SearchResult, style: Style) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let mebibytes = searched.bytes >> 20;
    let binary = match searched.binary {
        0 => String::new(),
        count => format!(
            ", {} binary left out",
            thousands(usize::try_from(count).unwrap_or(usize::MAX))
        ),
    };
    let files = usize::try_from(searched.files).unwrap_or(usize::MAX);
    line(&format!(
        "omg audit secrets: {}, {mebibytes} MiB, {} rules{binary}",
        plural(files, unit(searched.what)),
        searched.rules
    ));
    let shown: Vec<&LocatedSecret> = searched.listed().collect();
    for found in &shown {
        line("");
        finding_lines(found, searched, style, &mut line);
    }
    for (title, counts) in [("not searched", true), ("left out", false)] {
        let troubles: Vec<_> = searched
            .problems
            .iter()
            .filter(|p| p.counts == counts)
            .collect();
        if !troubles.is_empty() {
            line("");
            line(&format!("{title}: {}", plural(troubles.len(), "path")));
            for problem in troubles.iter().take(10) {
                line(&format!(
                    "  {}: {}: {}",
                    clean(&problem.path),
                    problem.kind.as_str(),
                    clean(&problem.detail)
                ));
            }
            if troubles.len() > 10 {
                line(&format!(
                    "  and {} more; -f json has all",
                    troubles.len() - 10
                ));
            }
        }
    }
    line("");
    let names = searched.unlisted();
    if names > 0 {
        line(&format!(
            "not listed: {} (no secret by itself); --identifiers lists them",
            plural(names, "identifier")
        ));
    }
    let aside = searched.found.len() - shown.len() - names;
    let aside = if aside > 0 {
        format!(", {aside} set aside")
    } else {
        String::new()
    };
    let incomplete = if searched.complete() {
        ""
    } else {
        "; something was not searched"
    };
    line(&format!(
        "{}{aside}{incomplete}",
        plural(shown.len(), "finding")
    ));
    out
}

fn finding_lines(
    found: &LocatedSecret,
    searched: &SearchResult,
    style: Style,
    line: &mut impl FnMut(&str),
) {
    let finding = &found.finding;
    let severity = finding.severity.as_str();
    let painted = match finding.severity {
        _ if !style.colour => severity.to_owned(),
        Severity::Critical | Severity::High => format!("\x1b[31;1m{severity}\x1b[0m"),
        Severity::Medium => format!("\x1b[33m{severity}\x1b[0m"),
        _ => severity.to_owned(),
    };
    line(&format!("{painted}  {}", finding.rule.title()));
    line(&format!(
        "  {}:{}:{}",
        clean(&found.path),
        finding.line,
        finding.column
    ));
    let secret = if searched.reveal {
        clean(&String::from_utf8_lossy(finding.secret().expose()))
    } else {
        finding.redacted()
    };
    let checksum = match finding.checksum_valid {
        Some(true) => ", its checksum or structure holds",
        Some(false) => ", its checksum or structure does not hold",
        None => "",
    };
    line(&format!(
        "  {secret}  ({} confidence{checksum})",
        finding.confidence
    ));
    if let Some(commit) = &found.commit {
        let day = commit.time.format("%Y-%m-%d");
        line(&format!(
            "  in {} by {}, {day}",
            clean(&commit.id),
            clean(&commit.author)
        ));
    }
    line(&format!("  {}", finding.rule.advice()));
    line(&format!(
        "  {}  [{}]",
        finding.rule.documentation(),
        finding.rule.id()
    ));
}
