use super::os_release::OsRelease;

impl OsRelease {
    /// What the machine is built on, in the terms of security trackers.
    pub fn distribution(&self) -> Distribution {
        let family = self.family();
        let is_derivative = family.id() != Some(self.id.as_str());
        let release = match family {
            Family::Debian if is_derivative => {
                self.first_codename(&self.debian_codename, DEBIAN_RELEASES)
            }
            Family::Ubuntu if is_derivative => {
                self.first_codename(&self.ubuntu_codename, UBUNTU_RELEASES)
            }
            Family::Debian => self.version_id.as_deref().and_then(debian_release),
            Family::Ubuntu => self.version_id.as_deref().and_then(two_part_release),
            Family::Alpine if !is_derivative => {
                self.version_id.as_deref().and_then(two_part_release)
            }
            _ => None,
        };
        Distribution {
            family,
            is_derivative,
            release,
        }
    }

    fn family(&self) -> Family {
        let ids = std::iter::once(&self.id).chain(&self.id_like);
        let family = ids
            .map(|id| Family::from_id(id))
            .find(|family| *family != Family::Other);
        match family {
            // Some derivatives of Ubuntu name only Debian in ID_LIKE.
            Some(Family::Debian) if self.id != "debian" && self.ubuntu_codename.is_some() => {
                Family::Ubuntu
            }
            Some(family) => family,
            None => Family::Other,
        }
    }

    fn first_codename(&self, base: &Option<String>, table: &[(&str, &str)]) -> Option<String> {
        let codename = base.as_deref().or(self.version_codename.as_deref())?;
        release_of(codename, table)
    }
}

/// What a machine is built on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Distribution {
    /// The distribution whose packages and advisories it shares.
    pub family: Family,
    /// Whether it is not that distribution itself, so that versions may differ from it.
    pub is_derivative: bool,
    /// The release *of the family* in the notation of its security tracker: `12` for Debian,
    /// `22.04` for Ubuntu, `3.20` for Alpine. `None` for rolling distributions, for
    /// Debian testing and unstable, and wherever it is not known for certain.
    pub release: Option<String>,
}

impl Distribution {
    /// What the namespace and the `distro` qualifier of a package URL mean.
    ///
    /// Both forms in use are understood: `debian-12` and the codename `bookworm`.
    pub fn from_purl(namespace: &str, distro: Option<&str>) -> Self {
        let mut os = OsRelease::with_id(&namespace.to_ascii_lowercase());
        let version = distro.and_then(|d| d.strip_prefix(os.id.as_str())?.strip_prefix('-'));
        os.version_id = version.map(str::to_owned);
        let mut found = os.distribution();
        if let (None, false, Some(codename)) = (&found.release, found.is_derivative, distro) {
            found.release = match found.family {
                Family::Debian => release_of(codename, DEBIAN_RELEASES),
                Family::Ubuntu => release_of(codename, UBUNTU_RELEASES),
                _ => None,
            };
        }
        found
    }
}

/// The distributions that publish their own advisories, as far as this crate knows them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Family {
    /// Arch Linux.
    Arch,
    /// Debian.
    Debian,
    /// Ubuntu.
    Ubuntu,
    /// Alpine Linux.
    Alpine,
    /// Any other.
    Other,
}

impl Family {
    fn from_id(id: &str) -> Self {
        match id {
            "arch" | "archlinux" => Self::Arch,
            "debian" => Self::Debian,
            "ubuntu" => Self::Ubuntu,
            "alpine" => Self::Alpine,
            _ => Self::Other,
        }
    }

    fn id(self) -> Option<&'static str> {
        match self {
            Self::Arch => Some("arch"),
            Self::Debian => Some("debian"),
            Self::Ubuntu => Some("ubuntu"),
            Self::Alpine => Some("alpine"),
            Self::Other => None,
        }
    }
}

/// `12` or `12.4` is release 12.
fn debian_release(version: &str) -> Option<String> {
    let major = version.split('.').next()?;
    is_number(major).then(|| major.to_owned())
}

