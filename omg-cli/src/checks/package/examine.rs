//! Everything that is known about a package file, as evidence.

use std::collections::BTreeMap;

use omg_policy::{Evidence, EvidenceError, Facts, Licences, Origin};
use omg_sbom::archive::Format;
use omg_sbom::inventory::{Detail, Machine, OsRelease, Package};
use omg_vuln::version::Order;
use omg_vuln::{FailOn, Report, State};

use super::apt;
use super::authenticity::{self, Authority, Repository};
use super::content::Content;
use super::query::PackageQuery;
use super::result::{Check, InspectionCheck, VulnerabilityCheck};
use super::vouched::Vouched;
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
    pub content: Content,
    pub evidence: Evidence,
    pub order: Order,
    pub checks: Vec<Check>,
    /// Whether it has an install script, and the version that is installed has none.
    pub has_new_script: bool,
    /// What could not be read about it.
    pub problems: Vec<String>,
}

impl<'a> Examiner<'a> {
    pub fn new(
        context: &'a Context,
        query: &PackageQuery,
        authority: &Authority<'_>,
        files: &[Vouched],
    ) -> Result<Self, Failure> {
        let (repositories, mut problems) = authority.repositories();
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
            let package = &file.content.archive.package;
            asked.push(package.clone());
            asked.extend(installed.get(&package.name).cloned());
        }
        let scan = ScanQuery::with_advisories(&query.advisories);
        let os = os_of(os, files);
        let subjects = Subjects::of(asked, os.clone());
        let found = look_up(context, &scan, subjects, FailOn::default())?;
        let known = ScanEvidence::new(&found, !query.advisories.is_empty(), context.at);
        problems.extend(known.problems.iter().cloned());
        Ok(Self {
            context,
            repositories,
            installed,
            on: System::new(os),
            report: found.report,
            known,
            problems,
        })
    }

    /// What was not checked, whatever the file.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        self.problems.iter().cloned()
    }

    /// Brings together all evidence about a file. The error is of evidence that is about something
    /// else.
    pub fn examine(
        &self,
        vouched: Vouched,
        origin: Option<&Origin>,
    ) -> Result<Examined, EvidenceError> {
        let Vouched {
            content,
            signature: (signature, signed),
            provenance: (provenance, built),
            problems: mut unread,
        } = vouched;
        let file = &content.archive;
        let mut evidence = evidence::of_file(file, self.on.os.as_ref());
        if let Some(signature) = signature {
            evidence.add_signature(signature)?;
        }
        if let Some(provenance) = provenance {
            evidence.add_provenance(provenance)?;
        }
        let (checksum, offered_by, summed, problems) = match file.format {
            Format::Deb => apt::checksum(&self.context.common.root, &content),
            _ => authenticity::checksum(&content, &self.repositories),
        };
        evidence.add_checksum(evidence::checksum(file, checksum))?;
        evidence.set_origin(origin.cloned().unwrap_or(offered_by));
        let vulnerable = self.vulnerabilities(&file.package, &mut evidence)?;
        let is_upgrade = self.installed.contains_key(&file.package.name);
        let findings = content.findings(&self.context.common.root, is_upgrade);
        let inspected = inspected(&content, findings.len());
        evidence.add_inspection(evidence::inspection(file, findings))?;
        let licence = licence(&file.package, evidence.facts());
        let order = match file.format {
            Format::Deb => Order::Debian,
            _ => evidence::order_of(&file.package.kind),
        };
        let has_new_script = self.has_new_script(&content);
        unread.extend(problems);
        Ok(Examined {
            content,
            evidence,
            order,
            checks: vec![
                Check::Signature(signed),
                Check::Checksum(summed),
                Check::Provenance(built),
                Check::Vulnerabilities(vulnerable),
                Check::Licence(licence),
                Check::Inspection(inspected),
            ],
            has_new_script,
            problems: unread,
        })
    }

    /// Whether it has an install script, and the version that is installed has none.
    fn has_new_script(&self, content: &Content) -> bool {
        let package = &content.archive.package;
        let before = self.installed.get(&package.name).is_some_and(|before| {
            let folder = format!("{}-{}", before.name, before.version);
            let local = self.context.common.root.join("var/lib/pacman/local");
            local.join(folder).join("install").is_file()
        });
        content.archive.scripts().next().is_some() && !before
    }

    fn is_unchecked(&self, asked: &omg_vuln::Package) -> bool {
        let mut unchecked = self.report.unchecked.iter();
        unchecked.any(|other| other.package == *asked)
    }

    fn vulnerabilities(
        &self,
        package: &Package,
        evidence: &mut Evidence,
    ) -> Result<VulnerabilityCheck, EvidenceError> {
        let of = |package: &Package| match subject::of(package, &self.on) {
            Subject::Asked(asked) if !self.is_unchecked(&asked) => Some(asked),
            _ => None,
        };
        let Some(asked) = of(package) else {
            return Ok(VulnerabilityCheck::NotCovered);
        };
        let found = |asked: &omg_vuln::Package| -> Vec<&omg_vuln::Finding> {
            let is_about = |f: &&omg_vuln::Finding| {
                let one = (&f.package.ecosystem, &f.package.name, &f.package.version);
                one == (&asked.ecosystem, &asked.name, &asked.version)
                    && f.state != State::LikelyStale
                    && f.informational.is_none()
            };
            self.report.findings.iter().filter(is_about).collect()
        };
        let findings = found(&asked);
        let marks = self.known.marks;
        let of_policy = findings.iter().map(|f| evidence::finding(f, marks));
        let (os, coverage) = (self.on.os.as_ref(), self.known.coverage);
        evidence::scanned(evidence, package, os, coverage, of_policy.collect())?;
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
        if let Some(fixed) = fixed {
            evidence.set_security_fix(fixed);
        }
        let ids: Vec<String> = findings.iter().map(|f| f.advisory.clone()).collect();
        Ok(match (ids.is_empty(), fixed) {
            (false, _) => VulnerabilityCheck::Found(ids),
            (true, Some(true)) => VulnerabilityCheck::FixesInstalled,
            (true, _) => VulnerabilityCheck::NoneKnown,
        })
    }
}

/// Packages of Debian say so themselves; where nothing says what system this is, that is all.
fn os_of(os: Option<OsRelease>, files: &[Vouched]) -> Option<OsRelease> {
    let debian = files
        .iter()
        .any(|file| file.content.archive.format == Format::Deb);
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
fn licence(package: &Package, facts: &Facts) -> Vec<String> {
    match &facts.licences {
        Licences::AllOf(list) if !list.is_empty() => package.licences.clone(),
        _ => Vec::new(),
    }
}
