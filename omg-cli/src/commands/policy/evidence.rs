//! From what is installed to evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use omg_policy::{
    Coverage, Epss, Evidence, Expression, Finding, Fix, Licence, Licences, Origin, Severity,
    Signature,
};
use omg_sbom::inventory::{self, Detail, Machine, PackageKind, Validation};
use omg_sbom::licence;
use omg_vuln::version::Order;
use omg_vuln::{FailOn, SourceKind, SourceStatus, State};

use crate::args;
use crate::commands::Context;
use crate::commands::scan::{self, LookedUp};
use crate::failure::Failure;

/// What is installed, and what could not be found out about it.
pub struct Installed {
    pub packages: Vec<(Evidence, Order)>,
    pub problems: Vec<String>,
}

impl Installed {
    /// Looks at the machine, and up what is known of its packages.
    pub fn gather(context: &Context, advisories: &[PathBuf]) -> Result<Self, Failure> {
        let scan = args::Scan {
            advisories: advisories.to_vec(),
            ..args::Scan::default()
        };
        let subjects = scan::gather(context, &scan)?;
        let found = LookedUp::new(context, &scan, subjects, FailOn::default())?;
        let known = Known::new(&found, !advisories.is_empty(), context.at);
        Ok(Self::of(machine(context)?, &found, known))
    }

    /// Brings together what is on the machine, and what was found about it.
    pub fn of(machine: Machine, found: &LookedUp, known: Known) -> Self {
        let (subjects, report) = (&found.subjects, &found.report);
        let mut problems: Vec<String> = machine.problems.iter().map(ToString::to_string).collect();
        let unchecked: BTreeSet<&str> = subjects
            .unknown
            .keys()
            .filter_map(|name| name.split(' ').next())
            .collect();
        let mut findings: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for found in report.findings.iter().filter(|found| counts(found)) {
            for name in subjects.installed_as(&found.package) {
                findings.entry(name).or_default().push(known.finding(found));
            }
        }
        let mut not_checked = BTreeSet::new();
        for package in &report.unchecked {
            not_checked.extend(subjects.installed_as(package));
        }
        let mut packages = Vec::new();
        for inventory in machine.inventories {
            let (all, unread) = inventory.into_parts();
            problems.extend(unread.iter().map(ToString::to_string));
            for package in all {
                let mut evidence = recorded(&package);
                let is_known =
                    !unchecked.contains(&*package.name) && !not_checked.contains(&package.name);
                if is_known {
                    evidence.coverage = known.coverage;
                }
                evidence.findings = findings.get(&package.name).cloned().unwrap_or_default();
                packages.push((evidence, order_of(&package.kind)));
            }
        }
        packages.sort_by(|a, b| (&a.0.name, &a.0.version).cmp(&(&b.0.name, &b.0.version)));
        problems.extend(known.problems);
        Self { packages, problems }
    }

    /// Only these; all, if none is named.
    pub fn keep(&mut self, names: &[String]) -> Result<(), Failure> {
        for name in names {
            if !self
                .packages
                .iter()
                .any(|(package, _)| package.name.as_ref() == Some(name))
            {
                return Err(Failure::incomplete(format!("{name} is not installed"))
                    .try_this("omg audit package FILE, for a package that is not installed yet"));
            }
        }
        if !names.is_empty() {
            self.packages
                .retain(|(package, _)| package.name.as_ref().is_some_and(|n| names.contains(n)));
        }
        Ok(())
    }
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

/// A finding of a version that nobody examined counts for a scan with `--strict` only.
fn counts(finding: &omg_vuln::Finding) -> bool {
    finding.state != State::LikelyStale && finding.informational.is_none()
}

/// What a scan knows.
pub struct Known {
    pub coverage: Coverage,
    pub problems: Vec<String>,
    kev: bool,
    epss: bool,
}

impl Known {
    /// `named` says that the advisories were given by hand, which are as new as they are said to be.
    pub fn new(found: &LookedUp, named: bool, at: DateTime<Utc>) -> Self {
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
            kev: found.has_kev,
            epss,
        }
    }

