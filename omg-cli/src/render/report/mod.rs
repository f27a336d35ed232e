//! The report as one HTML file, which asks nothing of the network.
//!
//! Whatever is data goes through the template's escaping; only the style sheet, which is ours,
//! and the embedded JSON, which is escaped for its place, do not.

mod history;
mod risk;
mod sections;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use omg_vuln::{State, Status};

use super::words::{clean, plural};
use super::{json, policy, verify};
use crate::checks::report::ReportResult;
use crate::session::format::Format;
use crate::session::style::Style;

const STYLE: &str = include_str!("style.css");

/// The base64 of the SHA-256 of [`STYLE`]; a test compares them.
const STYLE_SHA256: &str = "4vBwzXspSAg/KLSupZkZXJGsUGU27Ev0lrBuLYTzbnk=";

pub fn report(reported: &ReportResult) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{STYLE_SHA256}'; base-uri 'none'; form-action 'none'"
    );
    let scanned = &reported.scan;
    let at = scanned.at.format("%Y-%m-%d %H:%M UTC").to_string();
    let system = clean(scanned.subjects.system.as_deref().unwrap_or("named files"));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { "Security report of " (system) ", " (at) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Security report" }
                    p { (system) ", " (plural(scanned.subjects.installed(), "package")) ", " (at) }
                    (verdict(reported))
                }
                nav aria-label="Sections" { (contents()) }
                main {
                    (risk::section(scanned))
                    (sections::findings(scanned))
                    (sections::policy(reported))
                    (sections::exceptions(reported))
                    (sections::installed(reported))
                    (history::section(reported))
                    (sections::log(reported))
                    (sections::sources(scanned))
                }
                footer {
                    p.soft { "SbomResult by omg " (env!("CARGO_PKG_VERSION"))
                        ". The data are in this file, as JSON, in the element with the id omg-data." }
                }
                (PreEscaped(format!("<script type=\"application/json\" id=\"omg-data\">{}</script>", data(reported))))
            }
        }
    };
    page.into_string()
}

fn contents() -> Markup {
    let all = [
        ("risk", "What helps most"),
        ("findings", "Known vulnerabilities"),
        ("policy", "Policy"),
        ("exceptions", "Exceptions"),
        ("installed", "Licences and signatures"),
        ("history", "Earlier runs"),
        ("log", "Audit log"),
        ("sources", "Sources"),
    ];
    html! {
        ul { @for (id, title) in all { li { a href={ "#" (id) } { (title) } } } }
    }
}

fn verdict(reported: &ReportResult) -> Markup {
    let scanned = &reported.scan;
    let findings = &scanned.report.findings;
    let affected = findings
        .iter()
        .filter(|f| f.state == State::Affected)
        .count();
    let failing = scanned
        .report
        .failing(scanned.fail_on, scanned.strict)
        .count();
    let complete = scanned.status() == Status::Complete;
    html! {
        p.verdict {
            @if failing > 0 { span.bad { (failing) " at or over the threshold" } }
            @else if complete { span.good { "Nothing at or over the threshold" } }
            @else { span.bad { "Nothing found in what could be checked" } }
        }
        p {
            (affected) " known to affect what is installed. "
            @if !complete { strong.bad { "Incomplete: not everything was checked. " } }
            "Exit code " (reported.exit().code()) "."
        }
    }
}

/// What the other commands print as JSON, in one document.
fn data(reported: &ReportResult) -> String {
    let style = Style {
        width: 80,
        colour: false,
        verbose: false,
        links: false,
    };
    let decided = reported.policy.as_ref();
    let policy =
        decided.map(|(active, result)| policy::policy(active, result, Format::Json, style));
    let log = reported.log.as_ref().ok();
    let log = log.map(|verified| verify::verify(verified, Format::Json, style));
    let null = || "null".to_owned();
    let text = format!(
        "{{\"schema\":\"omg.report/1\",\"scan\":{},\"policy\":{},\"verify\":{}}}",
        json::document(&reported.scan),
        policy.unwrap_or_else(null),
        log.unwrap_or_else(null)
    );
    embedded(&text)
}

/// JSON that holds no character which ends or begins anything in HTML: within strings, where
/// alone they occur, these escapes mean the same.
fn embedded(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn the_policy_names_the_style_sheet() {
        let hash = omg_auditlog::Hash::of(STYLE.as_bytes()).to_string();
        let base64 = base64::engine::general_purpose::STANDARD.encode(hex::decode(hash).unwrap());
        assert_eq!(base64, STYLE_SHA256);
        // What the browser hashes is what stands between the tags.
        assert!(!STYLE.contains('<') && !STYLE.contains('\r'));
    }

    #[test]
    fn embedded_json_says_the_same_and_closes_nothing() {
        let value = serde_json::json!({ "a": "</script><!--&\u{2028}" });
        let text = embedded(&value.to_string());
        assert!(!text.contains(['<', '>', '&']));
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back, value);
    }
}
