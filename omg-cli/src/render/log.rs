//! Entries of the audit log, one a line.

use std::path::Path;

use chrono::SecondsFormat;
use omg_auditlog::{Entry, Outcome, Severity, Value};
use serde_json::json;

use super::Style;
use super::words::clean;
use crate::output::Format;

pub fn log(path: &Path, entries: &[Entry], format: Format, style: Style) -> String {
    match format {
        Format::Json => document(path, entries),
        // Byte for byte as in the log, so that hashes can be computed from them.
        Format::Jsonl => entries.iter().map(|entry| format!("{entry}\n")).collect(),
        _ if entries.is_empty() => "no entries\n".to_owned(),
        _ => entries.iter().map(|entry| log_line(entry, style)).collect(),
    }
}

fn document(path: &Path, entries: &[Entry]) -> String {
    let parse = |entry: &Entry| serde_json::from_str::<serde_json::Value>(entry.line()).ok();
    super::pretty(&json!({
        "schema": "omg.log/1",
        "log": path.to_string_lossy(),
        "entries": entries.iter().filter_map(parse).collect::<Vec<_>>(),
    }))
}

/// `2026-11-24 12:00:00Z  warning   SecurityAudit  alice  scan …`
pub fn log_line(entry: &Entry, style: Style) -> String {
    let time = entry.at().to_rfc3339_opts(SecondsFormat::Secs, true);
    let time = time.replace('T', " ");
    let severity = format!("{:<8}", entry.severity().as_str());
    let severity = match entry.severity() {
        Severity::Error | Severity::Critical if style.colour => {
            format!("\u{1b}[31m{severity}\u{1b}[0m")
        }
        Severity::Warning if style.colour => format!("\u{1b}[33m{severity}\u{1b}[0m"),
        _ => severity,
    };
    let seq = entry.seq();
    let mut out = format!("{seq:>6}  {time}  {severity}  {}", entry.kind());
    let actor = entry.actor();
    let number = || actor.uid.map(|uid| uid.to_string());
    if let Some(name) = actor.name.clone().or_else(number) {
        out.push_str(&format!("  by {}", clean(&name)));
    }
    match entry.event().outcome {
        Outcome::Success => {}
        other => out.push_str(&format!("  [{}]", other.as_str())),
    }
    for (name, value) in &entry.event().subject {
        let value = match value {
            Value::Text(text) => clean(text),
            other => clean(&other.to_json()),
        };
        out.push_str(&format!("  {name}={value}"));
    }
    out.push('\n');
    out
}
