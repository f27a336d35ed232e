//! What a document has of what a framework asks for, element by element.
//!
//! A gap report, and no claim of compliance: whether a framework is complied with depends on
//! much that no document can show.

use super::cyclonedx::version::Version;
use crate::document::{
    component::{Component, Declared, Need, ReferenceKind},
    sbom::Sbom,
    vulnerability::{Looked, Placement},
};

/// Whose list of elements is gone through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Framework {
    /// NTIA, The Minimum Elements For an SBOM (2021).
    Ntia,
    /// CISA, 2025 Minimum Elements for an SBOM (draft).
    Cisa2025,
    /// FDA, Cybersecurity in Medical Devices: NTIA's elements and three more.
    Fda,
    /// BSI TR-03183-2, version 2.1.
    Bsi,
}

impl Framework {
    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ntia => "NTIA minimum elements (2021)",
            Self::Cisa2025 => "CISA minimum elements (draft of 2025)",
            Self::Fda => "FDA premarket cybersecurity guidance",
            Self::Bsi => "BSI TR-03183-2 version 2.1",
        }
    }
}

/// One element that a framework asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Element {
    /// What is asked for.
    pub name: &'static str,
    /// How many of the components have it; of the document itself, 1 if it does.
    pub have: usize,
    /// How many there are; 1 for what is asked of the document itself.
    pub of: usize,
    /// What is missing and what gives it, or what stands for it.
    pub note: &'static str,
}

impl Element {
    /// Whether it is there wherever it is asked for.
    pub fn is_met(&self) -> bool {
        self.have == self.of
    }
}

/// Goes through the elements of `framework`, for a document in `version` of CycloneDX.
///
/// # Examples
///
/// ```
/// use omg_sbom::{Sbom, Serial, check::{self, Framework}, cyclonedx::Version};
///
/// let sbom = Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
///     .build(&|_, a, b| a.cmp(b));
/// let elements = check::elements(&sbom, Framework::Ntia, Version::V1_5);
/// let author = elements.iter().find(|element| element.name == "author of the SBOM");
/// assert!(author.is_some_and(|author| !author.is_met()));
/// ```
pub fn elements(sbom: &Sbom, framework: Framework, version: Version) -> Vec<Element> {
    let count = Counter(sbom);
    let mut elements = match framework {
        Framework::Bsi => Vec::new(),
        _ => vec![count.each(
            "supplier",
            "the packager or distribution, as recorded",
            |c| c.supplier().is_some(),
        )],
    };
    elements.extend([
        count.each("component name", "", |_| true),
        count.each("component version", "", |_| true),
        count.each("unique identifier", "package URL", |c| c.purl().is_some()),
        // "Known Unknowns" of NTIA's minimum elements (2021): where the graph is not whole, that is
        // to be said, and which component it is about.
        count.each(
            "dependency relationship",
            "known unknowns are in compositions",
            Component::needs_are_known,
        ),
        count.document("author of the SBOM", "--author", !sbom.authors.is_empty()),
        count.document("timestamp", "", true),
    ]);
    match framework {
        Framework::Ntia => {}
        Framework::Cisa2025 => elements.extend(cisa(&count)),
        Framework::Fda => elements.extend(fda(&count)),
        Framework::Bsi => elements.extend(bsi(&count, version)),
    }
    elements
}

struct Counter<'a>(&'a Sbom);

impl Counter<'_> {
    fn each(&self, name: &'static str, note: &'static str, has: fn(&Component) -> bool) -> Element {
        let components = self.0.components();
        Element {
            name,
            have: components.iter().filter(|component| has(component)).count(),
            of: components.len(),
            note,
        }
    }

    fn document(&self, name: &'static str, note: &'static str, has: bool) -> Element {
        Element {
            name,
            have: usize::from(has),
            of: 1,
            note,
        }
    }

    fn hash(&self) -> Element {
        let note = "of the package archive: from repositories, or --package-cache";
        self.each("component hash", note, |c| {
            c.package().archive_sha256.is_some()
        })
    }

    fn licence(&self, name: &'static str) -> Element {
        let note = "SPDX expression; ambiguous names are not counted";
        self.each(name, note, |c| {
            matches!(c.licence(), Declared::Expression(_))
        })
    }

    fn completeness(&self) -> Element {
        let note = "compositions say what is complete; here: the package databases were read whole";
        self.document("coverage and known unknowns", note, self.0.is_complete())
    }
}