    pub fn finding(&self, found: &omg_vuln::Finding) -> Finding {
        let mut finding = Finding::new(found.advisory.clone());
        finding.aliases.clone_from(&found.aliases);
        finding.severity = match found.severity {
            omg_vuln::Severity::None => Severity::None,
            omg_vuln::Severity::Low => Severity::Low,
            omg_vuln::Severity::Medium => Severity::Medium,
            omg_vuln::Severity::High => Severity::High,
            omg_vuln::Severity::Critical => Severity::Critical,
            omg_vuln::Severity::Unknown => Severity::Unknown,
        };
        finding.kev = match &found.kev {
            Some(_) => Some(true),
            None => self.kev.then_some(false),
        };
        finding.epss = match found.epss {
            Some(score) => Epss::Score(score.probability()),
            None if self.epss => Epss::NotScored,
            None => Epss::Unknown,
        };
        finding.fix = match (&found.fixed_in, found.state) {
            (Some(_), _) => Fix::Available,
            (None, State::Affected) => Fix::None,
            (None, _) => Fix::Unknown,
        };
        finding
    }
}

/// What the package database recorded. Signatures were checked by the package manager then, and
/// it does not record by whom they were: good enough for `any`, and not for `trusted`.
fn recorded(package: &inventory::Package) -> Evidence {
    let mut evidence = described(package);
    evidence.signature = match package.validation.as_slice() {
        [] => Signature::Unknown,
        list if list.contains(&Validation::Pgp) => Signature::Untrusted,
        _ => Signature::Missing,
    };
    evidence
}

/// What a package says of itself.
pub fn described(package: &inventory::Package) -> Evidence {
    let mut evidence = Evidence::new(package.name.clone(), package.version.clone());
    evidence.pkgbase = Some(package.source_name().to_owned());
    evidence.provides = Some(package.provides.clone());
    evidence.origin = match &package.origin {
        inventory::Origin::Repository(name) => origin(package, name),
        _ => Origin::Unknown,
    };
    evidence.licences = licences(package);
    evidence.released = package.built_at;
    evidence
}

/// Repositories whose names the distribution uses itself. Everybody can give a repository such a
/// name: it says where a package was looked up, and its signature says the rest.
pub fn origin(package: &inventory::Package, repository: &str) -> Origin {
    const ARCH: [&str; 7] = [
        "core",
        "core-testing",
        "extra",
        "extra-testing",
        "multilib",
        "multilib-testing",
        "gnome-unstable",
    ];
    let repository = repository.to_owned();
    match package.kind == PackageKind::Alpm && ARCH.contains(&&*repository) {
        true => Origin::Official { repository },
        false => Origin::ThirdParty { repository },
    }
}

/// Several entries hold at once, as ArchWiki says of PKGBUILD's `license`.
fn licences(package: &inventory::Package) -> Licences {
    if package.licences.is_empty() {
        return Licences::Unknown;
    }
    let debian = package.kind == PackageKind::Deb;
    let resolve = |recorded: &String| {
        let found = match debian {
            true => licence::resolve_debian(recorded),
            false => licence::resolve(recorded),
        };
        let unresolved = || Licence::Unresolved(recorded.clone());
        match &found {
            licence::Licence::Ambiguous {
                recorded,
                candidates,
            } => {
                let candidates: Result<Vec<_>, _> = candidates
                    .iter()
                    .map(|text| Expression::parse(text))
                    .collect();
                candidates.map_or_else(
                    |_| unresolved(),
                    |candidates| Licence::Ambiguous {
                        recorded: recorded.clone(),
                        candidates,
                    },
                )
            }
            other => match other.expression().map(Expression::parse) {
                Some(Ok(expression)) => Licence::Expression(expression),
                _ => unresolved(),
            },
        }
    };
    Licences::AllOf(package.licences.iter().map(resolve).collect())
}

pub fn order_of(kind: &PackageKind) -> Order {
    match kind {
        PackageKind::Deb => Order::Debian,
        PackageKind::Apk => Order::Apk,
        _ => Order::Alpm,
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
