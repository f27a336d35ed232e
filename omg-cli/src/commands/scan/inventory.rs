//! What is asked about: the machine, or lock files and SBOMs instead.

use std::collections::BTreeMap;

use omg_sbom::inventory::{Detail, Inventory, Machine, OsRelease, Package, Problem};

use crate::args;
use crate::commands::Context;
use crate::convert::{Subject, subject};
use crate::failure::Failure;

/// The packages to look up, and everything about them that could not be read.
#[derive(Debug, Default)]
pub struct Subjects {
    /// What advisories speak of, each with the installed packages that were made from it.
    pub asked: BTreeMap<omg_vuln::Package, Vec<String>>,
    /// What no advisory can speak of, with the reason.
    pub unknown: BTreeMap<String, &'static str>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// How many packages are installed, or listed in the files.
    pub installed: usize,
    /// How the system calls itself, where it was looked at.
    pub system: Option<String>,
}

impl Subjects {
    pub fn packages(&self) -> Vec<omg_vuln::Package> {
        self.asked.keys().cloned().collect()
    }

    fn add(&mut self, package: &Package, os: Option<&OsRelease>) {
        self.installed += 1;
        match subject(package, os) {
            Subject::Own => {}
            Subject::Unknown(reason) => {
                self.unknown
                    .insert(format!("{} {}", package.name, package.version), reason);
            }
            Subject::Asked(asked) => {
                let installed = self.asked.entry(asked).or_default();
                installed.push(package.name.clone());
            }
        }
    }

    fn add_inventory(&mut self, inventory: Inventory, os: Option<&OsRelease>) {
        let (packages, problems) = inventory.into_parts();
        packages.iter().for_each(|package| self.add(package, os));
        self.problems.extend(problems);
    }

    fn finish(mut self) -> Self {
        for installed in self.asked.values_mut() {
            installed.sort_unstable();
            installed.dedup();
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
        subjects.add_inventory(inventory, None);
    }
    for path in &args.sbom {
        let inventory = Inventory::read_sbom(path).map_err(|error| {
            Failure::incomplete(format!("cannot read the SBOM {}", path.display())).because(&error)
        })?;
        subjects.add_inventory(inventory, None);
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
        subjects.add_inventory(inventory, machine.os_release.as_ref());
    }
    if subjects.installed == 0 {
        let detail = "the package database lists nothing";
        let message = format!("cannot tell what is installed under {}", root.display());
        return Err(Failure::incomplete(format!("{message}: {detail}")));
    }
    Ok(())
}
