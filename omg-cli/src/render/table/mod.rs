//! The scan for people: one screen, at most as wide as the terminal, no identifier ever cut.

mod columns;
mod page;

use std::fmt::Write as _;

use omg_vuln::{Finding, Severity, SourceKind, SourceStatus, State, Status, UncheckedReason};

use self::columns::Columns;
use self::page::{Page, Paint};
use super::link::linked;
use super::words::{age, clean, plural, source_status};
use crate::checks::vulnerabilities::result::ScanResult;
use crate::session::style::Style;

pub fn scan(scanned: &ScanResult, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style,
    };
    headline(&mut page, scanned);
    sources(&mut page, scanned);
    findings(&mut page, scanned);
    set_aside(&mut page, scanned);
    unanswered(&mut page, scanned);
    verdict(&mut page, scanned);
    page.out
}

fn headline(page: &mut Page, scanned: &ScanResult) {
    let system = scanned.subjects.system.as_deref().map(clean);
    let installed = plural(scanned.subjects.installed(), "package");
    page.line(&match system {
        Some(system) => format!("omg audit: {installed} of {system}"),
        None => format!("omg audit: {installed}"),
    });
}

fn sources(page: &mut Page, scanned: &ScanResult) {
    for source in &scanned.report.sources {
        let what = match source.kind {
            SourceKind::ArchTracker => "group",
            SourceKind::Kev => "known exploit",
            SourceKind::Epss => "score",
            _ => "record",
        };
        let records = plural(usize::try_from(source.records).unwrap_or(usize::MAX), what);
        let as_of = source
            .as_of
            .map(|time| format!(", {}", age(time, scanned.at)));
        let mut line = format!(
            "  {}: {records}{}",
            clean(&source.name),
            as_of.unwrap_or_default()
        );
        if source.status != SourceStatus::Complete {
            let _ = write!(line, " [{}]", source_status(source.status));
        }
        page.wrapped(&line, 4);
        if !source.detail.is_empty() {
            page.wrapped(&format!("    {}", clean(&source.detail)), 4);
        }
    }
}

fn findings(page: &mut Page, scanned: &ScanResult) {
    let mut rows: Vec<&Finding> = scanned.report.findings.iter().collect();
    if rows.is_empty() {
        return;
    }
    // Worst first; what is likely stale last. The report's own order breaks ties.
    rows.sort_by(|a, b| {
        let stale = |f: &Finding| f.state == State::LikelyStale;
        stale(a)
            .cmp(&stale(b))
            .then(b.kev.is_some().cmp(&a.kev.is_some()))
            .then(b.severity.cmp_urgency(a.severity))
    });
    page.line("");
    let columns = Columns::fit(&rows, page.style.width);
    page.bold(&columns.row(["SEVERITY", "PACKAGE", "INSTALLED", "FIXED IN", "ADVISORY"])[0]);
    for finding in rows {
        row(page, &columns, finding);
    }
}

fn row(page: &mut Page, columns: &Columns, finding: &Finding) {
    let fixed = match (&finding.fixed_in, finding.state) {
        (Some(version), _) => clean(version),
        (None, State::LikelyStale) => "likely stale".to_owned(),
        (None, State::UnderReview) => "under review".to_owned(),
        (None, _) => "no fix yet".to_owned(),
    };
    let advisory = clean(&finding.advisory);
    let mut lines = columns.row([
        finding.severity.as_str(),
        &clean(&finding.package.name),
        &clean(&finding.package.version),
        &fixed,
        &advisory,
    ]);
    if page.style.links
        && let Some(last) = lines.last_mut()
        && let Some(linked) = linked(last, &advisory, &finding.references)
    {
        *last = linked;
    }
    let paint = match finding.severity {
        _ if finding.state == State::LikelyStale => Paint::Faint,
        Severity::Critical | Severity::High => Paint::Red,
        Severity::Medium | Severity::Unknown => Paint::Yellow,
        _ => Paint::None,
    };
    page.painted(&lines[0], paint, finding.severity.as_str().len());
    lines[1..].iter().for_each(|line| page.line(line));
    if page.style.verbose {
        page.wrapped(&format!("          {}", clean(&finding.reason)), 10);
        if !finding.aliases.is_empty() {
            page.wrapped(
                &format!("          {}", clean(&finding.aliases.join(", "))),
                10,
            );
        }
    }
    let mut notes = Vec::new();
    if finding.kev.is_some() {
        notes.push("known to be exploited".to_owned());
    }
    notes.extend(
        finding
            .informational
            .as_deref()
            .map(|kind| format!("notice: {}", clean(kind))),
    );
    notes.extend(finding.statement.as_deref().map(clean));
    if !notes.is_empty() {
        page.wrapped(&format!("          {}", notes.join("; ")), 10);
    }
}

