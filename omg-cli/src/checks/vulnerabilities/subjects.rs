//! What is asked about: the machine, or lock files and SBOMs instead.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use omg_sbom::inventory::pacman::{LocalDatabase, Names};
use omg_sbom::inventory::{Detail, Inventory, Machine, OsRelease, Package, PackageKind, Problem};

use super::query::ScanQuery;
use crate::convert::subject::{self, Subject, System, is_judged_by_its_base};
use crate::convert::support;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_bounded;

/// The largest description of a package in pacman's database.
const MAX_DESC: u64 = 1 << 20;

/// The packages to look up, and everything about them that could not be read.
#[derive(Debug, Default)]
pub struct Subjects {
    /// What advisories speak of, sorted, each once.
    pub asked: Vec<omg_vuln::Package>,
    /// Which of the installed packages these stand for, in their order.
    members: Vec<usize>,
    /// Where in `members` those of each begin.
    starts: Vec<usize>,
    /// What pacman installed, and where its database has the rest.
    names: Option<Names>,
    local: Option<PathBuf>,
    /// Everything else that is installed, or listed in the files.
    installed: Vec<Package>,
    on: System,
    /// What no advisory can speak of, with the reason.
    pub unknown: BTreeMap<String, &'static str>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// How the system calls itself, where it was looked at.
    pub system: Option<String>,
}

/// An installed package: as much of its identity as every reading of the machine gives.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Installed {
    kind: PackageKind,
    name: String,
    version: String,
}

impl Installed {
    pub fn of(package: &Package) -> Self {
        Self {
            kind: package.kind.clone(),
            name: package.name.clone(),
            version: package.version.clone(),
        }
    }
}

impl Subjects {
    /// Packages that are not installed, as if they were on this machine.
    pub fn of(packages: Vec<Package>, os: Option<OsRelease>) -> Self {
        let subjects = Self {
            installed: packages,
            on: System::new(os),
            ..Self::default()
        };
        subjects.finish()
    }

    /// How many packages are installed, or listed in the files.
    pub fn installed(&self) -> usize {
        self.named() + self.installed.len()
    }

    /// The versions in which a package is installed.
    pub fn versions(&self, name: &str) -> Vec<String> {
        let all = (0..self.installed()).filter_map(|index| self.package(index));
        let same = all.filter(|package| package.name == name);
        same.map(|package| package.version.to_string()).collect()
    }

    fn named(&self) -> usize {
        self.names.as_ref().map_or(0, Names::len)
    }

