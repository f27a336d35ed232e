//! Annotations of GitHub's runners, which Forgejo's and Gitea's understand too: "Workflow
//! commands for GitHub Actions". One line each; what was not checked is an error of its own.

use std::fmt::Write as _;

use omg_vuln::{Finding, State, Status};

use super::words::clean;
use crate::checks::secrets::result::SearchResult;
use crate::checks::vulnerabilities::result::ScanResult;

pub fn scan(scanned: &ScanResult) -> String {
    let mut out = String::new();
    let failing: Vec<&Finding> = scanned
        .report
        .failing(scanned.fail_on, scanned.strict)
        .collect();
    for finding in &scanned.report.findings {
        let level = match finding.state {
            _ if failing.iter().any(|other| std::ptr::eq(*other, finding)) => "error",
            State::LikelyStale => "notice",
            _ => "warning",
        };
        let fix = match &finding.fixed_in {
            Some(version) => format!("update to {version}"),
            None => "no fix is known".to_owned(),
        };
        let (advisory, package) = (&finding.advisory, &finding.package);
        let text = format!(
            "{package}: {advisory} ({}). {}; {fix}.",
            finding.severity, finding.reason
        );
        line(
            &mut out,
            level,
            &format!("title={}", property(advisory)),
            &text,
        );
    }
    if scanned.status() != Status::Complete {
        let text = "not everything was checked; omg audit says what";
        line(&mut out, "error", "title=omg", text);
    }
    out
}

pub fn secrets(searched: &SearchResult) -> String {
    let mut out = String::new();
    for found in searched.listed() {
        let finding = &found.finding;
        let fails = searched
            .fail_on
            .is_some_and(|least| finding.severity >= least);
        let at = format!(
            "file={},line={},col={},title={}",
            property(&found.path),
            finding.line,
            finding.column,
            property(finding.rule.id())
        );
        let text = format!("{}: {}", finding.rule.title(), finding.redacted());
        let level = match fails {
            true => "error",
            false if found.is_identifier() => "notice",
            false => "warning",
        };
        line(&mut out, level, &at, &text);
    }
    for problem in searched.problems.iter().filter(|problem| problem.counts) {
        let at = format!("file={},title=omg", property(&problem.path));
        line(
            &mut out,
            "error",
            &at,
            &format!("not searched: {}", problem.detail),
        );
    }
    out
}

fn line(out: &mut String, level: &str, properties: &str, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "::{level} {properties}::{}", message(text));
}

/// Text of others within a command: what would end it or begin another is escaped.
fn message(text: &str) -> String {
    clean(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_ends_no_command() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25\u{fffd}");
        let mut out = String::new();
        line(&mut out, "error", "title=x", "one\n::stop-commands::two");
        assert_eq!(out.lines().count(), 1);
    }
}
