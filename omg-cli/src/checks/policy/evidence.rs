//! From what is installed to evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use omg_policy::{Coverage, Evidence, EvidenceError, Finding};
use omg_sbom::inventory::{Detail, Machine, Package};
use omg_vuln::version::Order;
use omg_vuln::{FailOn, SourceKind, SourceStatus};

use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::result::UnfilteredScan;
use crate::checks::vulnerabilities::scan::look_up;
use crate::checks::vulnerabilities::subjects::{Installed, gather};
use crate::convert::evidence::{Marks, counts, finding, of_installed, order_of};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// The evidence about every installed package, and what could not be read.
pub struct InstalledEvidence {
    pub packages: Vec<(Evidence, Order)>,
    pub problems: Vec<String>,
}

impl InstalledEvidence {
    /// Looks at the machine, and up what is known of its packages.
    pub fn gather(context: &Context, advisories: &[PathBuf]) -> Result<Self, Failure> {
        let query = ScanQuery::with_advisories(advisories);
        let subjects = gather(context, &query)?;
        let found = look_up(context, &query, subjects, FailOn::default())?;
        let known = ScanEvidence::new(&found, !advisories.is_empty(), context.at);
        Self::of(machine(context)?, &found, known)
    }

    /// Brings together what is on the machine, and what was found about it.
    pub fn of(
        machine: Machine,
        found: &UnfilteredScan,
        known: ScanEvidence,
    ) -> Result<Self, Failure> {
        let scanned = Scanned::new(found, &known);
        let os = machine.os_release.as_ref();
        let mut problems: Vec<String> = machine.problems.iter().map(ToString::to_string).collect();
        let mut packages = Vec::new();
        for inventory in machine.inventories {
            let (all, unread) = inventory.into_parts();
            problems.extend(unread.iter().map(ToString::to_string));
            for package in all {
                let (coverage, findings) = scanned.of(&package);
                let evidence = of_installed(&package, os, coverage, findings);
                let evidence = evidence.map_err(|error| internal(&package, &error))?;
                packages.push((evidence, order_of(&package.kind)));
            }
        }
        packages.sort_by(|(a, _), (b, _)| {
            let key = |evidence: &'_ Evidence| {
                let facts = evidence.facts();
                (
                    facts.name.clone(),
                    facts.version.clone(),
                    facts.architecture.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        problems.extend(known.problems);
        Ok(Self { packages, problems })
    }

    /// Only these; all, if none is named.
    pub fn keep(&mut self, names: &[String]) -> Result<(), Failure> {
        for name in names {
            let is_it =
                |(package, _): &(Evidence, Order)| package.facts().name.as_ref() == Some(name);
            if !self.packages.iter().any(is_it) {
                return Err(Failure::incomplete(format!("{name} is not installed"))
                    .try_this("omg audit package FILE, for a package that is not installed yet"));
            }
        }
        if !names.is_empty() {
            let is_named = |package: &Evidence| {
                let name = package.facts().name.as_ref();
                name.is_some_and(|name| names.contains(name))
            };
            self.packages.retain(|(package, _)| is_named(package));
        }
        Ok(())
    }
}

/// What a scan found, by the installed package: kind, name and version.
struct Scanned {
    coverage: Coverage,
    /// Packages that no source was asked about.
    unchecked: BTreeSet<Installed>,
    findings: BTreeMap<Installed, Vec<Finding>>,
}

impl Scanned {
    fn new(found: &UnfilteredScan, known: &ScanEvidence) -> Self {
        let (subjects, report) = (&found.subjects, &found.report);
        let mut findings: BTreeMap<Installed, Vec<Finding>> = BTreeMap::new();
        for found in report.findings.iter().filter(|found| counts(found)) {
            for package in subjects.installed_for(&found.package) {
                let all = findings.entry(package).or_default();
                all.push(finding(found, known.marks));
            }
        }
        let mut unchecked: BTreeSet<Installed> = subjects.never_asked().collect();
        for other in &report.unchecked {
            unchecked.extend(subjects.installed_for(&other.package));
        }
        Self {
            coverage: known.coverage,
            unchecked,
            findings,
        }
    }

    fn of(&self, package: &Package) -> (Coverage, Vec<Finding>) {
        let key = Installed::of(package);
        let coverage = match self.unchecked.contains(&key) {
            true => Coverage::NotScanned,
            false => self.coverage,
        };
        let findings = self.findings.get(&key);
        (coverage, findings.cloned().unwrap_or_default())
    }
}

/// Evidence that does not fit the package that it was gathered for.
fn internal(package: &Package, error: &EvidenceError) -> Failure {
    let message = format!("internal error while deciding about {}", package.name);
    Failure::incomplete(message).because(error)
}

/// What is installed, with its licences.
pub fn machine(context: &Context) -> Result<Machine, Failure> {
    let root = &context.common.root;
    let mut machine = Machine::read_root(root, Detail::Full).map_err(|error| {
        let message = format!("cannot tell what is installed under {}", root.display());
        Failure::incomplete(message).because(&error)
    })?;
    machine.read_licences(root);
    Ok(machine)
}

/// What a scan proves about packages: how far it reached, and with which marks.
pub struct ScanEvidence {
    pub coverage: Coverage,
    pub problems: Vec<String>,
    pub marks: Marks,
}

impl ScanEvidence {
    /// `named` says that the advisories were given by hand, which are as new as they are said to be.
    pub fn new(found: &UnfilteredScan, named: bool, at: DateTime<Utc>) -> Self {
        let report = &found.report;
        let is_about = |kind| {
            matches!(
                kind,
                SourceKind::ArchTracker | SourceKind::Osv | SourceKind::OsvApi
            )
        };
        let sources: Vec<_> = report.sources.iter().filter(|s| is_about(s.kind)).collect();
        let worst = sources.iter().map(|source| source.status).max();
        let oldest = sources.iter().filter_map(|source| source.as_of).min();
        let coverage = match worst {
            Some(SourceStatus::Complete) if named => Coverage::Fresh { as_of: at },
            Some(SourceStatus::Complete) => Coverage::Fresh {
                as_of: oldest.unwrap_or(at),
            },
            Some(SourceStatus::Stale) => Coverage::Stale,
            _ => Coverage::NotScanned,
        };
        let bad = report
            .sources
            .iter()
            .filter(|s| s.status != SourceStatus::Complete);
        let problem = |source: &omg_vuln::Source| format!("{}: {}", source.name, source.detail);
        let epss = report
            .sources
            .iter()
            .any(|s| s.kind == SourceKind::Epss && s.status == SourceStatus::Complete);
        let mut problems: Vec<String> = bad.map(problem).collect();
        if found.interrupted {
            problems.push("interrupted".to_owned());
        }
        Self {
            coverage,
            problems,
            marks: Marks {
                kev: found.has_kev,
                epss,
            },
        }
    }
}

/// The order of versions on the machine that is looked at: dpkg's where there is dpkg's database.
pub fn order(context: &Context) -> Order {
    let root = &context.common.root;
    let pacman = root.join("var/lib/pacman/local").is_dir();
    match root.join("var/lib/dpkg/status").is_file() && !pacman {
        true => Order::Debian,
        false => Order::Alpm,
    }
}