    /// One of the installed packages: first those of pacman, then the others.
    fn package(&self, index: usize) -> Option<Cow<'_, Package>> {
        match index.checked_sub(self.named()) {
            Some(index) => self.installed.get(index).map(Cow::Borrowed),
            None => {
                let (name, version) = self.names.as_ref()?.get(index)?;
                Some(Cow::Owned(Package::new(PackageKind::Alpm, name, version)))
            }
        }
    }

    /// The installed packages that an advisory's package stands for, by name, sorted.
    pub fn installed_as(&self, package: &omg_vuln::Package) -> Vec<String> {
        let mut names: Vec<String> = self
            .members_of(package)
            .map(|package| package.name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The installed packages that an advisory's package stands for.
    pub fn installed_for(&self, package: &omg_vuln::Package) -> Vec<Installed> {
        self.members_of(package)
            .map(|package| Installed::of(&package))
            .collect()
    }

    /// The installed packages that no source of advisories is asked about.
    pub fn never_asked(&self) -> impl Iterator<Item = Installed> {
        let asked: BTreeSet<usize> = self.members.iter().copied().collect();
        let others = (0..self.installed()).filter(move |index| !asked.contains(index));
        others.filter_map(|index| Some(Installed::of(&*self.package(index)?)))
    }

    /// The package URL of what an advisory speaks of.
    pub fn purl(&self, package: &omg_vuln::Package) -> Option<String> {
        let first = self.whole(self.members_of(package).next()?);
        subject::source_purl(&first, self.on.os.as_ref(), &package.name, &package.version)
    }

    /// The package URLs of the installed packages that an advisory's package stands for.
    pub fn purls(&self, package: &omg_vuln::Package) -> Vec<String> {
        let os = self.on.os.as_ref();
        let members = self.members_of(package);
        let mut purls: Vec<String> = members
            .filter_map(|member| self.whole(member).purl(os).ok())
            .collect();
        purls.sort_unstable();
        purls.dedup();
        purls
    }

    /// The package with its architecture: of pacman's packages only the names were read, which is
    /// enough to look all of them up, and not to say which one is meant.
    fn whole<'a>(&self, package: Cow<'a, Package>) -> Cow<'a, Package> {
        let (Some(local), PackageKind::Alpm, None) =
            (&self.local, &package.kind, &package.architecture)
        else {
            return package;
        };
        let folder = format!("{}-{}", package.name, package.version);
        let read = || -> Option<Package> {
            let desc = read_bounded(&local.join(&folder).join("desc"), MAX_DESC).ok()?;
            let mut one = LocalDatabase::new(Detail::Full);
            one.add(folder.as_bytes(), Some(&desc)).ok()?;
            one.finish().into_parts().0.pop()
        };
        match read().filter(|read| read.name == package.name) {
            Some(read) => Cow::Owned(read),
            None => package,
        }
    }

    /// Whatever package URL the package was given meanwhile.
    fn members_of(&self, package: &omg_vuln::Package) -> impl Iterator<Item = Cow<'_, Package>> {
        fn key(p: &omg_vuln::Package) -> (&omg_vuln::Ecosystem, &str, &str) {
            (&p.ecosystem, &p.name, &p.version)
        }
        let members = self
            .asked
            .binary_search_by(|asked| key(asked).cmp(&key(package)))
            .ok()
            .and_then(|position| {
                let start = *self.starts.get(position)?;
                let end = self.starts.get(position + 1).copied();
                self.members.get(start..end.unwrap_or(self.members.len()))
            });
        let members = members.unwrap_or_default().iter();
        members.filter_map(|index| self.package(*index))
    }

    fn add_inventory(&mut self, inventory: Inventory) {
        let (packages, problems) = inventory.into_parts();
        if self.installed.is_empty() {
            self.installed = packages;
        } else {
            self.installed.extend(packages);
        }
        self.problems.extend(problems);
    }

    /// Sorts out who is asked about.
    fn finish(mut self) -> Self {
        let mut asked: Vec<(omg_vuln::Package, usize)> = Vec::with_capacity(self.installed());
        self.ask_names(&mut asked);
        let named = self.named();
        for (index, package) in self.installed.iter().enumerate() {
            match subject::of(package, &self.on) {
                Subject::Own => {}
                Subject::Unknown(reason) => {
                    self.unknown
                        .insert(format!("{} {}", package.name, package.version), reason);
                }
                Subject::Asked(name) => asked.push((name, named + index)),
            }
        }
        asked.sort_unstable();
        self.asked.reserve_exact(asked.len());
        for (package, index) in asked {
            if self.asked.last() != Some(&package) {
                self.asked.push(package);
                self.starts.push(self.members.len());
            }
            self.members.push(index);
        }
        self.problems.sort();
        self
    }

    /// All that pacman installed is of one ecosystem.
    fn ask_names(&mut self, asked: &mut Vec<(omg_vuln::Package, usize)>) {
        let Some(names) = &self.names else { return };
        match subject::of(&Package::new(PackageKind::Alpm, "any", "any"), &self.on) {
            Subject::Own => {}
            Subject::Unknown(reason) => {
                let all = names.iter();
                self.unknown
                    .extend(all.map(|(name, version)| (format!("{name} {version}"), reason)));
            }
            Subject::Asked(any) => {
                let package =
                    |(name, version)| omg_vuln::Package::new(any.ecosystem.clone(), name, version);
                asked.extend(names.iter().map(package).zip(0..));
            }
        }
    }
}

pub fn gather(context: &Context, query: &ScanQuery) -> Result<Subjects, Failure> {
    let mut subjects = Subjects::default();
    if query.is_of_machine() {
        machine(context, &mut subjects)?;
    }
    for path in &query.lockfiles {
        let inventory = Inventory::read_lockfile(path).map_err(|error| {
            Failure::incomplete(format!("cannot read the lock file {}", path.display()))
                .because(&error)
        })?;
        subjects.add_inventory(inventory);
    }
    for path in &query.sboms {
        let inventory = Inventory::read_sbom(path).map_err(|error| {
            Failure::incomplete(format!("cannot read the SBOM {}", path.display())).because(&error)
        })?;
        subjects.add_inventory(inventory);
    }
    Ok(subjects.finish())
}

fn machine(context: &Context, subjects: &mut Subjects) -> Result<(), Failure> {
    let root = &context.common.root;
    let (machine, names) = Machine::read_names(root).map_err(|error| {
        Failure::incomplete(format!(
            "cannot tell what is installed under {}",
            root.display()
        ))
        .because(&error)
        .try_this("omg audit scan --lockfile FILE, or --root DIR for another system")
    })?;
    let os = machine.os_release.as_ref();
    subjects.system = os.map(|os| os.pretty_name.clone().unwrap_or_else(|| os.id.clone()));
    if let Some(os) = os.filter(|os| is_judged_by_its_base(os)) {
        context.warn(&format!(
            "{} is a derivative: its packages are judged by its base's advisories, and may \
             differ from the base's",
            os.pretty_name.as_deref().unwrap_or(&os.id)
        ));
    }
    subjects.problems.extend(machine.problems.iter().cloned());
    subjects
        .problems
        .extend(os.and_then(|os| support::ended(os, context.at)));
    if let Some(names) = &names {
        subjects.problems.extend_from_slice(names.problems());
    }
    subjects.local = names.is_some().then(|| root.join("var/lib/pacman/local"));
    subjects.names = names;
    for inventory in machine.inventories {
        subjects.add_inventory(inventory);
    }
    subjects.on = System::new(machine.os_release);
    if subjects.installed() == 0 {
        let detail = "the package database lists nothing";
        let message = format!("cannot tell what is installed under {}", root.display());
        return Err(Failure::incomplete(format!("{message}: {detail}")));
    }
    Ok(())
}
