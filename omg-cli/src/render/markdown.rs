//! The scan as Markdown, for a ticket or a comment.

use std::fmt::Write as _;

use omg_vuln::{SourceStatus, Status};

use super::words::{clean, plural, source_status};
use crate::checks::vulnerabilities::result::ScanResult;

pub fn scan(scanned: &ScanResult) -> String {
    let mut out = String::from("# omg audit\n\n");
    let report = &scanned.report;
    let status = match scanned.status() {
        Status::Complete => "complete",
        Status::Incomplete => "**incomplete: not everything was checked**",
    };
    let packages = plural(scanned.subjects.installed(), "package");
    let findings = plural(report.findings.len(), "finding");
    let _ = writeln!(out, "{packages}, {findings}, {status}.\n");
    for source in report
        .sources
        .iter()
        .filter(|s| s.status != SourceStatus::Complete)
    {
        let (name, detail) = (cell(&source.name), cell(&source.detail));
        let _ = writeln!(out, "- {name}: {} ({detail})", source_status(source.status));
    }
    if !report.findings.is_empty() {
        out.push_str("\n| severity | package | installed | fixed in | advisory | state |\n");
        out.push_str("|---|---|---|---|---|---|\n");
    }
    for finding in &report.findings {
        let advisory = match finding.references.iter().find(|link| is_web(link)) {
            Some(link) => format!("[{}](<{}>)", cell(&finding.advisory), clean(link)),
            None => cell(&finding.advisory),
        };
        let _ = writeln!(
            out,
            "| {}{} | {} | {} | {} | {advisory} | {} |",
            finding.severity,
            if finding.kev.is_some() {
                ", exploited"
            } else {
                ""
            },
            cell(&finding.package.name),
            cell(&finding.package.version),
            cell(finding.fixed_in.as_deref().unwrap_or("")),
            finding.state,
        );
    }
    if !report.ignored.is_empty() {
        out.push_str("\nSet aside:\n\n");
    }
    for ignored in &report.ignored {
        let finding = &ignored.finding;
        let (advisory, package) = (cell(&finding.advisory), cell(&finding.package.to_string()));
        let (reason, by) = (cell(&ignored.reason), cell(&ignored.by));
        let _ = writeln!(out, "- {advisory} in {package}: {reason} ({by})");
    }
    out
}

/// Text that somebody else wrote, without a meaning in Markdown or HTML.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Only such links become links: the text of an advisory is not to be trusted.
fn is_web(link: &str) -> bool {
    (link.starts_with("https://") || link.starts_with("http://"))
        && !link.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>'))
}