/// `22.04.3` is release 22.04 of Ubuntu, and `3.20.3` release 3.20 of Alpine, whose development
/// branch calls itself `3.21.0_alpha20240807`.
fn two_part_release(version: &str) -> Option<String> {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let is_release = is_number(major) && is_number(minor) && parts.all(is_number);
    is_release.then(|| format!("{major}.{minor}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn release_of(codename: &str, table: &[(&str, &str)]) -> Option<String> {
    table
        .iter()
        .find(|(name, _)| *name == codename)
        .map(|(_, release)| (*release).to_owned())
}

// Released versions only: what is called `forky` today is not release 14 yet.
// Source: Debian package distro-info-data, /usr/share/distro-info/debian.csv.
const DEBIAN_RELEASES: &[(&str, &str)] = &[
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
];

// Source: Debian package distro-info-data, /usr/share/distro-info/ubuntu.csv.
const UBUNTU_RELEASES: &[(&str, &str)] = &[
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> (Family, bool, Option<String>) {
        let found = OsRelease::parse(text.as_bytes()).unwrap().distribution();
        (found.family, found.is_derivative, found.release)
    }

    fn some(release: &str) -> Option<String> {
        Some(release.to_owned())
    }

    #[test]
    fn distributions() {
        let cases = [
            ("ID=arch\nBUILD_ID=rolling", Family::Arch, false, None),
            ("ID=manjaro\nID_LIKE=arch", Family::Arch, true, None),
            (
                "ID=\"endeavouros\"\nID_LIKE=\"arch\"",
                Family::Arch,
                true,
                None,
            ),
            ("ID=cachyos\nID_LIKE=arch", Family::Arch, true, None),
            (
                "ID=debian\nVERSION_ID=\"12\"",
                Family::Debian,
                false,
                some("12"),
            ),
            (
                "ID=debian\nVERSION_CODENAME=trixie",
                Family::Debian,
                false,
                None,
            ),
            (
                "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=22.04",
                Family::Ubuntu,
                false,
                some("22.04"),
            ),
            (
                "ID=linuxmint\nID_LIKE=debian\nVERSION_ID=6\nDEBIAN_CODENAME=bookworm",
                Family::Debian,
                true,
                some("12"),
            ),
            (
                "ID=raspbian\nID_LIKE=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm",
                Family::Debian,
                true,
                some("12"),
            ),
            (
                "ID=devuan\nID_LIKE=debian\nVERSION_ID=5\nVERSION_CODENAME=daedalus",
                Family::Debian,
                true,
                None,
            ),
            (
                "ID=elementary\nID_LIKE=debian\nVERSION_CODENAME=horus\nUBUNTU_CODENAME=jammy",
                Family::Ubuntu,
                true,
                some("22.04"),
            ),
            (
                "ID=alpine\nVERSION_ID=3.20.3",
                Family::Alpine,
                false,
                some("3.20"),
            ),
            (
                "ID=alpine\nVERSION_ID=3.21.0_alpha20240807",
                Family::Alpine,
                false,
                None,
            ),
            (
                "ID=derived\nID_LIKE=alpine\nVERSION_ID=3.20.1",
                Family::Alpine,
                true,
                None,
            ),
            ("ID=fedora\nVERSION_ID=40", Family::Other, true, None),
            ("", Family::Other, true, None),
        ];
        for (text, family, is_derivative, release) in cases {
            assert_eq!(base(text), (family, is_derivative, release), "{text}");
        }
    }

    #[test]
    fn package_urls_name_distributions() {
        let release = |namespace, distro| Distribution::from_purl(namespace, distro).release;
        assert_eq!(release("debian", Some("debian-12")), some("12"));
        assert_eq!(release("debian", Some("debian-12.4")), some("12"));
        assert_eq!(release("debian", Some("bookworm")), some("12"));
        assert_eq!(release("debian", Some("forky")), None);
        assert_eq!(release("Ubuntu", Some("ubuntu-22.04")), some("22.04"));
        assert_eq!(release("ubuntu", Some("ubuntu-22.04.3")), some("22.04"));
        assert_eq!(release("ubuntu", Some("jammy")), some("22.04"));
        for distro in [
            "ubuntu-rolling",
            "ubuntu-22",
            "ubuntu-22.x",
            "debian-12",
            "ubuntu-22.04.x",
        ] {
            assert_eq!(release("ubuntu", Some(distro)), None, "{distro}");
        }
        assert_eq!(release("debian", Some("debian-sid")), None);
        assert_eq!(release("linuxmint", Some("jammy")), None);
        assert_eq!(release("alpine", Some("alpine-3.20.3")), some("3.20"));
        assert_eq!(release("debian", None), None);
    }
}
