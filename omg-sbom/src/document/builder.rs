use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{
    component,
    component::{Component, Contact, Declared},
    conclusions::Conclusions,
    content,
    sbom::Sbom,
    serial,
    serial::{Reproducible, Serial},
    text::clean,
    vulnerability::Vulnerabilities,
};
#[cfg(feature = "fs")]
use crate::model::machine::Machine;
use crate::{
    model::{
        files::report::Report,
        inventory::Inventory,
        os_release::OsRelease,
        package::{Package, PackageKind},
        problem::Problem,
    },
    relate::{
        graph,
        licence::{debian::resolve_debian, meaning::Licence, recorded::resolve},
        order::Order,
    },
};

/// Takes what a document is made of; made by [`Sbom::builder`].
///
/// Whatever is not given is absent from the document.
#[derive(Debug)]
pub struct SbomBuilder {
    at: DateTime<Utc>,
    serial: Serial,
    tool: Option<(String, String)>,
    authors: Vec<Contact>,
    supplier: Option<String>,
    data_licence: Option<String>,
    host: Option<String>,
    system: Option<OsRelease>,
    packages: Vec<Package>,
    problems: Vec<Problem>,
    files: Option<Report>,
    conclusions: Conclusions,
}

impl Sbom {
    /// Starts a document that is made `at` this time.
    pub fn builder(at: DateTime<Utc>, serial: Serial) -> SbomBuilder {
        SbomBuilder::new(at, serial)
    }
}

impl SbomBuilder {
    fn new(at: DateTime<Utc>, serial: Serial) -> Self {
        Self {
            at,
            serial,
            tool: None,
            authors: Vec::new(),
            supplier: None,
            data_licence: None,
            host: None,
            system: None,
            packages: Vec::new(),
            problems: Vec::new(),
            files: None,
            conclusions: Conclusions::default(),
        }
    }

    /// The program that makes the document.
    pub fn tool(mut self, name: &str, version: &str) -> Self {
        self.tool = Some((clean(name).into_owned(), clean(version).into_owned()));
        self
    }

    /// Who makes the document; repeatable.
    pub fn author(mut self, author: Contact) -> Self {
        self.authors.push(author);
        self
    }

    /// Who supplies the system that the document describes (default: what its os-release says,
    /// [`OsRelease::vendor`]).
    pub fn supplier(mut self, name: &str) -> Self {
        self.supplier = Some(clean(name).into_owned());
        self
    }

    /// The licence of the document itself, an SPDX expression such as `CC0-1.0`.
    ///
    /// One that is none is left out.
    pub fn data_licence(mut self, expression: &str) -> Self {
        self.data_licence = resolve(expression).expression().map(str::to_owned);
        self
    }

    /// The name of the machine.
    pub fn host(mut self, name: &str) -> Self {
        self.host = Some(clean(name).into_owned());
        self
    }

    /// The operating system; package URLs of distributions need it.
    pub fn system(mut self, os: OsRelease) -> Self {
        self.system = Some(os);
        self
    }

    /// Packages, and what of them could not be read; repeatable.
    pub fn inventory(mut self, inventory: Inventory) -> Self {
        let (packages, problems) = inventory.into_parts();
        self.packages.extend(packages);
        self.problems.extend(problems);
        self
    }

