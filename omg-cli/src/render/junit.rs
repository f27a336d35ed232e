//! JUnit XML, as Jenkins' xUnit plugin describes it (`junit-10.xsd`) and the test reports of
//! GitLab and others read it: a case for each finding, and one for whether all was checked.

use std::fmt::Write as _;

use omg_vuln::{Finding, Status};

use super::words::clean;
use crate::checks::vulnerabilities::result::ScanResult;

pub fn scan(scanned: &ScanResult) -> String {
    let findings = &scanned.report.findings;
    let failing: Vec<&Finding> = scanned
        .report
        .failing(scanned.fail_on, scanned.strict)
        .collect();
    let incomplete = scanned.status() != Status::Complete;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites>\n<testsuite name=\"omg audit scan\" tests=\"{}\" failures=\"{}\" errors=\"{}\" timestamp=\"{}\">\n",
        findings.len() + 1,
        failing.len(),
        u8::from(incomplete),
        scanned.at.format("%Y-%m-%dT%H:%M:%S"),
    );
    let problem = incomplete.then(|| {
        let counted = scanned.report.unchecked.len() + scanned.subjects.unknown.len();
        format!("<error message=\"not everything was checked\">{counted} packages without an answer; omg audit says why</error>")
    });
    case(&mut out, "omg", "everything was checked", problem);
    for finding in findings {
        let name = format!("{} in {}", finding.advisory, finding.package);
        let fails = failing.iter().any(|other| std::ptr::eq(*other, finding));
        let text = format!("{}: {}", finding.severity, finding.reason);
        let body = match fails {
            true => format!(
                "<failure message=\"{}\" type=\"{}\">{}</failure>",
                escaped(&finding.summary),
                escaped(finding.severity.as_str()),
                escaped(&text)
            ),
            false => format!("<system-out>{}</system-out>", escaped(&text)),
        };
        case(&mut out, &finding.package.name, &name, Some(body));
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, class: &str, name: &str, body: Option<String>) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<testcase classname=\"{}\" name=\"{}\">{}</testcase>",
        escaped(class),
        escaped(name),
        body.unwrap_or_default()
    );
}

/// Text of others in an element or attribute. `clean` has taken every control character, and
/// XML 1.0 section 2.2 forbids two more.
fn escaped(text: &str) -> String {
    clean(text)
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
