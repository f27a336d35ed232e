//! From a package of `omg-sbom` to the one that `omg-vuln` looks up.

use omg_sbom::inventory::{Distribution, Family, Origin, OsRelease, Package, PackageKind, Sourced};
use omg_vuln::Ecosystem;

use super::{registries, spelling};

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
        Origin::Registry(Some(address)) if !registries::is_public(&package.kind, address) => {
            return Subject::Unknown("it comes from a registry of its own");
        }
        // Debian's records are about Debian's packages: another vendor's have versions of their own.
        Origin::Repository(_) if package.kind == PackageKind::Deb => {
            return Subject::Unknown("it comes from another vendor's repository");
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
    let named = match by_source {
        true => source(package),
        false => spelling::of(&package.kind, package.namespace.as_deref(), &package.name)
            .map(|name| (name, package.version.as_str())),
    };
    match named {
        Ok((name, version)) => Subject::Asked(omg_vuln::Package::new(ecosystem, name, version)),
        Err(reason) => Subject::Unknown(reason),
    }
}

/// The source package that advisories speak of. Packages that were only signed anew are built from
/// a source of their own, of which no record speaks: kernels have the version of what they were
/// built from, others hide it in their own.
fn source(package: &Package) -> Result<(String, &str), &'static str> {
    let name = package.source_name();
    if package.kind != PackageKind::Deb {
        return Ok((name.to_owned(), package.source_version()));
    }
    if let Some(rest) = name.strip_prefix("linux-signed") {
        // Debian's are for an architecture, Ubuntu's for a flavour.
        const ARCHITECTURES: [&str; 4] = ["-amd64", "-arm64", "-i386", "-armhf"];
        let flavour = if ARCHITECTURES.contains(&rest) {
            ""
        } else {
            rest
        };
        return Ok((format!("linux{flavour}"), &package.version));
    }
    match name.ends_with("-signed") {
        true => Err("it was signed anew, and advisories speak of what it was built from"),
        false => Ok((name.to_owned(), package.source_version())),
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
            (PackageKind::Apk, distribution) => {
                let id = self.os.as_ref().map(|os| os.id.as_str());
                let own = own_advisories(package.namespace.as_deref().or(id));
                own.map(Ecosystem::new).or_else(|| {
                    let alpine = distribution.filter(|d| d.family == Family::Alpine)?;
                    Some(match &alpine.release {
                        Some(release) => Ecosystem::new(format!("Alpine:v{release}")),
                        None => Ecosystem::new("Alpine"),
                    })
                })
            }
            _ => None,
        }
    }
}

/// Whether the advisories of another distribution judge the packages of a machine: its versions may
/// differ from theirs.
pub fn is_judged_by_its_base(os: &OsRelease) -> bool {
    let distribution = os.distribution();
    distribution.is_derivative
        && distribution.family != Family::Other
        && own_advisories(Some(&os.id)).is_none()
}

/// The ecosystem of a distribution of apk's that publishes advisories of its own.
fn own_advisories(id: Option<&str>) -> Option<&'static str> {
    match id? {
        "wolfi" => Some("Wolfi"),
        "chainguard" => Some("Chainguard"),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(source: Option<&str>, name: &str, version: &str) -> Option<(String, String)> {
        let os = OsRelease::parse(b"ID=debian\nVERSION_ID=12").unwrap();
        let mut package = Package::new(PackageKind::Deb, name, version);
        package.base = source.map(str::to_owned);
        package.base_version = source.map(|_| "9+1".to_owned());
        match of(&package, &System::new(Some(os))) {
            Subject::Asked(asked) => Some((asked.name, asked.version)),
            _ => None,
        }
    }

    #[test]
    fn packages_that_were_signed_anew_are_looked_up_by_what_they_were_built_from() {
        let image = |source| asked(Some(source), "linux-image", "6.1.76-1");
        let kernel = |name: &str| Some((name.to_owned(), "6.1.76-1".to_owned()));
        assert_eq!(image("linux-signed-amd64"), kernel("linux"));
        assert_eq!(image("linux-signed"), kernel("linux"));
        assert_eq!(image("linux-signed-hwe-6.5"), kernel("linux-hwe-6.5"));
        // Where the version hides in another, nothing can be said.
        for source in ["grub-efi-amd64-signed", "shim-signed", "fwupd-amd64-signed"] {
            assert_eq!(image(source), None, "{source}");
        }
        let own = asked(Some("openssl"), "libssl3", "3.0-1");
        assert_eq!(own, Some(("openssl".to_owned(), "9+1".to_owned())));
    }

    #[test]
    fn only_the_advisories_of_another_distribution_are_those_of_a_base() {
        let judged =
            |text: &str| is_judged_by_its_base(&OsRelease::parse(text.as_bytes()).unwrap());
        assert!(judged("ID=manjaro\nID_LIKE=arch"));
        assert!(judged("ID=postmarketos\nID_LIKE=alpine"));
        for own in [
            "ID=arch",
            "ID=wolfi",
            "ID=wolfi\nID_LIKE=alpine",
            "ID=fedora",
        ] {
            assert!(!judged(own), "{own}");
        }
    }

    #[test]
    fn a_source_that_no_document_names_is_not_guessed() {
        let mut package = Package::new(PackageKind::Deb, "libssl3", "3.0-1");
        package.namespace = Some("debian".to_owned());
        package.distro = Some("debian-12".to_owned());
        let system = System::default();
        assert!(matches!(of(&package, &system), Subject::Asked(_)));
        package.sourced = Sourced::Unknown;
        assert!(matches!(of(&package, &system), Subject::Unknown(_)));
    }
}
