//! What apt's lists say of a `.deb`: `/var/lib/apt/lists/*_Packages`, which `apt update` fetched.
//!
//! Debian signs the lists, not the packages: apt checks `InRelease` when it fetches them. That
//! signature is not checked again here, so a match is one with metadata that nobody signed as far
//! as this program knows.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use omg_policy::{Anchor, Checksum, Origin};

use super::content::Content;
use super::result::{ChecksumCheck, PackageIndex};
use crate::convert::evidence;
use crate::session::files::open_regular;

/// The largest list: some ten times the largest that Debian has.
const MAX_LIST: u64 = 512 << 20;
/// The most lists.
const MAX_LISTS: usize = 1000;
/// The longest line of a list; longer ones are passed over.
const MAX_LINE: u64 = 1 << 20;

/// A package as a list has it.
#[derive(Default)]
struct Stanza {
    name: String,
    version: String,
    architecture: String,
    sha256: String,
}

/// The checksum, where the package comes from, how both are shown, and lists that could not be read.
pub fn checksum(root: &Path, content: &Content) -> (Checksum, Origin, ChecksumCheck, Vec<String>) {
    let mut problems = Vec::new();
    let mut other = None;
    for path in lists(root) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let list = name.trim_end_matches("_Packages").to_owned();
        match offered(&path, content) {
            Ok(None) => {}
            Ok(Some(sha256)) if sha256.eq_ignore_ascii_case(&content.sha256) => {
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

/// What a list says of this name, version and architecture.
fn offered(path: &Path, content: &Content) -> std::io::Result<Option<String>> {
    let file = open_regular(path)?;
    if file.metadata()?.len() > MAX_LIST {
        return Err(std::io::Error::other(format!("over {MAX_LIST} bytes")));
    }
    let package = &content.archive.package;
    let wanted = |stanza: &Stanza| {
        stanza.name == package.name
            && stanza.version == package.version
            && Some(&stanza.architecture) == package.architecture.as_ref()
    };
    let mut found = None;
    each(file, &mut |stanza| {
        if !stanza.sha256.is_empty() && wanted(stanza) {
            // A list may offer a version twice; the file has to be one of them.
            if found.is_none() || stanza.sha256.eq_ignore_ascii_case(&content.sha256) {
                found = Some(stanza.sha256.clone());
            }
        }
    })?;
    Ok(found)
}

/// Reads the stanzas of a list: deb822(5), of which only the first line of a field counts here.
fn each(file: File, to: &mut dyn FnMut(&Stanza)) -> std::io::Result<()> {
    let mut reader = BufReader::new(file.take(MAX_LIST));
    let (mut line, mut stanza) = (Vec::new(), Stanza::default());
    loop {
        line.clear();
        let read = reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)?;
        if read as u64 == MAX_LINE {
            return Err(std::io::Error::other("a line is too long"));
        }
        let text = line.trim_ascii_end();
        if text.is_empty() {
            to(&stanza);
            stanza = Stanza::default();
            if read == 0 {
                return Ok(());
            }
            continue;
        }
        let fields = [
            (&b"Package:"[..], &mut stanza.name),
            (b"Version:", &mut stanza.version),
            (b"Architecture:", &mut stanza.architecture),
            (b"SHA256:", &mut stanza.sha256),
        ];
        for (field, slot) in fields {
            if let Some(value) = text.strip_prefix(field) {
                *slot = String::from_utf8_lossy(value.trim_ascii()).into_owned();
            }
        }
    }
}
