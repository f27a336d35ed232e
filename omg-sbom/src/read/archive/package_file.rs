use std::collections::BTreeMap;

use super::{alpm, deb, finding::Finding, format::Format, member::Member};
use crate::model::{digest::Sha256, package::Package};

/// What a package file says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PackageFile {
    /// The format of the file.
    pub format: Format,
    /// The package, as `.PKGINFO` or `control` describes it: nobody has checked that it is true.
    /// Its `archive_size` is the number of bytes that were read.
    pub package: Package,
    /// The metadata members by name, as stored: `.PKGINFO`, `.BUILDINFO`, `.MTREE` (gzip),
    /// `.INSTALL`, `.CHANGELOG`; every member of `control.tar`.
    pub metadata: BTreeMap<String, Vec<u8>>,
    /// Configuration files that an update must not overwrite, as stored: the `backup` lines of
    /// `.PKGINFO`, or `conffiles`.
    pub configuration: Vec<String>,
    /// What would be installed, in the order of the archive, with all that is wrong in it.
    pub members: Vec<Member>,
    /// What packages do not have for good reasons, sorted.
    pub findings: Vec<Finding>,
    /// All that came out of the decompressors, in bytes.
    pub unpacked_bytes: u64,
    pub(super) sha256: Sha256,
}

impl PackageFile {
    /// The digest of the whole input, of exactly the bytes that all of this was read from. Only
    /// reading makes it.
    pub fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// The scripts that the package manager would run as root: `.INSTALL`, or `preinst`,
    /// `postinst`, `prerm`, `postrm` and `config`. Sorted by name.
    pub fn scripts(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let all = self.metadata.iter();
        let scripts = all.filter(|(name, _)| match self.format {
            Format::Pacman => *name == ".INSTALL",
            Format::Deb => deb::SCRIPTS.contains(&name.as_str()),
        });
        scripts.map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// The lines `key = value` of `.BUILDINFO` in order, as BUILDINFO(5) describes them; nothing
    /// where there is no such member.
    pub fn build_info(&self) -> impl Iterator<Item = (String, String)> {
        let bytes = self.metadata.get(".BUILDINFO");
        alpm::key_values(bytes.map_or(&[], Vec::as_slice)).filter_map(Result::ok)
    }
}
