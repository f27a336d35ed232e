use std::str::FromStr as _;

use packageurl::PackageUrl;

use super::{
    distribution::Family,
    error::PurlError,
    name::normalise_python_name,
    os_release::OsRelease,
    package::{Package, PackageKind},
};

/// Every part by which a package is told apart from others, made once by the reader that knows
/// them: the parts of its package URL, and the source that it was built from.
///
/// The package URL carries all of it, the source as the qualifier `upstream` (the convention of
/// syft, `NAME` or `NAME@VERSION`), so that writing and [reading](Self::parse) lose nothing.
///
/// ```
/// use omg_sbom::inventory::Identity;
///
/// let url = "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl";
/// let identity = Identity::parse(url)?;
/// assert_eq!(identity.namespace.as_deref(), Some("debian"));
/// assert_eq!(identity.source_name(), "openssl");
/// assert_eq!(identity.purl()?, url);
/// # Ok::<(), omg_sbom::PurlError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Identity {
    /// The package manager or registry that the name belongs to.
    pub kind: PackageKind,
    /// The vendor of a distribution's package, or the group, organisation or host before the name;
    /// npm's scope is part of the name.
    pub namespace: Option<String>,
    /// The name, as [`Package::name`].
    pub name: String,
    /// The version, as [`Package::version`].
    pub version: String,
    /// The architecture, as the source spells it.
    pub architecture: Option<String>,
    /// The release of the distribution (`debian-12`).
    pub distro: Option<String>,
    /// The repository that it comes from, where that is not the default of its kind.
    pub repository_url: Option<String>,
    /// The name of the source package, where it is known and another.
    pub base: Option<String>,
    /// The version of the source package, where it is known and another.
    pub base_version: Option<String>,
}

impl Identity {
    /// The name of the source package.
    pub fn source_name(&self) -> &str {
        self.base.as_deref().unwrap_or(&self.name)
    }

    /// The version of the source package.
    pub fn source_version(&self) -> &str {
        self.base_version.as_deref().unwrap_or(&self.version)
    }

    /// Reads a package URL with a version.
    ///
    /// # Errors
    ///
    /// [`PurlError::Invalid`] for text that is no package URL, and for one without a version.
    pub fn parse(purl: &str) -> Result<Self, PurlError> {
        let invalid = |detail: String| PurlError::Invalid {
            name: purl.chars().take(100).collect(),
            detail,
        };
        let url = PackageUrl::from_str(purl).map_err(|error| invalid(error.to_string()))?;
        let version = url.version().filter(|version| !version.is_empty());
        let version = version.ok_or_else(|| invalid("no version".to_owned()))?;
        Ok(Self::of_url(&url, version))
    }

    /// The parts of a package URL, with the version that is stated there or beside.
    pub(crate) fn of_url(url: &PackageUrl<'_>, version: &str) -> Self {
        let kind = PackageKind::from_purl_type(url.ty());
        let name = match (&kind, url.namespace()) {
            (PackageKind::Npm, Some(scope)) => format!("{scope}/{}", url.name()),
            (PackageKind::Pypi, _) => normalise_python_name(url.name()),
            _ => url.name().to_owned(),
        };
        let namespace = url
            .namespace()
            .filter(|namespace| kind != PackageKind::Npm && !namespace.is_empty())
            .map(str::to_owned);
        let qualifier = |key| {
            let value = url.qualifiers().get(key).filter(|value| !value.is_empty());
            value.map(ToString::to_string)
        };
        let upstream = qualifier("upstream");
        let (base, base_version) = match &upstream {
            Some(upstream) => match upstream.split_once('@') {
                Some((name, version)) => (Some(name), Some(version)),
                None => (Some(upstream.as_str()), None),
            },
            None => (None, None),
        };
        let another = |part: Option<&str>, own: &str| {
            let part = part.filter(|part| !part.is_empty() && *part != own);
            part.map(str::to_owned)
        };
        let base = another(base, &name);
        let base_version = another(base_version, version);
        Self {
            kind,
            namespace,
            name,
            version: version.to_owned(),
            architecture: qualifier("arch"),
            distro: qualifier("distro"),
            repository_url: qualifier("repository_url"),
            base,
            base_version,
        }
    }

    /// The package URL, in the canonical form of the PURL specification (ECMA-427).
    ///
    /// # Errors
    ///
    /// [`PurlError::UnknownVendor`] for a distribution's package without a namespace;
    /// [`PurlError::Invalid`] for a part that the specification does not allow.
    pub fn purl(&self) -> Result<String, PurlError> {
        if self.namespace.is_none() && self.is_of_a_distribution() {
            return Err(PurlError::UnknownVendor {
                name: self.name.clone(),
            });
        }
        let invalid = |detail: String| PurlError::Invalid {
            name: self.name.clone(),
            detail,
        };
        if self.base.as_ref().is_some_and(|base| base.contains('@')) {
            return Err(invalid("an @ in the name of the source".to_owned()));
        }
        let url = self.build().map_err(|error| invalid(error.to_string()))?;
        // Not every text survives the way there and back, such as a version that begins with a
        // slash. A URL that names something else is worse than no URL.
        match self.is_plain() || Self::parse(&url).is_ok_and(|read| read == *self) {
            true => Ok(url),
            false => Err(invalid("a part that a package URL cannot hold".to_owned())),
        }
    }

    /// Whether no part has a character with a meaning in URLs.
    fn is_plain(&self) -> bool {
        let parts = [
            &self.namespace,
            &self.architecture,
            &self.distro,
            &self.repository_url,
            &self.base,
            &self.base_version,
        ];
        let all = parts
            .into_iter()
            .flatten()
            .chain([&self.name, &self.version]);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".+_~:-".contains(&byte);
        all.into_iter().all(|part| part.bytes().all(plain))
    }

