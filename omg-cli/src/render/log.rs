//! Entries of the audit log, one a line.

use std::path::Path;

use chrono::SecondsFormat;
use omg_auditlog::{Entry, Outcome, Severity, Value};
use serde_json::json;

use super::words::clean;
use super::wrap::wrapped;
use crate::render::json_text::pretty;
use crate::session::format::Format;
use crate::session::style::Style;

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
    pretty(&json!({
        "schema": "omg.log/1",
        "log": path.to_string_lossy(),
        "entries": entries.iter().filter_map(parse).collect::<Vec<_>>(),
    }))
}

/// `    17  2026-11-24 12:00:00Z  warning   SecurityAudit  by alice  scan …`, as wide as the
/// terminal: what does not fit goes on below, and nothing is cut.
pub fn log_line(entry: &Entry, style: Style) -> String {
    let time = entry.at().to_rfc3339_opts(SecondsFormat::Secs, true);
    let time = time.replace('T', " ");
    let severity = format!("{:<8}", entry.severity().as_str());
    let seq = entry.seq();
    let mut line = format!("{seq:>6}  {time}  {severity}  {}", entry.kind());
    let actor = entry.actor();
    let number = || actor.uid.map(|uid| uid.to_string());
    if let Some(name) = actor.name.clone().or_else(number) {
        line.push_str(&format!("  by {}", clean(&name)));
    }
    match entry.event().outcome {
        Outcome::Success => {}
        other => line.push_str(&format!("  [{}]", other.as_str())),
    }
    for (name, value) in &entry.event().subject {
        let value = match value {
            Value::Text(text) => clean(text),
            other => clean(&other.to_json()),
        };
        line.push_str(&format!("  {name}={value}"));
    }
    let line = wrapped(&line, style.width, 8);
    let colour = match entry.severity() {
        Severity::Error | Severity::Critical if style.colour => "31",
        Severity::Warning if style.colour => "33",
        _ => return line,
    };
    // The first word of this name is the level, which stands before anything that others wrote.
    let (before, after) = line.split_once(severity.trim_end()).unwrap_or((&line, ""));
    format!(
        "{before}\u{1b}[{colour}m{}\u{1b}[0m{after}",
        severity.trim_end()
    )
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use omg_auditlog::{Actor, Chain, Event, EventKind, Hash, Machine};

    use super::*;

    #[test]
    fn entries_fit_a_terminal_and_nothing_is_cut() {
        let (actor, machine) = (Actor::uid(0).with_name("root"), Machine::new("h", "b"));
        let at = DateTime::from_timestamp(1_795_500_000, 0).unwrap_or_default();
        let origin = "omg/test".parse().unwrap();
        let (mut chain, _) = Chain::open(&origin, &machine, &actor, at).unwrap();
        let hash = Hash::EMPTY_TREE.to_string();
        let event = Event::new(EventKind::VulnerabilityDetected)
            .with_severity(Severity::Critical)
            .with("advisory", "AVG-2851")
            .with("package", "a-package-with-quite-a-long-name-indeed")
            .with("sha256", hash.as_str())
            .with("text", "many words ".repeat(20));
        let entry = chain.append(event, &actor, &machine, at).unwrap();
        let style = |colour, width| Style {
            width,
            colour,
            verbose: false,
            links: false,
        };
        let shown = log_line(&entry, style(false, 80));
        assert!(
            shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        assert!(shown.contains(&format!("sha256={hash}\n")), "{shown}");
        assert!(
            shown.lines().count() > 3 && shown.lines().skip(1).all(|l| l.starts_with("        "))
        );
        assert_eq!(
            log_line(&entry, style(false, usize::MAX)).lines().count(),
            1
        );
        let coloured = log_line(&entry, style(true, 80));
        assert!(
            coloured.contains("\u{1b}[31mcritical\u{1b}[0m  Vuln"),
            "{coloured}"
        );
    }
}
