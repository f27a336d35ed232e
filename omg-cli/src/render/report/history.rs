//! What the audit log remembers: earlier scans, and verdicts on signatures and provenance.

use maud::{Markup, html};
use omg_auditlog::EventKind;

use crate::checks::report::{Past, ReportResult};

pub fn section(reported: &ReportResult) -> Markup {
    let history = &reported.history;
    html! {
        section aria-labelledby="history" {
            h2 id="history" { "Earlier runs" }
            @if history.scans.is_empty() { p { "The audit log remembers no scan." } } @else {
                p { (trend(&history.scans)) }
                table {
                    caption { "The newest scans in the audit log, the newest first" }
                    thead { tr {
                        th scope="col" { "When" } th.number scope="col" { "Packages" }
                        th.number scope="col" { "Findings" } th.number scope="col" { "At or over the threshold" }
                        th scope="col" { "State" }
                    } }
                    tbody { @for past in history.scans.iter().rev() { tr {
                        th scope="row" { (past.at.format("%Y-%m-%d %H:%M UTC")) }
                        td.number data-of="Packages" { (past.packages) }
                        td.number data-of="Findings" { (past.findings) }
                        td.number data-of="At or over the threshold" { (past.failing) }
                        td data-of="State" { @if past.complete { "complete" } @else { span.bad { "incomplete" } } }
                    } } }
                }
            }
            (proofs(reported))
        }
    }
}

/// The difference between the first and the last whole scan, in words.
fn trend(scans: &[Past]) -> String {
    let mut whole = scans.iter().filter(|past| past.complete);
    let (Some(first), Some(last)) = (whole.next(), whole.next_back()) else {
        return "Fewer than two whole scans: nothing to compare.".to_owned();
    };
    let words = match last.failing - first.failing {
        0 => "as many".to_owned(),
        more @ 1.. => format!("{more} more"),
        fewer => format!("{} fewer", fewer.unsigned_abs()),
    };
    format!(
        "Since {}: {words} at or over the threshold ({} then, {} last).",
        first.at.format("%Y-%m-%d"),
        first.failing,
        last.failing
    )
}

fn proofs(reported: &ReportResult) -> Markup {
    let rows = [
        (EventKind::SignatureVerified, "Signature valid and trusted"),
        (EventKind::SignatureFailed, "Signature refused"),
        (EventKind::ProvenanceVerified, "Provenance verified"),
        (EventKind::ProvenanceFailed, "Provenance refused"),
    ];
    let proofs = &reported.history.proofs;
    let none = proofs.values().sum::<usize>() == 0;
    html! {
        @if none { p { "The audit log remembers no verdict on a signature or on provenance." } } @else {
            table {
                caption { "Verdicts of omg audit pgp, slsa, package and sbom verify, from the audit log's newest 1,000" }
                thead { tr { th scope="col" { "Verdict" } th.number scope="col" { "Files" } } }
                tbody { @for (kind, words) in rows { tr {
                    th scope="row" { (words) }
                    td.number data-of="Files" { (proofs.get(&kind).copied().unwrap_or(0)) }
                } } }
            }
        }
    }
}
