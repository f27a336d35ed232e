//! The sections of the report.

use std::collections::BTreeMap;

use maud::{Markup, html};
use omg_auditlog::Status as LogStatus;
use omg_policy::{Grade, Verdict};
use omg_vuln::{Finding, SourceStatus, State};

use crate::checks::policy::result::PolicyResult;
use crate::checks::report::ReportResult;
use crate::checks::vulnerabilities::result::ScanResult;
use crate::render::words::{age, clean, plural, source_status};

pub fn findings(scanned: &ScanResult) -> Markup {
    let mut rows: Vec<&Finding> = scanned.report.findings.iter().collect();
    rows.sort_by(|a, b| {
        let stale = |f: &Finding| f.state == State::LikelyStale;
        let exploited = |f: &Finding| f.kev.is_some();
        let by_state = stale(a).cmp(&stale(b));
        let by_use = exploited(b).cmp(&exploited(a));
        by_state
            .then(by_use)
            .then(b.severity.cmp_urgency(a.severity))
    });
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Known vulnerabilities" }
            @if rows.is_empty() { p { "None." } } @else {
                table {
                    caption { (plural(rows.len(), "finding")) ", worst first. Likely stale: no fix is recorded, and what is installed is newer than what was examined." }
                    thead { tr {
                        th scope="col" { "Advisory" } th scope="col" { "Severity" } th scope="col" { "Package" }
                        th scope="col" { "State" } th scope="col" { "Fixed in" } th scope="col" { "What" }
                    } }
                    tbody { @for finding in rows { (row(finding)) } }
                }
            }
        }
    }
}

fn row(finding: &Finding) -> Markup {
    // Links of feeds: only to the web, and as the value of one attribute.
    let web = |link: &&String| link.starts_with("https://") || link.starts_with("http://");
    let link = finding.references.iter().find(web);
    html! {
        tr {
            th scope="row" {
                @match link {
                    Some(link) => a href=(clean(link)) rel="noreferrer noopener" { (clean(&finding.advisory)) },
                    None => (clean(&finding.advisory)),
                }
                @if !finding.aliases.is_empty() { br; span.soft { (clean(&finding.aliases.join(", "))) } }
            }
            td data-of="Severity" {
                (finding.severity.as_str())
                @if let Some(cvss) = &finding.cvss { " " (format!("{:.1}", cvss.score())) }
                @if finding.kev.is_some() { br; span.bad { "known to be exploited" } }
            }
            td data-of="Package" { (clean(&finding.package.name)) " " (clean(&finding.package.version)) }
            td data-of="State" { (finding.state.to_string()) }
            td data-of="Fixed in" { (finding.fixed_in.as_deref().map_or_else(|| "no fix yet".to_owned(), clean)) }
            td data-of="What" { (clean(&finding.summary)) br; span.soft { (clean(&finding.reason)) } }
        }
    }
}

pub fn policy(reported: &ReportResult) -> Markup {
    let Some((
        named,
        PolicyResult::Decisions {
            packages, problems, ..
        },
    )) = &reported.policy
    else {
        return html! { section aria-labelledby="policy" {
            h2 id="policy" { "Policy" }
            p { "Policies decide on what is installed, not on lock files and SBOMs." }
        } };
    };
    let not_allowed = packages
        .iter()
        .filter(|p| p.decision.verdict > Verdict::Allow);
    let count = |grade: Grade| {
        packages
            .iter()
            .filter(|p| p.decision.grade == grade)
            .count()
    };
    let verdicts = |verdict| {
        packages
            .iter()
            .filter(|p| p.decision.verdict == verdict)
            .count()
    };
    html! {
        section aria-labelledby="policy" {
            h2 id="policy" { "Policy" }
            p { (verdicts(Verdict::Reject)) " rejected, " (verdicts(Verdict::Warn)) " warned of, "
                (verdicts(Verdict::Allow)) " allowed. Grades: "
                @for (index, grade) in Grade::ALL.into_iter().enumerate() {
                    @if index > 0 { ", " } (grade.as_str()) " " (count(grade))
                }
                ". " span.soft { "Policy " (named.sha256) "." }
            }
            @for problem in problems { p.bad { "Not checked: " (clean(problem)) } }
            table {
                caption { "What is not simply allowed, and why" }
                thead { tr {
                    th scope="col" { "Package" } th scope="col" { "Verdict" } th scope="col" { "Grade" } th scope="col" { "Reasons" }
                } }
                tbody { @for package in not_allowed { tr {
                    th scope="row" { (clean(package.name())) " " (clean(package.version())) }
                    td data-of="Verdict" { (package.decision.verdict.as_str()) }
                    td data-of="Grade" { (package.decision.grade.as_str()) }
                    td data-of="Reasons" { ul { @for reason in package.decision.reasons() {
                        li { (clean(&reason.detail)) br; span.soft { (clean(&reason.evidence)) } }
                    } } }
                } } }
            }
        }
    }
}

/// An exception with its end, as text that sorts.
struct Row {
    until: String,
    what: String,
    why: String,
    by: String,
}