fn cisa(count: &Counter<'_>) -> Vec<Element> {
    vec![
        count.hash(),
        count.licence("licence"),
        count.document("tool name", "", count.0.tool.is_some()),
        count.document("generation context", "life cycle phase: operations", true),
        count.completeness(),
    ]
}

fn fda(count: &Counter<'_>) -> Vec<Element> {
    let nobody = "not recorded in package databases";
    let looked = *count.0.looked() == Looked::Fully;
    let support = "SUPPORT_END of its os-release";
    let system = count.0.system.as_ref();
    let supported = system.is_some_and(|system| system.support_end.is_some());
    vec![
        count.each("level of support", nobody, |_| false),
        count.each("end-of-support date", nobody, |_| false),
        count.document("end-of-support date of the system", support, supported),
        count.document("known vulnerabilities", "looked for in all sources", looked),
    ]
}

fn bsi(count: &Counter<'_>, version: Version) -> Vec<Element> {
    let sbom = count.0;
    let mailed = sbom.authors.iter().any(|author| author.email.is_some());
    let apart =
        sbom.vulnerabilities().is_empty() || sbom.vulnerabilities.placement == Placement::Apart;
    vec![
        count.document(
            "creator's mail address or URL",
            "--author with an address",
            mailed,
        ),
        count.document(
            "format",
            "CycloneDX 1.6 or later: --spec-version",
            version >= Version::V1_6,
        ),
        count.document("no vulnerabilities within", "--vex-output", apart),
        count.each(
            "component creator's mail address or URL",
            "as recorded",
            |c| {
                c.supplier()
                    .is_some_and(|supplier| supplier.email.is_some())
                    || c.references()
                        .iter()
                        .any(|r| r.kind == ReferenceKind::Website)
            },
        ),
        count.each("file name", "from repositories, or --package-cache", |c| {
            c.package().archive_name.is_some()
        }),
        count.licence("distribution licence"),
        count.each(
            "SHA-512 of the deployable component",
            "repositories record SHA-256; --package-cache, of files that pacman kept",
            |c| c.package().archive_sha512.is_some(),
        ),
        count.each("archive, structured", "of package files with a name", |c| {
            c.package().archive_name.is_some()
        }),
        count.each("executable", "--files, which looks at the files", |c| {
            let executable = c.files().and_then(|files| files.executable);
            executable.is_some() && c.package().archive_name.is_some()
        }),
        count.each("scope (additional)", "", |c| c.need() != Need::Unknown),
        count.each("source code URI (additional)", "", |c| {
            c.references()
                .iter()
                .any(|r| r.kind != ReferenceKind::Website)
        }),
        count.completeness(),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        Serial,
        inventory::{Inventory, Package, PackageKind, Source},
    };

    #[test]
    fn a_need_that_nothing_meets_is_a_known_unknown() {
        let mut package = Package::new(PackageKind::Alpm, "a", "1-1");
        package.depends = vec!["nothing".to_owned()];
        // What a crate needs is in no database of packages.
        let unknown = Package::new(PackageKind::Cargo, "b", "1.0.0");
        let packages = vec![package, unknown];
        let sbom = Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent)
            .inventory(Inventory::new(Source::Pacman, packages, Vec::new()))
            .build(&|_, a, b| a.cmp(b));
        let elements = elements(&sbom, Framework::Ntia, Version::V1_5);
        let element = elements
            .iter()
            .find(|e| e.name == "dependency relationship");
        assert_eq!(element.map(|e| (e.have, e.of)), Some((1, 2)));
    }
}
