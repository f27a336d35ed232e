//! What is asked about: the machine, or lock files and SBOMs instead.

use std::collections::BTreeMap;

use omg_sbom::inventory::{Detail, Inventory, Machine, Package, Problem};

use crate::args;
use crate::commands::Context;
use crate::convert::{self, Subject, System, subject};
use crate::failure::Failure;

/// The packages to look up, and everything about them that could not be read.
#[derive(Debug, Default)]
pub struct Subjects {
    /// What advisories speak of, sorted, each once.
    pub asked: Vec<omg_vuln::Package>,
    /// For each of these, which of the installed packages it stands for.
    members: Vec<Vec<usize>>,
    /// Everything that is installed, or listed in the files.
    installed: Vec<Package>,
    on: System,
    /// What no advisory can speak of, with the reason.
    pub unknown: BTreeMap<String, &'static str>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// How the system calls itself, where it was looked at.
    pub system: Option<String>,
}

impl Subjects {
    /// How many packages are installed, or listed in the files.
    pub fn installed(&self) -> usize {
        self.installed.len()
    }

    /// The installed packages that an advisory's package stands for, by name, sorted.
    pub fn installed_as(&self, package: &omg_vuln::Package) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .members_of(package)
            .map(|package| package.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The package URL of what an advisory speaks of.
    pub fn purl(&self, package: &omg_vuln::Package) -> Option<String> {
        let first = self.members_of(package).next()?;
        convert::source_purl(first, self.on.os.as_ref(), &package.name, &package.version)
    }

    /// Whatever package URL the package was given meanwhile.
    fn members_of(&self, package: &omg_vuln::Package) -> impl Iterator<Item = &Package> {
        fn key(p: &omg_vuln::Package) -> (&omg_vuln::Ecosystem, &str, &str) {
            (&p.ecosystem, &p.name, &p.version)
        }
        let position = self
            .asked
            .binary_search_by(|asked| key(asked).cmp(&key(package)))
            .ok();
        let members = position.map(|position| self.members[position].as_slice());
        members
            .unwrap_or_default()
            .iter()
            .map(|index| &self.installed[*index])
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
        let mut asked: Vec<(omg_vuln::Package, usize)> = Vec::with_capacity(self.installed.len());
        for (index, package) in self.installed.iter().enumerate() {
            match subject(package, &self.on) {
                Subject::Own => {}
                Subject::Unknown(reason) => {
                    self.unknown
                        .insert(format!("{} {}", package.name, package.version), reason);
                }
                Subject::Asked(name) => asked.push((name, index)),
            }
        }
        asked.sort_unstable();
        for (package, index) in asked {
            match self.members.last_mut() {
                Some(members) if self.asked.last() == Some(&package) => members.push(index),
                _ => {
                    self.asked.push(package);
                    self.members.push(vec![index]);
                }
            }
        }
        self.problems.sort();
        self
    }
}

pub fn gather(context: &Context, args: &args::Scan) -> Result<Subjects, Failure> {
    let mut subjects = Subjects::default();
    if args.lockfile.is_empty() && args.sbom.is_empty() {
        machine(context, &mut subjects)?;
    }
    for path in &args.lockfile {
        let inventory = Inventory::read_lockfile(path).map_err(|error| {
            Failure::incomplete(format!("cannot read the lock file {}", path.display()))
                .because(&error)
        })?;
        subjects.add_inventory(inventory);
    }
    for path in &args.sbom {
        let inventory = Inventory::read_sbom(path).map_err(|error| {
            Failure::incomplete(format!("cannot read the SBOM {}", path.display())).because(&error)
        })?;
        subjects.add_inventory(inventory);
    }
    Ok(subjects.finish())
}

fn machine(context: &Context, subjects: &mut Subjects) -> Result<(), Failure> {
    let root = &context.common.root;
    let machine = Machine::read_root(root, Detail::Names).map_err(|error| {
        Failure::incomplete(format!(
            "cannot tell what is installed under {}",
            root.display()
        ))
        .because(&error)
        .try_this("omg audit scan --lockfile FILE, or --root DIR for another system")
    })?;
    let os = machine.os_release.as_ref();
    subjects.system = os.map(|os| os.pretty_name.clone().unwrap_or_else(|| os.id.clone()));
    if let Some(os) = os.filter(|os| os.distribution().is_derivative) {
        context.warn(&format!(
            "{} is a derivative: its packages are judged by its base's advisories, and may \
             differ from the base's",
            os.pretty_name.as_deref().unwrap_or(&os.id)
        ));
    }
    subjects.problems.extend(machine.problems.iter().cloned());
    for inventory in machine.inventories {
        subjects.add_inventory(inventory);
    }
    subjects.on = System::new(machine.os_release);
    if subjects.installed.is_empty() {
        let detail = "the package database lists nothing";
        let message = format!("cannot tell what is installed under {}", root.display());
        return Err(Failure::incomplete(format!("{message}: {detail}")));
    }
    Ok(())
}
