//! From a package of `omg-sbom` to the one that `omg-vuln` looks up.

use omg_sbom::inventory::{Distribution, Family, Origin, OsRelease, Package, PackageKind, Sourced};
use omg_vuln::Ecosystem;

use super::spelling;

/// Whether and under which name advisories speak of an installed package.
#[derive(Debug, PartialEq)]
pub enum Subject {
    /// Look it up under this ecosystem, name and version.
    Asked(omg_vuln::Package),
    /// The project's own code, which no advisory speaks of.
    Own,
    /// Nothing speaks of it, for this reason.
    Unknown(&'static str),
}

/// Advisories of Debian, Ubuntu and Alpine speak of source packages, the others of packages, each
/// under the name that its ecosystem spells.
pub fn of(package: &Package, system: &System) -> Subject {
    match &package.origin {
        Origin::Local => return Subject::Own,
        Origin::Git(_) => return Subject::Unknown("it comes from a version control system"),
        Origin::Archive(_) => return Subject::Unknown("it comes from a single archive"),
        Origin::Registry(Some(address)) if !is_public(&package.kind, address) => {
            return Subject::Unknown("it comes from a registry of its own");
        }
        _ => {}
    }
    let Some(ecosystem) = ecosystem(package, system) else {
        return Subject::Unknown("no source of advisories is known for it");
    };
    let by_source = matches!(package.kind, PackageKind::Deb | PackageKind::Apk);
    if by_source && package.sourced == Sourced::Unknown {
        return Subject::Unknown(
            "its source package is not named, and advisories speak of sources",
        );
    }
    let name = match by_source {
        true => Ok(package.source_name().to_owned()),
        false => spelling::of(&package.kind, package.namespace.as_deref(), &package.name),
    };
    let version = match by_source {
        true => package.source_version(),
        false => package.version.as_str(),
    };
    match name {
        Ok(name) => Subject::Asked(omg_vuln::Package::new(ecosystem, name, version)),
        Err(reason) => Subject::Unknown(reason),
    }
}

fn ecosystem(package: &Package, system: &System) -> Option<Ecosystem> {
    let name = match &package.kind {
        PackageKind::Cargo => "crates.io",
        PackageKind::Npm => "npm",
        PackageKind::Pypi => "PyPI",
        PackageKind::Alpm | PackageKind::Deb | PackageKind::Apk => {
            return system.ecosystem(package);
        }
        PackageKind::Other(kind) => match kind.as_str() {
            "bitnami" => "Bitnami",
            "composer" => "Packagist",
            "conan" => "ConanCenter",
            "cran" => "CRAN",
            "gem" => "RubyGems",
            "githubactions" => "GitHub Actions",
            "golang" => "Go",
            "hackage" => "Hackage",
            "hex" => "Hex",
            "maven" => "Maven",
            "nuget" => "NuGet",
            "pub" => "Pub",
            "swift" => "SwiftURL",
            _ => return None,
        },
        _ => return None,
    };
    Some(Ecosystem::new(name))
}

/// The system that packages are installed on, as far as it is known.
#[derive(Debug, Default)]
pub struct System {
    pub os: Option<OsRelease>,
    distribution: Option<Distribution>,
}

impl System {
    pub fn new(os: Option<OsRelease>) -> Self {
        let distribution = os.as_ref().map(OsRelease::distribution);
        Self { os, distribution }
    }

    fn ecosystem(&self, package: &Package) -> Option<Ecosystem> {
        let named = package.namespace.as_ref();
        let named = named.map(|name| Distribution::from_purl(name, package.distro.as_deref()));
        let distribution = named.as_ref().or(self.distribution.as_ref());
        match (&package.kind, distribution) {
            // A pacman database without a word on the system is Arch's own layout.
            (PackageKind::Alpm, None) => Some(Ecosystem::arch()),
            (PackageKind::Alpm, Some(d)) if d.family == Family::Arch => Some(Ecosystem::arch()),
            (PackageKind::Deb, Some(d)) if d.family == Family::Debian => {
                Some(released("Debian", d))
            }
            (PackageKind::Deb, Some(d)) if d.family == Family::Ubuntu => {
                Some(released("Ubuntu", d))
            }
            (PackageKind::Apk, Some(d)) if d.family == Family::Alpine => Some(match &d.release {
                Some(release) => Ecosystem::new(format!("Alpine:v{release}")),
                None => Ecosystem::new("Alpine"),
            }),
            (PackageKind::Apk, _) => {
                let id = self.os.as_ref().map(|os| os.id.as_str());
                match package.namespace.as_deref().or(id) {
                    Some("wolfi") => Some(Ecosystem::new("Wolfi")),
                    Some("chainguard") => Some(Ecosystem::new("Chainguard")),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// A release that is not known stays off: no record of a certain release then speaks of it.
fn released(name: &str, distribution: &Distribution) -> Ecosystem {
    match &distribution.release {
        Some(release) => Ecosystem::new(format!("{name}:{release}")),
        None => Ecosystem::new(name),
    }
}

/// The package URL of what the advisories speak of: the installed package, or its source.
pub fn source_purl(
    package: &Package,
    os: Option<&OsRelease>,
    name: &str,
    version: &str,
) -> Option<String> {
    if package.name == name && package.version == version {
        return package.purl(os).ok();
    }
    let mut source = Package::new(package.kind.clone(), name, version);
    source.namespace.clone_from(&package.namespace);
    source.distro.clone_from(&package.distro);
    source.architecture = (package.kind == PackageKind::Deb).then(|| "source".to_owned());
    source.purl(os).ok()
}

/// Whether an address in a lock file is the registry that the ecosystem's advisories are about.
fn is_public(kind: &PackageKind, address: &str) -> bool {
    let hosts: &[&str] = match kind {
        PackageKind::Cargo => &["github.com/rust-lang/crates.io-index", "index.crates.io"],
        PackageKind::Npm => &["registry.npmjs.org", "registry.yarnpkg.com"],
        PackageKind::Pypi => &["pypi.org", "pypi.python.org", "files.pythonhosted.org"],
        _ => return true,
    };
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    hosts.iter().any(|host| {
        rest.strip_prefix(host)
            .is_some_and(|after| after.is_empty() || after.starts_with('/'))
    })
}