pub fn exceptions(reported: &ReportResult) -> Markup {
    let mut rows = Vec::new();
    let scanned = &reported.scan;
    let day = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d").to_string();
    for rule in &scanned.rules.expired {
        let end = rule.expires.map(day).unwrap_or_default();
        rows.push(Row {
            until: format!("{end} (expired)"),
            what: rule.id.clone(),
            why: rule.reason.clone(),
            by: "ignore rule".to_owned(),
        });
    }
    for ignored in &scanned.report.ignored {
        let finding = &ignored.finding;
        rows.push(Row {
            until: ignored.until.map_or_else(|| "no end".to_owned(), day),
            what: format!("{} in {}", finding.advisory, finding.package),
            why: ignored.reason.clone(),
            by: ignored.by.clone(),
        });
    }
    if let Some((
        _,
        PolicyResult::Decisions {
            packages, review, ..
        },
    )) = &reported.policy
    {
        for package in packages {
            rows.extend(package.decision.excepted().iter().map(|excepted| Row {
                until: day(excepted.until),
                what: format!("{} of {}", excepted.reason.rule, package.name()),
                why: excepted.because.clone(),
                by: excepted.owner.clone(),
            }));
        }
        for (list, word) in [
            (&review.expired, "expired"),
            (&review.unused, "covers nothing"),
        ] {
            rows.extend(list.iter().map(|shown| Row {
                until: word.to_owned(),
                what: shown.text.clone(),
                why: String::new(),
                by: "policy".to_owned(),
            }));
        }
    }
    rows.sort_by(|a, b| (&a.until, &a.what).cmp(&(&b.until, &b.what)));
    html! {
        section aria-labelledby="exceptions" {
            h2 id="exceptions" { "Exceptions" }
            @if rows.is_empty() { p { "None." } } @else {
                table {
                    caption { "What was set aside, soonest end first" }
                    thead { tr {
                        th scope="col" { "What" } th scope="col" { "Until" } th scope="col" { "Why" } th scope="col" { "By" }
                    } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (clean(&row.what)) }
                        td data-of="Until" { (row.until) }
                        td data-of="Why" { (clean(&row.why)) }
                        td data-of="By" { (clean(&row.by)) }
                    } } }
                }
            }
        }
    }
}

pub fn installed(reported: &ReportResult) -> Markup {
    html! {
        section aria-labelledby="installed" {
            h2 id="installed" { "Licences and signatures" }
            (counted("Licence, as recorded", &reported.licences))
            (counted("Checked at installation by", &reported.checked))
        }
    }
}

fn counted(title: &str, counts: &BTreeMap<String, usize>) -> Markup {
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    html! {
        @if rows.is_empty() { p { (title) ": nothing was looked at." } } @else {
            table {
                caption { (title) ": what the package database says" }
                thead { tr { th scope="col" { (title) } th.number scope="col" { "Packages" } } }
                tbody { @for (name, count) in rows { tr {
                    th scope="row" { (clean(name)) }
                    td.number data-of="Packages" { (count) }
                } } }
            }
        }
    }
}

pub fn log(reported: &ReportResult) -> Markup {
    html! {
        section aria-labelledby="log" {
            h2 id="log" { "Audit log" }
            @match &reported.log {
                Err(reason) => p.bad { (clean(reason)) },
                Ok(verified) if !verified.exists => p { "There is no audit log." },
                Ok(verified) => {
                    p {
                        @match verified.status() {
                            LogStatus::Intact => span.good { "intact" },
                            LogStatus::Incomplete => span.bad { "incomplete" },
                            LogStatus::Tampered => span.bad { "tampered with" },
                        }
                        ", " (verified.report.entries) " entries. "
                        @if let Some(head) = verified.report.head { span.soft { "Last: entry " (head.seq) ", " (head.hash) "." } }
                    }
                    ul {
                        @for proved in &verified.report.proved { li { "Proved: " (clean(&proved.detail)) } }
                        @for unproved in &verified.report.unproved { li { "Not proved: " (clean(&unproved.detail)) } }
                        @for found in &verified.report.breaks { li.bad { "Broken: " (clean(&found.to_string())) } }
                    }
                },
            }
        }
    }
}

pub fn sources(scanned: &ScanResult) -> Markup {
    let sources = &scanned.report.sources;
    html! {
        section aria-labelledby="sources" {
            h2 id="sources" { "Sources" }
            table {
                caption { "What was asked, and how old it is" }
                thead { tr {
                    th scope="col" { "Source" } th scope="col" { "Status" } th.number scope="col" { "Records" } th scope="col" { "Age" }
                } }
                tbody { @for source in sources { tr {
                    th scope="row" { (clean(&source.name)) }
                    td data-of="Status" {
                        @if source.status == SourceStatus::Complete { (source_status(source.status)) }
                        @else { span.bad { (source_status(source.status)) } " " (clean(&source.detail)) }
                    }
                    td.number data-of="Records" { (source.records) }
                    td data-of="Age" { (source.as_of.map_or_else(|| "not said".to_owned(), |time| age(time, scanned.at))) }
                } } }
            }
            @for problem in &scanned.subjects.problems { p.bad { "Cannot be read: " (clean(&problem.subject)) ": " (clean(&problem.detail)) } }
        }
    }
}
