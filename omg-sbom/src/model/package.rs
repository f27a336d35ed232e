use std::fmt;

use chrono::{DateTime, Utc};

use super::{
    digest::{Sha256, Sha512},
    state::State,
};

/// One installed or locked package, with everything that its source records.
///
/// A list that the source does not have is empty; a value that it does not have
/// is `None`. Text that is not UTF-8 is kept with U+FFFD in place of the wrong
/// bytes, except in names and versions, where it is a problem.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::{Package, PackageKind};
///
/// let mut package = Package::new(PackageKind::Cargo, "rand", "0.7.2");
/// package.licences.push("MIT OR Apache-2.0".to_owned());
/// assert_eq!(package.purl(None)?, "pkg:cargo/rand@0.7.2");
/// # Ok::<(), omg_sbom::PurlError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Package {
    /// The package manager or registry that the name belongs to.
    pub kind: PackageKind,
    /// The name; npm's carry their scope (`@types/node`), PyPI's are normalised (PEP 503).
    pub name: String,
    /// The version in the notation of the kind, never empty (`1:2.3-1`).
    pub version: String,
    /// The architecture, as the source spells it (`x86_64`, `amd64`, `any`, `all`).
    pub architecture: Option<String>,
    /// The source package: pacman's `%BASE%`, dpkg's `Source`, apk's `o:`.
    ///
    /// `None` means that the source names none, which for dpkg means the package's own name;
    /// [`source_name`](Self::source_name) decides.
    pub base: Option<String>,
    /// The version of the source package, only where it differs from `version` (dpkg).
    pub base_version: Option<String>,
    /// The meaning of a `base` that is absent.
    pub sourced: Sourced,
    /// The namespace of the package URL, only where an SBOM named one.
    pub namespace: Option<String>,
    /// The `distro` qualifier of the package URL (`debian-12`), only where an SBOM named one.
    pub distro: Option<String>,
    /// The `repository_url` qualifier of the package URL, only where an SBOM named one.
    pub repository_url: Option<String>,
    /// One line that says what it is.
    pub description: Option<String>,
    /// The project's home page.
    pub url: Option<String>,
    /// The licences as recorded, one element per recorded value, not normalised to SPDX.
    pub licences: Vec<String>,
    /// Who packaged it, as recorded (`Name <mail>` usually, but any text).
    pub maintainer: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// Why it is installed.
    pub reason: Option<InstallReason>,
    /// What it is needed for, where a lock file tells.
    pub scope: Scope,
    /// When it was installed.
    pub installed_at: Option<DateTime<Utc>>,
    /// When it was built.
    pub built_at: Option<DateTime<Utc>>,
    /// The size on disk, in bytes.
    pub installed_size: Option<u64>,
    /// The size of the package archive, in bytes.
    pub archive_size: Option<u64>,
    /// The file name of the package archive.
    pub archive_name: Option<String>,
    /// The digest of the package *archive*, not of the installed files.
    ///
    /// From a pacman sync database only where its version equals the installed one.
    pub archive_sha256: Option<Sha256>,
    /// As [`archive_sha256`](Self::archive_sha256); only from a package file itself.
    pub archive_sha512: Option<Sha512>,
    /// The detached OpenPGP signature of the package archive; not verified here.
    ///
    /// From a pacman sync database only where its version equals the installed one.
    pub archive_signature: Option<Vec<u8>>,
    /// How the archive was checked when it was installed (pacman).
    pub validation: Vec<Validation>,
    /// The groups that it belongs to; dpkg's section.
    pub groups: Vec<String>,
    /// What it needs, one element per recorded relation (`glibc>=2.38`, `libc6 (>= 2.36)`).
    pub depends: Vec<String>,
    /// What it can use, as recorded (`python: for the bindings`).
    pub optional_depends: Vec<String>,
    /// What else it answers to.
    pub provides: Vec<String>,
    /// What it cannot be installed beside.
    pub conflicts: Vec<String>,
    /// What it takes the place of.
    pub replaces: Vec<String>,
    /// dpkg's word on the package; `None` for all other kinds.
    pub state: Option<State>,
}

