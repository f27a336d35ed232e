//! `.BUILDINFO`: what an Arch Linux package says of its own build (BUILDINFO(5) of pacman).
//!
//! It lies in the package, so whoever vouches for the package's digest, be it a signature or
//! [rebuilders](crate::Rebuilds), vouches for it too. By itself it is a claim and has no level.

use serde::Serialize;

use crate::digest::{Algorithm, Digest};
use crate::error::{Error, Rejection};
use crate::expectations::{Check, Checks};
use crate::link::Rebuilds;

/// The largest `.BUILDINFO`, in bytes: it names every package that was installed.
pub const MAX_BUILDINFO_BYTES: usize = 4 << 20;

/// What a package says of its own build.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BuildInfo {
    /// The package's name.
    pub name: String,
    /// Its version, with epoch and release.
    pub version: String,
    /// Its architecture.
    pub arch: String,
    /// The digest of the PKGBUILD, `sha256:…`.
    pub recipe: Option<String>,
    /// Who packed it.
    pub packager: Option<String>,
    /// When, in seconds since 1970.
    pub built_at: Option<i64>,
    /// What built it, such as `devtools`.
    pub tool: Option<String>,
    /// How many packages were installed where it was built.
    pub installed: usize,
}

impl BuildInfo {
    /// Reads a `.BUILDINFO`. Keys that are not known are skipped: newer formats add some.
    ///
    /// # Errors
    /// [`Rejection::Limit`] if it is too large, [`Rejection::Parse`] if a line is none of the
    /// form `key = value`, or name, version or architecture are missing or stand twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_slsa::BuildInfo;
    ///
    /// let text = b"format = 2\npkgname = xz\npkgver = 5.6.2-1\npkgarch = x86_64\n";
    /// let info = BuildInfo::parse(text)?;
    /// assert!(info.is_of("xz", "5.6.2-1", "x86_64"));
    /// assert!(!info.is_of("xz", "5.6.1-1", "x86_64"));
    /// # Ok::<(), omg_slsa::Error>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_BUILDINFO_BYTES {
            let detail = format!("more than {MAX_BUILDINFO_BYTES} bytes");
            return Err(Error::rejected(Rejection::Limit, detail));
        }
        let text = String::from_utf8_lossy(bytes);
        let mut info = Self::default();
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = |what: &str| {
                Error::rejected(Rejection::Parse, format!("line {}: {what}", number + 1))
            };
            let (key, value) = line
                .split_once(" = ")
                .or_else(|| Some((line.strip_suffix(" =")?, "")))
                .ok_or_else(|| bad("not of the form key = value"))?;
            let once = match key {
                "pkgname" => &mut info.name,
                "pkgver" => &mut info.version,
                "pkgarch" => &mut info.arch,
                _ => {
                    info.take(key, value)
                        .ok_or_else(|| bad(&format!("{key} is not usable")))?;
                    continue;
                }
            };
            if !once.is_empty() {
                return Err(bad(&format!("{key} stands twice")));
            }
            value.clone_into(once);
        }
        if info.name.is_empty() || info.version.is_empty() || info.arch.is_empty() {
            let detail = "pkgname, pkgver or pkgarch is missing";
            return Err(Error::rejected(Rejection::Parse, detail));
        }
        Ok(info)
    }

    fn take(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "pkgbuild_sha256sum" => {
                let digest = Digest::from_hex(Algorithm::Sha256, value).ok()?;
                self.recipe = Some(digest.to_string());
            }
            "packager" => self.packager = Some(value.to_owned()),
            "builddate" => self.built_at = Some(value.parse().ok()?),
            "buildtool" => self.tool = Some(value.to_owned()),
            "installed" => self.installed += 1,
            _ => {}
        }
        Some(())
    }

    /// Whether it speaks of this package and no other.
    pub fn is_of(&self, name: &str, version: &str, arch: &str) -> bool {
        (&*self.name, &*self.version, &*self.arch) == (name, version, arch)
    }

    /// Whether it agrees with what the package says of itself in its `.PKGINFO` (name, version
    /// and architecture), and with what the rebuilders signed: the name of the package file, and
    /// the digest of the PKGBUILD where they give one. One check for each, met or not.
    pub fn agrees(&self, package: (&str, &str, &str), rebuilds: &Rebuilds) -> Vec<Check> {
        let (name, version, arch) = package;
        let own = format!("{}-{}-{}", self.name, self.version, self.arch);
        let mut checks = Checks(Vec::new());
        let met = self.is_of(name, version, arch);
        checks.expect("pkginfo", met, &own, &format!("{name}-{version}-{arch}"));
        for product in rebuilds.products() {
            let file = product.rsplit('/').next().unwrap_or(product);
            let ending = file.strip_prefix(&own);
            let met = ending.is_some_and(|ending| ending.starts_with(".pkg.tar"));
            checks.expect("product", met, &own, file);
        }
        for recipe in rebuilds.recipes() {
            let signed = recipe.as_ref().map(ToString::to_string);
            let met = signed.is_some() && signed == self.recipe;
            let [said, signed] =
                [&self.recipe, &signed].map(|text| text.as_deref().unwrap_or("none"));
            checks.expect("recipe", met, said, signed);
        }
        checks.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "format = 2\npkgname = xz\npkgbase = xz\npkgver = 5.6.2-1\n\
        pkgarch = x86_64\npackager = A <a@b.c>\nbuilddate = 1717000000\n\
        installed = a-1-1-any\ninstalled = b-1-1-any\nbuildenv =\nnew_key = x\n";

    #[test]
    fn what_it_says() {
        let info = BuildInfo::parse(GOOD.as_bytes()).unwrap();
        assert_eq!((info.installed, info.built_at), (2, Some(1_717_000_000)));
        assert_eq!(info.packager.as_deref(), Some("A <a@b.c>"));
    }

    #[test]
    fn what_is_refused() {
        for (from, to) in [
            ("pkgname = xz\n", ""),
            ("pkgver = 5.6.2-1\n", ""),
            ("pkgarch = x86_64\n", ""),
            ("pkgname = xz\n", "pkgname = xz\npkgname = other\n"),
            ("builddate = 1717000000", "builddate = today"),
            ("format = 2\n", "format: 2\n"),
            ("new_key = x", "pkgbuild_sha256sum = abc"),
        ] {
            let text = GOOD.replace(from, to);
            let error = BuildInfo::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.rejection(), Some(Rejection::Parse), "{to}");
        }
        let long = vec![b'#'; MAX_BUILDINFO_BYTES + 1];
        let error = BuildInfo::parse(&long).unwrap_err();
        assert_eq!(error.rejection(), Some(Rejection::Limit));
    }
}
