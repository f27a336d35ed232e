//! Everything that is known about a package file, as evidence.

use std::collections::BTreeMap;

use omg_policy::{Evidence, Inspection, Licences};
use omg_sbom::archive::Format;
use omg_sbom::inventory::{Detail, Machine, OsRelease, Package};
use omg_vuln::version::Order;
use omg_vuln::{FailOn, Report, State};

use super::authenticity::{self, Repository};
use super::content::Content;
use super::{Check, apt};
use crate::args;
use crate::commands::Context;
use crate::commands::policy::evidence::{self, Known};
use crate::commands::scan::{LookedUp, Subjects};
use crate::convert::{Subject, System, subject};
use crate::failure::Failure;

/// What all files are looked at with.
pub struct Examiner<'a> {
    context: &'a Context,
    args: &'a args::Package,
    repositories: Vec<Repository>,
    /// What is installed, by name.
    installed: BTreeMap<String, Package>,
    on: System,
    report: Report,
    known: Known,
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
        args: &'a args::Package,
        files: &[Content],
    ) -> Result<Self, Failure> {
        let (repositories, mut problems) = authenticity::repositories(context, args)?;
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
        let scan = args::Scan {
            advisories: args.advisories.clone(),
            ..args::Scan::default()
        };
        let subjects = Subjects::of(asked, os.clone());
        let found = LookedUp::new(context, &scan, subjects, FailOn::default())?;
        let known = Known::new(&found, !args.advisories.is_empty(), context.at);
        problems.extend(known.problems.iter().cloned());
        Ok(Self {
            context,
            args,
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
        let (signature, signed) = authenticity::signature(self.context, self.args, content)?;
        let (checksum, origin, summed, unread) = match content.archive.format {
            Format::Deb => apt::checksum(&self.context.common.root, content),
            _ => authenticity::checksum(content, &self.repositories),
        };
        let (provenance, built) = authenticity::provenance(self.context, self.args, content)?;
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
            checks: vec![signed, summed, built, vulnerable, licence, inspected],
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

    fn vulnerabilities(&self, package: &Package, evidence: &mut Evidence) -> Check {
        let of = |package: &Package| match subject(package, &self.on) {
            Subject::Asked(asked) if !self.report.unchecked.contains(&asked) => Some(asked),
            _ => None,
        };
        let Some(asked) = of(package) else {
            let detail = "no source of advisories speaks of it";
            return Check::new("vulnerabilities", "unknown", detail);
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
        evidence.findings = findings.iter().map(|f| self.known.finding(f)).collect();
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
        let ids: Vec<&str> = findings.iter().map(|f| f.advisory.as_str()).collect();
        match (ids.is_empty(), fixed) {
            (false, _) => Check::new("vulnerabilities", "found", ids.join(", ")),
            (true, Some(true)) => Check::new(
                "vulnerabilities",
                "none",
                "fixes some of the installed version",
            ),
            (true, _) => Check::new("vulnerabilities", "none", "none known"),
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

fn inspected(content: &Content, findings: usize) -> Check {
    let scripts = content.archive.scripts().count();
    let setuid: Vec<String> = content.setuid().collect();
    let mut detail = format!(
        "{scripts} scripts, {} units, {} setuid",
        content.units(),
        setuid.len()
    );
    if !setuid.is_empty() {
        let shown: Vec<&str> = setuid.iter().take(3).map(String::as_str).collect();
        detail.push_str(&format!(" ({})", shown.join(", ")));
    }
    let replaces = &content.archive.package.replaces;
    if !replaces.is_empty() {
        let shown: Vec<&str> = replaces.iter().take(5).map(String::as_str).collect();
        detail.push_str(&format!(", replaces {}", shown.join(" ")));
    }
    let status = if findings == 0 { "clean" } else { "suspicious" };
    Check::new("inspection", status, detail)
}

fn licence(package: &Package, evidence: &Evidence) -> Check {
    let recorded = package.licences.join(", ");
    match &evidence.licences {
        Licences::AllOf(list) if !list.is_empty() => Check::new("licence", "recorded", recorded),
        _ => Check::new("licence", "unknown", "none is recorded"),
    }
}
