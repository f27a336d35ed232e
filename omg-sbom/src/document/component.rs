use super::{address, forge, text::clean};
use crate::{
    model::{
        files::report::PackageFiles,
        os_release::OsRelease,
        package::{InstallReason, Origin, Package, PackageKind, Scope},
    },
    relate::{
        graph::Needs,
        licence::{expression::all_of, meaning::Licence},
    },
};

/// One installed package, as a document shows it.
#[derive(Clone, Debug)]
pub struct Component {
    pub(super) package: Package,
    pub(super) reference: String,
    pub(super) purl: Option<String>,
    pub(super) licence: Declared,
    pub(super) supplier: Option<Contact>,
    pub(super) references: Vec<Reference>,
    pub(super) needs: Option<Needs>,
    pub(super) need: Need,
    pub(super) files: Option<PackageFiles>,
}

impl Component {
    /// The package as the inventory has it.
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// What the document calls it; unique in it.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The package URL, where the vendor is known.
    pub fn purl(&self) -> Option<&str> {
        self.purl.as_deref()
    }

    /// The licence that the package declares.
    pub fn licence(&self) -> &Declared {
        &self.licence
    }

    /// Who supplied it: the distribution for what is in its own repositories, else whoever the
    /// package names as its packager.
    pub fn supplier(&self) -> Option<&Contact> {
        self.supplier.as_ref()
    }

    /// Where more is told of it.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Recorded needs that no installed package meets.
    pub fn unmet(&self) -> &[String] {
        self.needs.as_ref().map_or(&[], |needs| &needs.unmet)
    }

    /// Whether all that it needs is known and is in the document.
    pub fn is_resolved(&self) -> bool {
        self.needs
            .as_ref()
            .is_some_and(|needs| needs.unmet.is_empty())
    }

    /// Whether it is known what it needs: of packages of pacman, dpkg and apk.
    pub fn needs_are_known(&self) -> bool {
        self.needs.is_some()
    }

    /// The positions of what it needs.
    #[cfg(any(feature = "cyclonedx", feature = "spdx"))]
    pub(crate) fn needs(&self) -> impl Iterator<Item = &u32> {
        self.needs.iter().flat_map(|needs| &needs.on)
    }

    /// How its installed files compare with what is recorded, where somebody looked.
    pub fn files(&self) -> Option<&PackageFiles> {
        self.files.as_ref()
    }

    /// Whether the system would miss it.
    pub fn need(&self) -> Need {
        self.need
    }
}

/// Whether anything needs a component.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Need {
    /// It was asked for, or something that is installed depends on it.
    Required,
    /// It came as a dependency, and nothing that is installed depends on it (any more).
    Optional,
    /// It serves development only.
    Excluded,
    /// Not recorded.
    Unknown,
}

/// A person or an organisation.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
}

impl Contact {
    /// Reads `Name <mail>`; without a name, the mail address is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_sbom::Contact;
    ///
    /// let contact = Contact::parse("Jane Doe <jane@example.org>").ok_or("no contact")?;
    /// assert_eq!(contact.email.as_deref(), Some("jane@example.org"));
    /// assert_eq!(Contact::parse("Unknown Packager"), None);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = clean(text);
        let (name, email) = address::contact(&text);
        let name = match (name.is_empty(), &email) {
            (true, Some(email)) => email.clone(),
            _ => name,
        };
        // What makepkg writes where nobody set PACKAGER.
        (!name.is_empty() && name != "Unknown Packager").then_some(Self { name, email })
    }
}

/// An address with its meaning.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reference {
    /// What is there.
    pub kind: ReferenceKind,
    /// The address, by RFC 3986.
    pub url: String,
}

/// What is at a [`Reference`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReferenceKind {
    /// The project's home page.
    Website,
    /// The repository of the package's build recipe; where none is known, that of the project
    /// itself, if its home page is one.
    Vcs,
    /// The source package.
    Source,
}

/// The licence that a package declares.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Declared {
    /// Nothing is recorded.
    Nothing,
    /// One SPDX expression.
    Expression(String),
    /// Several values, of which nothing says how they combine, or not all of which are known.
    Several(Vec<Licence>),
}

impl Declared {
    /// What the recorded values come to.
    ///
    /// Arch's guideline (RFC 16) combines several SPDX values with AND. Of the names that were
    /// used before, nothing says how they combine: those stay apart.
    ///
    /// Debian's files list what applies to some files each, so that all of them apply.
    pub(super) fn of(values: &[Licence], kind: &PackageKind) -> Self {
        match values {
            [] => Self::Nothing,
            [one] => match one.expression() {
                Some(expression) => Self::Expression(expression.to_owned()),
                None => Self::Several(values.to_vec()),
            },
            _ => {
                let spdx = values.iter().map(|value| match (value, kind) {
                    (Licence::Spdx(expression), _) => Some(expression.as_str()),
                    (Licence::Legacy(expression), PackageKind::Deb) => Some(expression.as_str()),
                    _ => None,
                });
                match spdx.collect::<Option<Vec<_>>>() {
                    Some(all) => Self::Expression(all_of(&all)),
                    None => {
                        let mut apart: Vec<Licence> = Vec::with_capacity(values.len());
                        for value in values {
                            if !apart.contains(value) {
                                apart.push(value.clone());
                            }
                        }
                        Self::Several(apart)
                    }
                }
            }
        }
    }
}

/// Repositories that Arch Linux itself maintains.
const ARCH_REPOSITORIES: [&str; 11] = [
    "core",
    "core-testing",
    "core-staging",
    "extra",
    "extra-testing",
    "extra-staging",
    "multilib",
    "multilib-testing",
    "multilib-staging",
    "community",
    "testing",
];