    /// What could not be read and belongs to no inventory.
    pub fn problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems.extend(problems);
        self
    }

    /// Who concludes which licence a package has (default: nobody). CycloneDX 1.5 cannot tell
    /// declared from concluded licences, and 1.6 only of single ones that SPDX lists.
    pub fn conclusions(mut self, conclusions: Conclusions) -> Self {
        self.conclusions = conclusions;
        self
    }

    /// How the installed files compare with what is recorded of them.
    pub fn files(mut self, report: Report) -> Self {
        self.files = Some(report);
        self
    }

    /// What the databases of a whole machine say.
    #[cfg(feature = "fs")]
    pub fn machine(mut self, machine: Machine) -> Self {
        self.problems.extend(machine.problems);
        self.system = machine.os_release.or(self.system);
        for inventory in machine.inventories {
            self = self.inventory(inventory);
        }
        self
    }

    /// Makes the document. `order` compares the versions that dependencies name.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use omg_sbom::{Sbom, Serial, inventory::PackageKind};
    ///
    /// # fn dpkg(a: &str, b: &str) -> Ordering { a.cmp(b) }
    /// # fn pacman(a: &str, b: &str) -> Ordering { a.cmp(b) }
    /// let sbom = Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
    ///     .build(&|kind, a, b| match kind {
    ///         PackageKind::Deb => dpkg(a, b),
    ///         _ => pacman(a, b),
    ///     });
    /// assert!(sbom.components().is_empty());
    /// ```
    pub fn build(self, order: Order<'_>) -> Sbom {
        let mut components = components(self.packages, self.system.as_ref(), order);
        if let Some(report) = &self.files {
            attach_files(&mut components, report);
        }
        let mut sbom = Sbom {
            at: self.at,
            serial: [0; 16],
            reproducible: Reproducible::No,
            tool: self.tool,
            authors: self.authors,
            supplier: self.supplier,
            data_licence: self.data_licence,
            host: self.host,
            system: self.system,
            components,
            problems: self.problems,
            vulnerabilities: Vulnerabilities::default(),
            files: self.files,
            conclusions: self.conclusions,
        };
        match self.serial {
            Serial::Random(bytes) => sbom.serial = serial::random(bytes),
            Serial::FromContent => {
                sbom.reproducible = Reproducible::Yes;
                sbom.serial = content::serial(&sbom);
            }
        }
        sbom
    }
}

fn components(packages: Vec<Package>, os: Option<&OsRelease>, order: Order<'_>) -> Vec<Component> {
    let borrowed: Vec<&Package> = packages.iter().collect();
    let needs = graph::resolve(&borrowed, order);
    let mut is_needed = vec![false; packages.len()];
    for on in needs.iter().flatten().flat_map(|needs| &needs.on) {
        if let Some(needed) = is_needed.get_mut(*on as usize) {
            *needed = true;
        }
    }
    let mut references = HashSet::with_capacity(packages.len());
    let mut licences = HashMap::new();
    packages
        .into_iter()
        .zip(needs)
        .zip(is_needed)
        .map(|((package, needs), is_needed)| {
            let purl = package.purl(os).ok();
            let reference = unique(purl.as_deref(), &package, &mut references);
            Component {
                licence: declared(&package, &mut licences),
                supplier: component::supplier(&package, os),
                references: component::references(&package, os),
                need: component::need(&package, is_needed),
                package,
                reference,
                purl,
                needs,
                files: None,
            }
        })
        .collect()
}

fn attach_files(components: &mut [Component], report: &Report) {
    type Key<'a> = (&'a str, &'a str, Option<&'a str>);
    let checked = report.packages.iter();
    let mut checked: HashMap<Key<'_>, _> = checked
        .map(|p| ((&*p.name, &*p.version, p.architecture.as_deref()), p))
        .collect();
    for component in components {
        let package = &component.package;
        let architecture = package.architecture.as_deref();
        let found = checked.remove(&(&*package.name, &*package.version, architecture));
        component.files = found.cloned();
    }
}

/// The package URL, or what takes its place; with a number where that is taken.
fn unique(purl: Option<&str>, package: &Package, taken: &mut HashSet<String>) -> String {
    let base = match purl {
        Some(purl) => purl.to_owned(),
        None => {
            let architecture = package.architecture.as_deref().unwrap_or_default();
            let parts = [&package.name, "@", &package.version, "?", architecture];
            format!("package/{}/{}", package.kind, clean(&parts.concat()))
        }
    };
    let mut reference = base.clone();
    let mut number = 1;
    while !taken.insert(reference.clone()) {
        number += 1;
        reference = format!("{base}#{number}");
    }
    reference
}

/// Most packages share a few licences: each text is looked at once.
fn declared(package: &Package, known: &mut HashMap<(bool, String), Licence>) -> Declared {
    let mut values = Vec::with_capacity(package.licences.len());
    for text in &package.licences {
        if text.trim().is_empty() {
            continue;
        }
        let key = (package.kind == PackageKind::Deb, text.clone());
        if let Some(value) = known.get(&key) {
            values.push(value.clone());
        } else {
            let value = match package.kind {
                PackageKind::Deb => resolve_debian(&clean(text)),
                _ => resolve(&clean(text)),
            };
            known.insert(key, value.clone());
            values.push(value);
        }
    }
    Declared::of(&values, &package.kind)
}
