//! What an advisory is and what it affects here: for people, and as `omg.explain/1`
//! (`schemas/omg.explain.1.json`).

use omg_vuln::{Affected, Criteria, Cvss, Event, Finding};
use serde_json::{Value, json};

use super::json::{Row, SourceRow, time};
use super::words::{age, clean, plural, source_status};
use super::wrap::wrapped;
use crate::checks::explain::{Explanation, SourceAdvisory};
use crate::render::json_text::pretty;
use crate::session::exit::Exit;
use crate::session::format::Format;
use crate::session::style::Style;

/// At most this many lines of a list; the JSON form has all.
const SHOWN: usize = 10;

pub fn explain(explained: &Explanation, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document(explained)),
        _ => table(explained, style),
    }
}

fn document(explained: &Explanation) -> Value {
    let scanned = explained.here.as_ref().ok();
    let findings = explained.findings();
    let rows = scanned.map(|scanned| findings.iter().map(|f| json!(Row::new(f, scanned))));
    let sources = scanned.map(|scanned| {
        scanned
            .report
            .sources
            .iter()
            .map(|s| json!(SourceRow::new(s)))
    });
    let versions = explained.versions.iter();
    let installed = versions.map(|version| json!({ "name": explained.what, "version": version }));
    let mut problems = explained.problems.clone();
    problems.extend(explained.here.as_ref().err().cloned());
    json!({
        "schema": "omg.explain/1",
        "status": if explained.exit() == Exit::Ok { "complete" } else { "incomplete" },
        "what": explained.what,
        "kind": if explained.is_package() { "package" } else { "advisory" },
        "advisories": explained.advisories.iter().map(told).collect::<Vec<_>>(),
        "installed": installed.collect::<Vec<_>>(),
        "findings": rows.map(Iterator::collect::<Vec<_>>).unwrap_or_default(),
        "sources": sources.map(Iterator::collect::<Vec<_>>).unwrap_or_default(),
        "problems": problems,
    })
}

fn told(told: &SourceAdvisory) -> Value {
    let advisory = &told.record.advisory;
    let affected = told.record.affected.iter().map(|affected| {
        json!({
            "name": affected.name,
            "ecosystem": affected.ecosystem.as_str(),
            "fixed_in": fixes(affected),
        })
    });
    json!({
        "id": advisory.id,
        "source": told.source,
        "aliases": advisory.aliases,
        "upstream": advisory.upstream,
        "summary": advisory.summary,
        "severity": advisory.severity,
        "cvss": advisory.cvss.as_ref().map(Cvss::score),
        "kev": told.kev.is_some(),
        "epss": told.epss.map(omg_vuln::epss::EpssScore::probability),
        "published": advisory.published.map(time),
        "withdrawn": advisory.withdrawn.map(time),
        "affected": affected.collect::<Vec<_>>(),
        "references": advisory.references,
    })
}

/// The versions with a fix, each once.
fn fixes(affected: &Affected) -> Vec<&str> {
    let mut fixes: Vec<&str> = match &affected.criteria {
        Criteria::Tracker(tracker) => tracker.fixed.iter().map(String::as_str).collect(),
        Criteria::Osv(versions) => {
            let events = versions.ranges.iter().flat_map(|range| &range.events);
            let fixed = events.filter_map(|event| match event {
                Event::Fixed(version) => Some(version.as_str()),
                _ => None,
            });
            fixed.collect()
        }
        _ => Vec::new(),
    };
    fixes.sort_unstable();
    fixes.dedup();
    fixes
}

fn table(explained: &Explanation, style: Style) -> String {
    let mut out = String::new();
    for told in &explained.advisories {
        advisory(&mut out, told, style);
    }
    if explained.is_package() {
        for version in &explained.versions {
            out.push_str(&format!("{} {}\n", clean(&explained.what), clean(version)));
        }
    }
    here(&mut out, explained, style);
    for problem in &explained.problems {
        out.push_str(&wrapped(
            &format!("cannot be read: {}", clean(problem)),
            style.width,
            2,
        ));
    }
    out.push_str(&format!("[exit {}]\n", explained.exit().code()));
    out
}