/// Whether Arch Linux itself supplied a package.
fn is_archs(package: &Package, os: Option<&OsRelease>) -> bool {
    let is_arch = os.is_some_and(|os| os.id == "arch");
    let official = match &package.origin {
        Origin::Repository(name) => ARCH_REPOSITORIES.contains(&name.as_str()),
        _ => false,
    };
    package.kind == PackageKind::Alpm && is_arch && official
}

pub(super) fn supplier(package: &Package, os: Option<&OsRelease>) -> Option<Contact> {
    let packager = package.maintainer.as_deref().and_then(Contact::parse);
    if is_archs(package, os) {
        return Some(Contact {
            name: "Arch Linux".to_owned(),
            email: packager.and_then(|packager| packager.email),
        });
    }
    packager
}

pub(super) fn references(package: &Package, os: Option<&OsRelease>) -> Vec<Reference> {
    let mut references = Vec::new();
    let mut add = |kind, url: String| {
        if address::is_web(&url) {
            references.push(Reference { kind, url });
        }
    };
    if let Some(url) = &package.url {
        add(ReferenceKind::Website, url.trim().to_owned());
    }
    let source = package.source_name();
    if is_archs(package, os) {
        let project = arch_project(source);
        let base = "https://gitlab.archlinux.org/archlinux/packaging/packages";
        add(ReferenceKind::Vcs, format!("{base}/{project}"));
    } else if package.kind == PackageKind::Deb && os.is_some_and(|os| os.id == "debian") {
        let version = package.source_version();
        // The archive's file names leave the epoch out, and so does this service.
        let version = version
            .split_once(':')
            .map_or(version, |(_, version)| version);
        let address = format!("https://sources.debian.org/src/{source}/{version}/");
        add(ReferenceKind::Source, address);
    } else if let Some(url) = package.url.as_deref().map(str::trim)
        && forge::is_repository(url)
    {
        add(ReferenceKind::Vcs, url.to_owned());
    }
    references
}

/// The name of a package base on Arch's GitLab (devtools, `gitlab_project_name_to_path`).
fn arch_project(base: &str) -> String {
    if base == "tree" {
        return "unix-tree".to_owned();
    }
    let mut path = String::with_capacity(base.len());
    let bytes = base.as_bytes();
    for (position, c) in base.char_indices() {
        let before = position.checked_sub(1).and_then(|p| bytes.get(p));
        let after = bytes.get(position + 1);
        match c {
            '+' if before.is_some_and(u8::is_ascii_alphanumeric)
                && after.is_some_and(u8::is_ascii_alphabetic) =>
            {
                path.push('-');
            }
            '+' => path.push_str("plus"),
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') => path.push(c),
            _ => path.push('-'),
        }
    }
    path
}

pub(super) fn need(package: &Package, is_needed: bool) -> Need {
    match (package.reason, package.scope) {
        (_, Scope::Development) => Need::Excluded,
        (_, Scope::Optional) => Need::Optional,
        (_, Scope::Runtime) | (Some(InstallReason::Explicit), _) => Need::Required,
        _ if is_needed => Need::Required,
        (Some(InstallReason::Dependency), _) => Need::Optional,
        _ => Need::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relate::licence::recorded::resolve;

    #[test]
    fn projects_of_arch() {
        for (base, path) in [
            ("zlib", "zlib"),
            ("gtk+", "gtkplus"),
            ("libsigc++", "libsigcplusplus"),
            ("a+b", "a-b"),
            ("tree", "unix-tree"),
        ] {
            assert_eq!(arch_project(base), path);
        }
    }

    #[test]
    fn a_home_page_is_the_repository_where_no_recipe_is_known() {
        let mut package = Package::new(PackageKind::Alpm, "zlib", "1-1");
        package.url = Some("https://github.com/madler/zlib".to_owned());
        let os = OsRelease::parse(b"ID=arch").unwrap();
        let vcs = |package: &Package| {
            let all = references(package, Some(&os)).into_iter();
            let vcs = all.filter(|reference| reference.kind == ReferenceKind::Vcs);
            vcs.map(|reference| reference.url).collect::<Vec<_>>()
        };
        assert_eq!(vcs(&package), ["https://github.com/madler/zlib"]);
        package.origin = Origin::Repository("core".to_owned());
        let recipe = "https://gitlab.archlinux.org/archlinux/packaging/packages/zlib";
        assert_eq!(vcs(&package), [recipe]);
        package.origin = Origin::Unknown;
        package.url = Some("https://github.com/madler/[zlib]".to_owned());
        assert!(vcs(&package).is_empty(), "no address by RFC 3986");
    }

    #[test]
    fn values_combine_only_where_the_convention_says_how() {
        let of = |values: &[&str]| {
            let values: Vec<_> = values.iter().map(|v| resolve(v)).collect();
            Declared::of(&values, &PackageKind::Alpm)
        };
        let expression = |text: &str| Declared::Expression(text.to_owned());
        assert_eq!(of(&[]), Declared::Nothing);
        assert_eq!(of(&["GPL2"]), expression("GPL-2.0-only"));
        assert_eq!(
            of(&["MIT", "ISC OR Zlib"]),
            expression("(ISC OR Zlib) AND MIT")
        );
        assert_eq!(of(&["MIT", "MIT"]), expression("MIT"));
        assert!(matches!(of(&["MIT", "GPL2"]), Declared::Several(_)));
        assert!(matches!(of(&["BSD"]), Declared::Several(_)));
    }
}
