//! Which updates remove most of the risk.

use std::collections::BTreeMap;

use maud::{Markup, html};
use omg_vuln::{Finding, Severity, State};

use crate::checks::vulnerabilities::result::ScanResult;
use crate::render::words::{clean, plural};

/// How many updates are shown.
const SHOWN: usize = 5;

/// What a finding weighs. A convention for sorting, no measurement.
fn weight(finding: &Finding) -> u64 {
    let severity = match finding.severity {
        Severity::Critical => 10,
        Severity::High => 5,
        Severity::Medium | Severity::Unknown => 2,
        _ => 1,
    };
    match finding.kev {
        Some(_) => severity + 100,
        None => severity,
    }
}

struct Update {
    package: String,
    installed: String,
    fixed: String,
    findings: usize,
    weight: u64,
}

pub fn section(scanned: &ScanResult) -> Markup {
    let findings = scanned.report.findings.iter();
    let affected: Vec<&Finding> = findings.filter(|f| f.state == State::Affected).collect();
    let total: u64 = affected.iter().map(|finding| weight(finding)).sum();
    let updates = updates(&affected);
    let shown = &updates[..updates.len().min(SHOWN)];
    let share = |weight: u64| 100 * weight / total.max(1);
    let sum: u64 = shown.iter().map(|update| update.weight).sum();
    html! {
        section aria-labelledby="risk" {
            h2 id="risk" { "What helps most" }
            @if shown.is_empty() {
                p { "No update is known that would remove a known vulnerability." }
            } @else {
                p { (plural(shown.len(), "update")) " would remove " (share(sum)) " % of the weight of what is known." }
                table {
                    caption { "Weight: critical 10, high 5, medium or unrated 2, low 1; 100 more if known to be exploited. It orders, it measures nothing." }
                    thead { tr {
                        th scope="col" { "Package" } th scope="col" { "Installed" } th scope="col" { "Update to" }
                        th.number scope="col" { "Advisories" } th.number scope="col" { "Share" }
                    } }
                    tbody { @for update in shown { tr {
                        th scope="row" { (clean(&update.package)) }
                        td data-of="Installed" { (clean(&update.installed)) }
                        td data-of="Update to" { (clean(&update.fixed)) }
                        td.number data-of="Advisories" { (update.findings) }
                        td.number data-of="Share" { (share(update.weight)) " %" }
                    } } }
                }
            }
        }
    }
}

/// By package, heaviest first.
fn updates(affected: &[&Finding]) -> Vec<Update> {
    let mut by_package: BTreeMap<(&str, &str), Update> = BTreeMap::new();
    for finding in affected {
        let Some(fixed) = &finding.fixed_in else {
            continue;
        };
        let package = &finding.package;
        let key = (package.name.as_str(), package.version.as_str());
        let update = by_package.entry(key).or_insert_with(|| Update {
            package: package.name.clone(),
            installed: package.version.clone(),
            fixed: String::new(),
            findings: 0,
            weight: 0,
        });
        update.findings += 1;
        update.weight += weight(finding);
        if !update.fixed.split(", ").any(|known| known == fixed) {
            let comma = if update.fixed.is_empty() { "" } else { ", " };
            update.fixed = format!("{}{comma}{fixed}", update.fixed);
        }
    }
    let mut updates: Vec<Update> = by_package.into_values().collect();
    updates.sort_by_key(|update| std::cmp::Reverse(update.weight));
    updates
}