/// What was set aside, and rules that did nothing.
fn set_aside(page: &mut Page, scanned: &ScanResult) {
    let ignored = &scanned.report.ignored;
    let rules = &scanned.rules;
    let is_empty = ignored.is_empty()
        && rules.expired.is_empty()
        && rules.unused.is_empty()
        && rules.unused_statements.is_empty();
    if !is_empty {
        page.line("");
    }
    for set in ignored {
        let finding = &set.finding;
        let mut line = format!(
            "  set aside: {} in {}: {} ({}",
            clean(&finding.advisory),
            clean(&finding.package.to_string()),
            clean(&set.reason),
            clean(&set.by)
        );
        if let Some(until) = set.until {
            let _ = write!(line, ", until {}", until.format("%Y-%m-%d"));
        }
        line.push(')');
        page.wrapped(&line, 4);
    }
    for rule in &rules.expired {
        let end = rule
            .expires
            .map(|end| end.format("%Y-%m-%d").to_string())
            .unwrap_or_default();
        page.wrapped(
            &format!(
                "  expired on {end}: the ignore rule for {}",
                clean(&rule.id)
            ),
            4,
        );
    }
    for rule in &rules.unused {
        page.wrapped(
            &format!("  matches nothing: the ignore rule for {}", clean(&rule.id)),
            4,
        );
    }
    for unused in &rules.unused_statements {
        let (ids, document) = (unused.statement.ids.join(", "), &unused.document);
        let line = format!(
            "  matches nothing: the statement on {} in {}",
            clean(&ids),
            clean(document)
        );
        page.wrapped(&line, 4);
    }
}

fn unanswered(page: &mut Page, scanned: &ScanResult) {
    let problems = scanned
        .subjects
        .problems
        .iter()
        .map(|p| format!("{}: {}", p.subject, p.detail));
    page.trouble("cannot be read", &problems.collect::<Vec<_>>());
    let unchecked = scanned
        .report
        .unchecked
        .iter()
        .map(|other| match other.reason {
            UncheckedReason::NoSource => format!("{} ({})", other.package, other.package.ecosystem),
            _ => format!("{}: {}", other.package, other.reason),
        });
    let unknown = scanned
        .subjects
        .unknown
        .iter()
        .map(|(p, reason)| format!("{p}: {reason}"));
    page.trouble("not checked", &unchecked.chain(unknown).collect::<Vec<_>>());
}

fn verdict(page: &mut Page, scanned: &ScanResult) {
    let report = &scanned.report;
    let count = |state| report.findings.iter().filter(|f| f.state == state).count();
    let affected = report
        .findings
        .iter()
        .filter(|f| f.state == State::Affected);
    let bands: Vec<String> = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::None,
        Severity::Unknown,
    ]
    .into_iter()
    .map(|band| {
        (
            band,
            affected.clone().filter(|f| f.severity == band).count(),
        )
    })
    .filter(|(_, count)| *count > 0)
    .map(|(band, count)| format!("{count} {band}"))
    .collect();
    let mut text = match count(State::Affected) {
        0 if scanned.status() == Status::Complete => "No known vulnerability".to_owned(),
        0 => "No known vulnerability in what could be checked".to_owned(),
        1 => format!("1 known vulnerability ({})", bands.join(", ")),
        n => format!("{n} known vulnerabilities ({})", bands.join(", ")),
    };
    for (state, words) in [
        (State::UnderReview, "under review"),
        (State::LikelyStale, "likely stale"),
    ] {
        if count(state) > 0 {
            let _ = write!(text, ", {} {words}", count(state));
        }
    }
    if scanned.status() == Status::Incomplete {
        text.push_str(". INCOMPLETE: not everything was checked");
    }
    let _ = write!(text, ". [exit {}]", scanned.exit().code());
    page.line("");
    page.wrapped(&text, 0);
    if let Some(next) = next_step(scanned) {
        page.wrapped(&format!("next: {next}"), 6);
    }
}

/// One command that helps most.
fn next_step(scanned: &ScanResult) -> Option<String> {
    let report = &scanned.report;
    let trouble = |status| report.sources.iter().any(|s| s.status == status);
    if trouble(SourceStatus::Missing) || trouble(SourceStatus::Stale) {
        return Some("omg audit db update".to_owned());
    }
    if trouble(SourceStatus::Unreachable) {
        return Some("check the network, then omg audit; or omg audit --offline".to_owned());
    }
    let fixable = |f: &&Finding| f.state == State::Affected && f.fixed_in.is_some();
    let first = report.findings.iter().find(fixable)?;
    let name = clean(&first.package.name);
    Some(match first.package.ecosystem.name() {
        "Arch Linux" => "pacman -Syu".to_owned(),
        "Debian" | "Ubuntu" => "apt update && apt upgrade".to_owned(),
        "Alpine" | "Wolfi" | "Chainguard" => "apk upgrade --available".to_owned(),
        "crates.io" => format!("cargo update -p {name}"),
        "npm" => format!("npm update {name}"),
        "PyPI" => format!("pip install --upgrade {name}"),
        other => format!("update {name} ({})", clean(other)),
    })
}
