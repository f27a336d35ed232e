//! Known vulnerabilities for a document: the scan's own sources, as plain records.

use std::collections::HashMap;

use omg_sbom::{Component, Looked, Rating, Sbom, Vulnerability, VulnerabilityState};
use omg_vuln::{FailOn, Finding, Report, SourceStatus, State, Status};

use super::query::SbomQuery;
use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::scan::look_up;
use crate::checks::vulnerabilities::subjects::{Subjects, gather};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// Looks for known vulnerabilities of the machine and attaches what was found. Ignore rules and
/// VEX statements are not applied: they are this user's, and the document is for others.
pub fn attach(context: &Context, query: &SbomQuery, sbom: &mut Sbom) -> Result<(), Failure> {
    let scan = ScanQuery::with_advisories(&query.advisories);
    let subjects = gather(context, &scan)?;
    let found = look_up(context, &scan, subjects, FailOn::default())?;
    let (subjects, report) = (&found.subjects, &found.report);
    let looked = match gaps(report, subjects, found.interrupted) {
        gaps if gaps.is_empty() => Looked::Fully,
        gaps => Looked::Partly(gaps.join("; ")),
    };
    let index = Index::new(sbom.components());
    let findings = report.findings.iter();
    // Notices such as "unmaintained" are no vulnerabilities.
    let findings = findings.filter(|finding| finding.informational.is_none());
    let records = findings.map(|finding| {
        let affects = index.affected(finding, subjects);
        let mut record = record(finding, affects);
        // The name of a file says nothing to others; the identifier says who published it.
        if query.advisories.is_empty() {
            record.source = Some(finding.source.clone());
        }
        record
    });
    let records = records.collect();
    sbom.attach(looked, query.placement, records)
        .map_err(|error| Failure::incomplete("the scan and the document differ").because(&error))
}

/// Why not everything was checked.
fn gaps(report: &Report, subjects: &Subjects, interrupted: bool) -> Vec<String> {
    let mut gaps = Vec::new();
    for source in &report.sources {
        if source.status != SourceStatus::Complete {
            gaps.push(match source.detail.is_empty() {
                true => format!("{}: not complete", source.name),
                false => format!("{}: {}", source.name, source.detail),
            });
        }
    }
    if !report.unchecked.is_empty() {
        gaps.push(format!(
            "{} packages were not checked",
            report.unchecked.len()
        ));
    }
    if !subjects.unknown.is_empty() {
        let count = subjects.unknown.len();
        gaps.push(format!("no advisory can speak of {count} packages"));
    }
    if !subjects.problems.is_empty() {
        gaps.push("the package databases could not be read in full".to_owned());
    }
    if interrupted {
        gaps.push("interrupted".to_owned());
    }
    if gaps.is_empty() && report.status() != Status::Complete {
        gaps.push("the scan is incomplete".to_owned());
    }
    gaps
}

/// The components by name.
struct Index<'a>(HashMap<&'a str, Vec<&'a Component>>);

impl<'a> Index<'a> {
    fn new(components: &'a [Component]) -> Self {
        let mut index: HashMap<_, Vec<_>> = HashMap::with_capacity(components.len());
        for component in components {
            let name = component.package().name.as_str();
            index.entry(name).or_default().push(component);
        }
        Self(index)
    }

    /// The installed packages that a finding is about: it names their source package.
    fn affected(&self, finding: &Finding, subjects: &Subjects) -> Vec<String> {
        let names = subjects.installed_as(&finding.package);
        let named = names.iter().filter_map(|name| self.0.get(name.as_str()));
        let version = &finding.package.version;
        let fits = |component: &&&Component| {
            let package = component.package();
            package.version == *version || package.source_version() == version
        };
        let fitting = named.flatten().filter(fits);
        fitting
            .map(|component| component.reference().to_owned())
            .collect()
    }
}

fn record(finding: &Finding, affects: Vec<String>) -> Vulnerability {
    let state = match finding.state {
        State::Affected => VulnerabilityState::Exploitable,
        _ => VulnerabilityState::InTriage,
    };
    let mut record = Vulnerability::new(&finding.advisory, state);
    record.aliases.clone_from(&finding.aliases);
    record.description = Some(finding.summary.clone()).filter(|text| !text.is_empty());
    record.recommendation = finding
        .fixed_in
        .as_ref()
        .map(|version| format!("update to {version}"));
    record.references.clone_from(&finding.references);
    record.published = finding.published;
    record.analysis.detail = Some(match &finding.kev {
        Some(_) => format!("{}; known to be exploited", finding.reason),
        None => finding.reason.clone(),
    });
    let mut rating = Rating::severity(&finding.severity.to_string());
    if let Some(cvss) = &finding.cvss {
        rating.score = Some(cvss.score().to_string());
        rating.vector = Some(cvss.vector().to_owned());
    }
    record.ratings = vec![rating];
    record.affects = affects;
    record
}