fn advisory(out: &mut String, told: &SourceAdvisory, style: Style) {
    let advisory = &told.record.advisory;
    let mut line = |text: String, indent| out.push_str(&wrapped(&text, style.width, indent));
    line(
        format!("{}: {}", clean(&advisory.id), clean(&advisory.summary)),
        2,
    );
    let mut facts = vec![advisory.severity.to_string()];
    facts.extend(
        advisory
            .cvss
            .as_ref()
            .map(|cvss| format!("CVSS {:.1}", cvss.score())),
    );
    facts.extend(told.kev.as_ref().map(|kev| match kev.added {
        Some(day) => format!("known to be exploited since {day}"),
        None => "known to be exploited".to_owned(),
    }));
    let percent = |score: omg_vuln::epss::EpssScore| 100.0 * score.probability();
    facts.extend(
        told.epss
            .map(|score| format!("EPSS {:.1} %", percent(score))),
    );
    facts.extend(
        advisory
            .published
            .map(|at| format!("published {}", at.format("%Y-%m-%d"))),
    );
    facts.extend(
        advisory
            .withdrawn
            .map(|at| format!("WITHDRAWN {}", at.format("%Y-%m-%d"))),
    );
    line(format!("  {}", facts.join(", ")), 4);
    let names: Vec<String> = advisory
        .aliases
        .iter()
        .chain(&advisory.upstream)
        .map(|id| clean(id))
        .collect();
    if !names.is_empty() {
        line(format!("  also: {}", names.join(", ")), 4);
    }
    line(format!("  from: {}", clean(&told.source)), 4);
    let affected = told.record.affected.iter().map(|affected| {
        let fixed = match fixes(affected) {
            fixes if fixes.is_empty() => "no fix recorded".to_owned(),
            fixes => format!(
                "fixed in {}",
                fixes
                    .iter()
                    .map(|v| clean(v))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        format!(
            "{} ({}): {fixed}",
            clean(&affected.name),
            clean(affected.ecosystem.as_str())
        )
    });
    list(out, "packages it speaks of", affected.collect(), style);
    let references = advisory.references.iter().map(|link| clean(link));
    list(out, "read more", references.collect(), style);
}

/// What is installed here.
fn here(out: &mut String, explained: &Explanation, style: Style) {
    let scanned = match &explained.here {
        Ok(scanned) => scanned,
        Err(reason) => {
            let text = format!("\nnot checked here: {}", clean(reason));
            out.push_str(&wrapped(&text, style.width, 2));
            return;
        }
    };
    let findings = explained.findings();
    let mut rows = Vec::new();
    for finding in &findings {
        rows.push(found(finding, explained.is_package()));
        rows.push(format!("  {}", clean(&finding.reason)));
        let more: Vec<String> = finding.aliases.iter().map(|id| clean(id)).collect();
        if explained.is_package() && !more.is_empty() {
            rows.push(format!("  also: {}", more.join(", ")));
        }
    }
    let title = match explained.is_package() {
        true => "known vulnerabilities",
        false => "here",
    };
    list(
        out,
        title,
        rows,
        Style {
            verbose: true,
            links: false,
            ..style
        },
    );
    if findings.is_empty() {
        out.push_str("\nnothing that is installed here is known to be affected\n");
    }
    let sources = scanned.report.sources.iter().map(|source| {
        let age = source
            .as_of
            .map(|time| format!(", {}", age(time, scanned.at)));
        let mut text = format!("{}{}", clean(&source.name), age.unwrap_or_default());
        if source.status != omg_vuln::SourceStatus::Complete {
            text.push_str(&format!(
                " [{}] {}",
                source_status(source.status),
                clean(&source.detail)
            ));
        }
        text
    });
    list(out, "asked", sources.collect(), style);
}

fn found(finding: &Finding, package: bool) -> String {
    let subject = match package {
        true => format!("{} ({})", clean(&finding.advisory), finding.severity),
        false => clean(&finding.package.to_string()),
    };
    let exploited = finding
        .kev
        .as_ref()
        .map_or("", |_| ", known to be exploited");
    match &finding.fixed_in {
        Some(version) => format!(
            "{subject}: {}, fixed in {}{exploited}",
            finding.state,
            clean(version)
        ),
        None => format!("{subject}: {}, no fix yet{exploited}", finding.state),
    }
}

fn list(out: &mut String, title: &str, rows: Vec<String>, style: Style) {
    if rows.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}:\n"));
    let shown = if style.verbose { rows.len() } else { SHOWN };
    for row in rows.iter().take(shown) {
        out.push_str(&wrapped(&format!("  {row}"), style.width, 4));
    }
    if rows.len() > shown {
        let more = plural(rows.len() - shown, "more line");
        out.push_str(&format!("  and {more}; -v or -f json has all\n"));
    }
}
