use chrono::{DateTime, Utc};

use super::{
    component::{Component, Contact},
    conclusions::Conclusions,
    serial::{self, Reproducible},
    vulnerability::{Looked, Placement, Vulnerabilities, Vulnerability},
};
use crate::model::{files::report::Report, os_release::OsRelease, problem::Problem};

/// What is installed on one machine, ready to be written as a document.
///
/// Made by [`Sbom::builder`]. Nothing in it is invented: what the databases do not record is
/// absent, and [`is_complete`](Self::is_complete) says whether they could be read.
///
/// # Examples
///
/// ```
/// use chrono::{TimeZone, Utc};
/// use omg_sbom::{Sbom, Serial, inventory::{OsRelease, dpkg}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let status = b"Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\n\
///     Version: 3.0.15-1~deb12u1\nDepends: libc6 (>= 2.34)\n\n\
///     Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n";
/// let at = Utc.with_ymd_and_hms(2026, 11, 24, 12, 0, 0).single().ok_or("time")?;
/// let sbom = Sbom::builder(at, Serial::FromContent)
///     .system(OsRelease::parse(b"ID=debian\nVERSION_ID=\"12\"\n")?)
///     .inventory(dpkg::parse_status(status)?)
///     .build(&|_, a, b| a.cmp(b)); // for the example: as text
/// let libssl = &sbom.components()[1];
/// assert_eq!(
///     libssl.purl(),
///     Some("pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12")
/// );
/// assert_eq!(sbom.needs_of(libssl).count(), 1);
/// assert!(sbom.is_complete());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sbom {
    pub(crate) at: DateTime<Utc>,
    pub(crate) serial: [u8; 16],
    pub(crate) reproducible: Reproducible,
    pub(crate) tool: Option<(String, String)>,
    pub(crate) authors: Vec<Contact>,
    pub(crate) supplier: Option<String>,
    pub(crate) data_licence: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) system: Option<OsRelease>,
    pub(crate) components: Vec<Component>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) vulnerabilities: Vulnerabilities,
    pub(crate) files: Option<Report>,
    pub(crate) conclusions: Conclusions,
}

impl Sbom {
    /// One component for each installed package, in the order of the inventories.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// What could not be read, and so may be missing.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether every package database was read in full.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }

    /// The components that `component` needs.
    pub fn needs_of<'a>(&'a self, component: &'a Component) -> impl Iterator<Item = &'a Component> {
        let on = component.needs.iter().flat_map(|needs| &needs.on);
        on.filter_map(|on| self.components.get(*on as usize))
    }

    /// How the installed files compare with what is recorded, where somebody looked.
    pub fn files(&self) -> Option<&Report> {
        self.files.as_ref()
    }

    /// Whether known vulnerabilities were looked for, as [`attach`](Self::attach) was told.
    pub fn looked(&self) -> &Looked {
        &self.vulnerabilities.looked
    }

    /// Where the records stand, as [`attach`](Self::attach) was told.
    pub fn placement(&self) -> Placement {
        self.vulnerabilities.placement
    }

    /// What was attached, sorted by name.
    pub fn vulnerabilities(&self) -> &[Vulnerability] {
        &self.vulnerabilities.records
    }

    /// The serial number, `urn:uuid:…`.
    pub fn serial_number(&self) -> String {
        serial::urn(&self.serial)
    }

    /// Who supplies the system: as the document's maker says, else as the system itself does.
    pub fn supplier(&self) -> Option<&str> {
        let own = || self.system.as_ref()?.vendor();
        self.supplier.as_deref().or_else(own)
    }

    /// What stands at the root: the operating system, by its own name.
    pub fn system_name(&self) -> &str {
        let system = self.system.as_ref();
        let name = system.map(|os| os.pretty_name.as_deref().unwrap_or(&os.id));
        name.unwrap_or("unknown system")
    }

    /// The version of the operating system; rolling ones name a build.
    pub fn system_version(&self) -> Option<&str> {
        let system = self.system.as_ref()?;
        system.version_id.as_deref().or(system.build_id.as_deref())
    }

    /// What every installed package stands below.
    #[cfg(feature = "cyclonedx")]
    pub(crate) const ROOT: &'static str = "system";
}
