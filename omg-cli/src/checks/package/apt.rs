//! What apt's lists say of a `.deb`: `/var/lib/apt/lists/*_Packages`, which `apt update` fetched.
//!
//! Debian signs the lists, not the packages: apt checks `InRelease` when it fetches them. That
//! signature is not checked again here, so a match is one with metadata that nobody signed as far
//! as this program knows.

use std::path::{Path, PathBuf};

use omg_policy::{Anchor, Checksum, Origin};
use omg_sbom::inventory::Sha256;
use omg_sbom::inventory::apt::{ListError, Packages};

use super::content::Content;
use super::result::{ChecksumCheck, PackageIndex};
use crate::convert::evidence;
use crate::session::files::open_regular;

/// The most lists.
const MAX_LISTS: usize = 1000;

/// The checksum, where the package comes from, how both are shown, and lists that could not be read.
pub fn checksum(root: &Path, content: &Content) -> (Checksum, Origin, ChecksumCheck, Vec<String>) {
    let mut problems = Vec::new();
    let mut other = None;
    for path in lists(root) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let list = name.trim_end_matches("_Packages").to_owned();
        match offered(&path, content) {
            Ok(None) => {}
            Ok(Some(sha256)) if sha256 == content.archive.sha256() => {
                let origin = evidence::origin(&content.archive.package, &list);
                let check = ChecksumCheck::Match {
                    index: PackageIndex::Apt,
                    name: list,
                    signed: false,
                };
                let anchor = Checksum::Match(Anchor::UnsignedMetadata);
                return (anchor, origin, check, problems);
            }
            Ok(Some(_)) => other = Some(list),
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    let index = PackageIndex::Apt;
    let (checksum, check) = match other {
        Some(name) => (Checksum::Mismatch, ChecksumCheck::Mismatch { index, name }),
        None => (Checksum::Missing, ChecksumCheck::Missing { index }),
    };
    (checksum, Origin::LocalFile, check, problems)
}

/// The lists, sorted.
fn lists(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("var/lib/apt/lists");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with("_Packages"));
    paths.sort();
    paths.truncate(MAX_LISTS);
    paths
}

/// What a list says of this name, version and architecture. A list with a paragraph that breaks the
/// format is refused as a whole: programs read such a paragraph differently.
fn offered(path: &Path, content: &Content) -> std::io::Result<Option<Sha256>> {
    let package = &content.archive.package;
    let mut found = None;
    for offer in Packages::new(open_regular(path)?) {
        let offer = offer.map_err(|error| match error {
            ListError::Read(error) => error,
            error => std::io::Error::other(error),
        })?;
        let is_wanted = offer.name == package.name
            && offer.version == package.version
            && package.architecture.is_some()
            && offer.architecture == package.architecture;
        if let Some(sha256) = offer.sha256.filter(|_| is_wanted) {
            // A list may offer a version twice; the file has to be one of them.
            if found.is_none() || sha256 == content.archive.sha256() {
                found = Some(sha256);
            }
        }
    }
    Ok(found)
}