    fn build(&self) -> Result<String, packageurl::Error> {
        let (scope, name) = self.scope_and_name();
        let mut url = PackageUrl::new(self.kind.purl_type().to_owned(), name)?;
        url.with_version(self.version.as_str())?;
        if let Some(namespace) = scope.or(self.namespace.as_deref()) {
            url.with_namespace(namespace)?;
        }
        let upstream = self.upstream();
        let qualifiers = [
            ("arch", self.architecture.as_ref()),
            ("distro", self.distro.as_ref()),
            ("repository_url", self.repository_url.as_ref()),
            ("upstream", upstream.as_ref()),
        ];
        for (key, value) in qualifiers {
            if let Some(value) = value {
                url.add_qualifier(key, value.as_str())?;
            }
        }
        Ok(url.to_string())
    }

    /// The scope of npm stands in the namespace of the URL.
    fn scope_and_name(&self) -> (Option<&str>, &str) {
        let scoped = self.name.split_once('/');
        match scoped.filter(|_| self.kind == PackageKind::Npm && self.name.starts_with('@')) {
            Some((scope, name)) => (Some(scope), name),
            None => (None, &self.name),
        }
    }

    fn upstream(&self) -> Option<String> {
        match (&self.base, &self.base_version) {
            (None, None) => None,
            (_, None) => Some(self.source_name().to_owned()),
            (_, Some(version)) => Some(format!("{}@{version}", self.source_name())),
        }
    }

    fn is_of_a_distribution(&self) -> bool {
        matches!(
            self.kind,
            PackageKind::Alpm | PackageKind::Deb | PackageKind::Apk
        )
    }
}

impl Package {
    /// The identity of the package, on the system that `os` describes.
    ///
    /// The vendor of a distribution's package is the `ID` of `os`, unless an SBOM named
    /// [`namespace`](Package::namespace) and [`distro`](Package::distro): a word about another
    /// machine is not mixed with this one's `os`. pacman packages need an `os` of Arch's family,
    /// since pacman also runs elsewhere (`pacman` on Debian does not make `pkg:alpm/debian/…`).
    /// Packages of dpkg and apk get the qualifier `distro`: `ID-VERSION_ID`, or
    /// `ID-VERSION_CODENAME` where there is no version. The source is part of the identity where
    /// its name or version is another.
    ///
    /// A [foreign](crate::inventory::Origin::Foreign) package is named like any other: the
    /// specification has no way to say that the vendor did not build it.
    pub fn identity(&self, os: Option<&OsRelease>) -> Identity {
        let os = os.filter(|_| self.namespace.is_none());
        let vendor = match self.kind {
            PackageKind::Alpm => os.filter(|os| os.distribution().family == Family::Arch),
            PackageKind::Deb | PackageKind::Apk => os,
            _ => None,
        };
        let registry = matches!(
            self.kind,
            PackageKind::Cargo | PackageKind::Npm | PackageKind::Pypi
        );
        let given = |part: &Option<String>| part.clone().filter(|part| !part.is_empty());
        let name = match self.kind {
            PackageKind::Pypi => normalise_python_name(&self.name),
            _ => self.name.clone(),
        };
        let base = given(&self.base).filter(|base| *base != name);
        let base_version = given(&self.base_version);
        Identity {
            kind: self.kind.clone(),
            namespace: given(&self.namespace).or_else(|| vendor.map(|os| os.id.clone())),
            name,
            version: self.version.clone(),
            architecture: given(&self.architecture).filter(|_| !registry),
            distro: given(&self.distro).or_else(|| self.distro_of(os)),
            repository_url: given(&self.repository_url),
            base,
            base_version: base_version.filter(|version| *version != self.version),
        }
    }

    /// The package URL of the [identity](Self::identity).
    ///
    /// # Errors
    ///
    /// [`PurlError::UnknownVendor`] without a fitting `os`; [`PurlError::Invalid`] for a type
    /// that the specification does not allow.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_sbom::inventory::{OsRelease, Package, PackageKind};
    ///
    /// let mut package = Package::new(PackageKind::Alpm, "containers-common", "1:0.47.4-4");
    /// package.architecture = Some("x86_64".to_owned());
    /// let os = OsRelease::parse(b"ID=manjaro\nID_LIKE=arch\n")?;
    /// assert_eq!(
    ///     package.purl(Some(&os))?,
    ///     "pkg:alpm/manjaro/containers-common@1:0.47.4-4?arch=x86_64"
    /// );
    /// assert!(package.purl(None).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn purl(&self, os: Option<&OsRelease>) -> Result<String, PurlError> {
        self.identity(os).purl()
    }

    fn distro_of(&self, os: Option<&OsRelease>) -> Option<String> {
        let os = os.filter(|_| matches!(self.kind, PackageKind::Deb | PackageKind::Apk))?;
        let version = os.version_id.as_ref().or(os.version_codename.as_ref())?;
        Some(format!("{}-{version}", os.id))
    }
}

impl From<Identity> for Package {
    /// A package of which the identity is known.
    fn from(identity: Identity) -> Self {
        let mut package = Self::new(identity.kind, identity.name, identity.version);
        package.namespace = identity.namespace;
        package.architecture = identity.architecture;
        package.distro = identity.distro;
        package.repository_url = identity.repository_url;
        package.base = identity.base;
        package.base_version = identity.base_version;
        package
    }
}
