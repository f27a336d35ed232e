//! Everything that is known about a package file, as evidence.

use std::collections::BTreeMap;

use omg_policy::{Evidence, Inspection, Licences};
use omg_sbom::archive::Format;
use omg_sbom::inventory::{Detail, Machine, OsRelease, Package};
use omg_vuln::version::Order;
use omg_vuln::{FailOn, Report, State};

use super::apt;
use super::authenticity::{self, Repository};
use super::content::Content;
use super::query::PackageQuery;
use super::result::{Check, InspectionCheck, VulnerabilityCheck};
use crate::checks::policy::evidence::ScanEvidence;
use crate::checks::vulnerabilities::query::ScanQuery;
use crate::checks::vulnerabilities::scan::look_up;
use crate::checks::vulnerabilities::subjects::Subjects;
use crate::convert::evidence;
use crate::convert::subject::{self, Subject, System};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// What all files are looked at with.
pub struct Examiner<'a> {
    context: &'a Context,
    query: &'a PackageQuery,
    repositories: Vec<Repository>,
    /// What is installed, by name.
    installed: BTreeMap<String, Package>,
    on: System,
    report: Report,
    known: ScanEvidence,
    problems: Vec<String>,
}

/// A file that was looked at.
pub struct Examined {
    pub evidence: Evidence,
    pub order: Order,
    pub checks: Vec<Check>,
    /// What could not be read about it.
    pub problems: Vec<String>,
}

impl<'a> Examiner<'a> {
    pub fn new(
        context: &'a Context,
        query: &'a PackageQuery,
        files: &[Content],
    ) -> Result<Self, Failure> {
        let (repositories, mut problems) = authenticity::repositories(context, query)?;
        let root = &context.common.root;
        // A root without packages is one where nothing is installed.
        let machine = Machine::read_root(root, Detail::Names).ok();
        let os = machine
            .as_ref()
            .and_then(|machine| machine.os_release.clone());
        let all = machine.into_iter().flat_map(|machine| machine.inventories);
        let all = all.flat_map(|inventory| inventory.packages().to_vec());
        let installed: BTreeMap<String, Package> =
            all.map(|package| (package.name.clone(), package)).collect();
        // The versions that are installed, too: what they have and the new ones not was fixed.
        let mut asked: Vec<Package> = Vec::new();
        for file in files {
            let package = &file.archive.package;
            asked.push(package.clone());
            asked.extend(installed.get(&package.name).cloned());
        }
        let scan = ScanQuery::with_advisories(&query.advisories);
        let subjects = Subjects::of(asked, os.clone());
        let found = look_up(context, &scan, subjects, FailOn::default())?;
        let known = ScanEvidence::new(&found, !query.advisories.is_empty(), context.at);
        problems.extend(known.problems.iter().cloned());
        Ok(Self {
            context,
            query,
            repositories,
            installed,
            on: System::new(os_of(os, files)),
            report: found.report,
            known,
            problems,
        })
    }

    /// What was not checked, whatever the file.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        self.problems.iter().cloned()
    }

    pub fn examine(&self, content: &Content) -> Result<Examined, Failure> {
        let package = &content.archive.package;
        let mut evidence = evidence::described(package);
        let (signature, signed) = authenticity::signature(self.context, self.query, content)?;
        let (checksum, origin, summed, unread) = match content.archive.format {
            Format::Deb => apt::checksum(&self.context.common.root, content),
            _ => authenticity::checksum(content, &self.repositories),
        };
        let (provenance, built) = authenticity::provenance(self.context, self.query, content)?;
        evidence.signature = signature;
        evidence.checksum = checksum;
        evidence.origin = origin;
        evidence.provenance = provenance;
        let vulnerable = self.vulnerabilities(package, &mut evidence);
        let is_upgrade = self.installed.contains_key(&package.name);
        let findings = content.findings(&self.context.common.root, is_upgrade);
        let inspected = inspected(content, findings.len());
        evidence.inspection = Inspection::Done(findings);
        let licence = licence(package, &evidence);
        let order = match content.archive.format {
            Format::Deb => Order::Debian,
            _ => evidence::order_of(&package.kind),
        };
        Ok(Examined {
            evidence,
            order,
            checks: vec![
                Check::Signature(signed),
                Check::Checksum(summed),
                Check::Provenance(Box::new(built)),
                Check::Vulnerabilities(vulnerable),
                Check::Licence(licence),
                Check::Inspection(inspected),
            ],
            problems: unread,
        })
    }

    /// Whether it has an install script, and the version that is installed has none.
    pub fn has_new_script(&self, content: &Content) -> bool {
        let package = &content.archive.package;
        let before = self.installed.get(&package.name).is_some_and(|before| {
            let folder = format!("{}-{}", before.name, before.version);
            let local = self.context.common.root.join("var/lib/pacman/local");
            local.join(folder).join("install").is_file()
        });
        content.archive.scripts().next().is_some() && !before
    }

    fn vulnerabilities(&self, package: &Package, evidence: &mut Evidence) -> VulnerabilityCheck {
        let of = |package: &Package| match subject::of(package, &self.on) {
            Subject::Asked(asked) if !self.report.unchecked.contains(&asked) => Some(asked),
            _ => None,
        };
        let Some(asked) = of(package) else {
            return VulnerabilityCheck::NotCovered;
        };
        let found = |asked: &omg_vuln::Package| -> Vec<&omg_vuln::Finding> {
            let is_about = |f: &&omg_vuln::Finding| {
                (&f.package.name, &f.package.version) == (&asked.name, &asked.version)
                    && f.state != State::LikelyStale
                    && f.informational.is_none()
            };
            self.report.findings.iter().filter(is_about).collect()
        };
        let findings = found(&asked);
        evidence.coverage = self.known.coverage;
        evidence.findings = findings
            .iter()
            .map(|f| evidence::finding(f, self.known.marks))
            .collect();
        let before = self
            .installed
            .get(&package.name)
            .and_then(of)
            .map(|old| found(&old));
        let fixed = before.map(|before| {
            before
                .iter()
                .any(|old| !findings.iter().any(|new| new.advisory == old.advisory))
        });
        evidence.security_fix = fixed;
        let ids: Vec<String> = findings.iter().map(|f| f.advisory.clone()).collect();
        match (ids.is_empty(), fixed) {
            (false, _) => VulnerabilityCheck::Found(ids),
            (true, Some(true)) => VulnerabilityCheck::FixesInstalled,
            (true, _) => VulnerabilityCheck::NoneKnown,
        }
    }
}

/// Packages of Debian say so themselves; where nothing says what system this is, that is all.
fn os_of(os: Option<OsRelease>, files: &[Content]) -> Option<OsRelease> {
    let debian = files.iter().any(|file| file.archive.format == Format::Deb);
    match os {
        None if debian => OsRelease::parse(b"ID=debian\n").ok(),
        os => os,
    }
}

fn inspected(content: &Content, findings: usize) -> InspectionCheck {
    InspectionCheck {
        findings,
        scripts: content.archive.scripts().count(),
        units: content.units(),
        setuid: content.setuid().collect(),
        replaces: content.archive.package.replaces.clone(),
    }
}

/// The recorded licences; nothing unless all of them became evidence.
fn licence(package: &Package, evidence: &Evidence) -> Vec<String> {
    match &evidence.licences {
        Licences::AllOf(list) if !list.is_empty() => package.licences.clone(),
        _ => Vec::new(),
    }
}
