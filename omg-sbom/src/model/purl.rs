use packageurl::PackageUrl;

use super::{
    distribution::Family,
    error::PurlError,
    os_release::OsRelease,
    package::{Package, PackageKind},
};

impl Package {
    /// The package URL, in the canonical form of the PURL specification.
    ///
    /// The vendor of a distribution's package is the `ID` of `os`, unless an SBOM named
    /// [`namespace`](Package::namespace) and [`distro`](Package::distro). pacman packages need
    /// an `os` of Arch's family, since pacman also runs elsewhere (`pacman` on Debian does not
    /// make `pkg:alpm/debian/…`). Packages of dpkg and apk get the qualifier `distro`:
    /// `ID-VERSION_ID`, or `ID-VERSION_CODENAME` where there is no version.
    ///
    /// A [foreign](crate::inventory::Origin::Foreign) package is named like any other: the
    /// specification has no way to say that the vendor did not build it.
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
        let (namespace, name) = self.namespace_and_name(os)?;
        // What an SBOM says of another machine is not mixed with this one's `os`.
        let os = os.filter(|_| self.namespace.is_none());
        let distro = self.distro.clone().or_else(|| self.distro_of(os));
        let build = || -> Result<String, packageurl::Error> {
            let mut purl = PackageUrl::new(self.kind.purl_type().to_owned(), name)?;
            purl.with_version(self.version.as_str())?;
            if let Some(namespace) = namespace {
                purl.with_namespace(namespace)?;
            }
            if let (true, Some(architecture)) = (self.is_of_a_distribution(), &self.architecture) {
                purl.add_qualifier("arch", architecture.as_str())?;
            }
            if let Some(distro) = distro {
                purl.add_qualifier("distro", distro)?;
            }
            Ok(purl.to_string())
        };
        build().map_err(|e| PurlError::Invalid {
            name: self.name.clone(),
            detail: e.to_string(),
        })
    }

    fn namespace_and_name(
        &self,
        os: Option<&OsRelease>,
    ) -> Result<(Option<String>, &str), PurlError> {
        if let Some(namespace) = &self.namespace {
            return Ok((Some(namespace.clone()), &self.name));
        }
        let vendor = match self.kind {
            PackageKind::Alpm => os.filter(|os| os.distribution().family == Family::Arch),
            PackageKind::Deb | PackageKind::Apk => os,
            PackageKind::Npm => {
                let scoped = self
                    .name
                    .split_once('/')
                    .filter(|_| self.name.starts_with('@'));
                return Ok(match scoped {
                    Some((scope, name)) => (Some(scope.to_owned()), name),
                    None => (None, &self.name),
                });
            }
            _ => return Ok((None, &self.name)),
        };
        let unknown = || PurlError::UnknownVendor {
            name: self.name.clone(),
        };
        Ok((Some(vendor.ok_or_else(unknown)?.id.clone()), &self.name))
    }

    fn distro_of(&self, os: Option<&OsRelease>) -> Option<String> {
        let os = os.filter(|_| matches!(self.kind, PackageKind::Deb | PackageKind::Apk))?;
        let version = os.version_id.as_ref().or(os.version_codename.as_ref())?;
        Some(format!("{}-{version}", os.id))
    }

    fn is_of_a_distribution(&self) -> bool {
        !matches!(
            self.kind,
            PackageKind::Cargo | PackageKind::Npm | PackageKind::Pypi
        )
    }
}