impl Package {
    /// Makes a package of which nothing but name and version is known.
    pub fn new(kind: PackageKind, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            version: version.into(),
            architecture: None,
            base: None,
            base_version: None,
            sourced: Sourced::Itself,
            namespace: None,
            distro: None,
            repository_url: None,
            description: None,
            url: None,
            licences: Vec::new(),
            maintainer: None,
            origin: Origin::Unknown,
            reason: None,
            scope: Scope::Unknown,
            installed_at: None,
            built_at: None,
            installed_size: None,
            archive_size: None,
            archive_name: None,
            archive_sha256: None,
            archive_sha512: None,
            archive_signature: None,
            validation: Vec::new(),
            groups: Vec::new(),
            depends: Vec::new(),
            optional_depends: Vec::new(),
            provides: Vec::new(),
            conflicts: Vec::new(),
            replaces: Vec::new(),
            state: None,
        }
    }

    /// The name of the source package: `base`, or the package's own name.
    ///
    /// Security trackers of distributions speak of source packages.
    pub fn source_name(&self) -> &str {
        self.base.as_deref().unwrap_or(&self.name)
    }

    /// The version of the source package: `base_version`, or the package's own version.
    pub fn source_version(&self) -> &str {
        self.base_version.as_deref().unwrap_or(&self.version)
    }

    /// What the list of an inventory is sorted by.
    pub(super) fn sort_key(&self) -> (&PackageKind, &str, &str, Option<&str>) {
        (
            &self.kind,
            &self.name,
            &self.version,
            self.architecture.as_deref(),
        )
    }
}

/// The meaning of a source package that is not named.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Sourced {
    /// The package has the source of its own name, as package databases leave it out.
    #[default]
    Itself,
    /// The source is not known: a document lists the package alone.
    Unknown,
}

/// The package manager or registry that a package name belongs to.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum PackageKind {
    /// pacman.
    Alpm,
    /// dpkg.
    Deb,
    /// apk-tools.
    Apk,
    /// Rust crates.
    Cargo,
    /// npm.
    Npm,
    /// The Python Package Index.
    Pypi,
    /// Another type of the package URL specification, in lower case (`golang`, `maven`).
    Other(String),
}

impl PackageKind {
    /// The type in package URLs, such as `deb`.
    pub fn purl_type(&self) -> &str {
        match self {
            Self::Alpm => "alpm",
            Self::Deb => "deb",
            Self::Apk => "apk",
            Self::Cargo => "cargo",
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Other(name) => name,
        }
    }

    /// The kind that a package URL's type means.
    pub fn from_purl_type(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "alpm" => Self::Alpm,
            "deb" => Self::Deb,
            "apk" => Self::Apk,
            "cargo" => Self::Cargo,
            "npm" => Self::Npm,
            "pypi" => Self::Pypi,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for PackageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.purl_type())
    }
}

/// Where a package came from, as far as the source can tell.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Origin {
    /// Nothing tells.
    #[default]
    Unknown,
    /// A repository of the distribution's configuration, by name (`extra`).
    Repository(String),
    /// In none of the repositories' databases: built locally, from the AUR, or dropped upstream.
    Foreign,
    /// A language registry, by the address that the lock file gives, if it gives one.
    Registry(Option<String>),
    /// A version control system, by address and revision as the lock file spells them.
    Git(String),
    /// A single archive, by address.
    Archive(String),
    /// The project itself: a workspace member or a directory on the same disk.
    ///
    /// The registry may have an unrelated package of the same name.
    Local,
}

/// Why a package is installed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum InstallReason {
    /// Asked for by name.
    Explicit,
    /// Pulled in by another package.
    Dependency,
}

/// What a locked dependency is needed for, the strongest need first.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Scope {
    /// At run time.
    Runtime,
    /// At run time, if it can be installed.
    Optional,
    /// Only while developing or testing.
    Development,
    /// The source does not tell.
    #[default]
    Unknown,
}

/// How pacman checked a package archive when it installed it (`%VALIDATION%`).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Validation {
    /// Not at all.
    None,
    /// By an MD5 digest from the sync database.
    Md5,
    /// By a SHA-256 digest from the sync database.
    Sha256,
    /// By an OpenPGP signature.
    Pgp,
    /// By a method that this crate does not know.
    Other(String),
}
