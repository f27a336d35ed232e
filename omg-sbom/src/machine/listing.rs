//! pacman's folder `local`: one directory per package, whose name tells name and version.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use rustix::fs::{AtFlags, FileType, RawDir};

use super::{
    error::{ReadError, io_error, parse_error},
    rooted::Root,
};
use crate::{
    model::{error::ParseError, limits},
    read::pacman::local::split_directory_name,
};

/// What is in the folder, in the order of an inventory. All names lie in one piece of memory:
/// two thousand small ones would take longer to allocate than to read.
#[derive(Debug)]
pub(super) struct Listing {
    names: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// The first bytes of the package's name, so that most comparisons are of two numbers.
    prefix: u64,
    start: usize,
    /// Where the version begins, behind the `-`; the end if there is none.
    version: usize,
    end: usize,
    is_link: bool,
}

impl Listing {
    /// Lists the directories in `local`, and what links to one; a link to nowhere, or in a
    /// circle, stands for a package that cannot be read. Beside them lies the file
    /// ALPM_DB_VERSION.
    pub(super) fn read(root: &Root, local: &Path) -> Result<Self, ReadError> {
        let failed = |error| io_error(local, error);
        let folder = File::open(root.resolve(local).map_err(failed)?).map_err(failed)?;
        let listing = Self::list(&folder, limits::MAX_ENTRIES).map_err(failed)?;
        let mut listing = listing.ok_or_else(|| {
            let limit = limits::MAX_ENTRIES;
            parse_error(local, ParseError::TooManyEntries { limit })
        })?;
        let Self { names, entries } = &mut listing;
        entries.retain(|entry| {
            let name = names.get(entry.start..entry.end).unwrap_or_default();
            !entry.is_link || leads_to_package(root, &local.join(OsStr::from_bytes(name)))
        });
        Ok(listing)
    }

    /// Directories and links, at most so many; `None` if there are more.
    fn list(folder: &File, limit: usize) -> io::Result<Option<Self>> {
        let mut names = Vec::with_capacity(64 << 10);
        let mut entries = Vec::with_capacity(2048);
        let mut buffer = Vec::with_capacity(32 << 10);
        let mut directory = RawDir::new(folder, buffer.spare_capacity_mut());
        while let Some(found) = directory.next() {
            let found = found?;
            let name = found.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let file_type = match found.file_type() {
                // Some file systems do not say it here.
                FileType::Unknown => type_of(folder, name)?,
                known => known,
            };
            if !matches!(file_type, FileType::Directory | FileType::Symlink) {
                continue;
            }
            if entries.len() == limit {
                return Ok(None);
            }
            let is_link = file_type == FileType::Symlink;
            entries.push(Entry::new(names.len(), name, is_link));
            names.extend_from_slice(name);
        }
        entries.sort_unstable_by(|a, b| {
            (a.prefix.cmp(&b.prefix)).then_with(|| a.key(&names).cmp(&b.key(&names)))
        });
        Ok(Some(Self { names, entries }))
    }

    /// The length of all names together, in bytes.
    pub(super) fn text_bytes(&self) -> usize {
        self.names.len()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The names, sorted by the package's name, then by its version, and whether each is a link.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&OsStr, bool)> {
        let entries = self.entries.iter();
        entries.map(|entry| (OsStr::from_bytes(self.name(entry)), entry.is_link))
    }

    fn name(&self, entry: &Entry) -> &[u8] {
        self.names.get(entry.start..entry.end).unwrap_or_default()
    }
}

impl Entry {
    fn new(start: usize, name: &[u8], is_link: bool) -> Self {
        let parts = str::from_utf8(name).ok().and_then(split_directory_name);
        let package = parts.map_or(name, |(name, _)| name.as_bytes());
        let mut prefix = [0; 8];
        for (to, from) in prefix.iter_mut().zip(package) {
            *to = *from;
        }
        Self {
            prefix: u64::from_be_bytes(prefix),
            start,
            version: start + (package.len() + 1).min(name.len()),
            end: start + name.len(),
            is_link,
        }
    }

    fn key<'a>(&self, names: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let part = |from: usize, to: usize| names.get(from..to).unwrap_or_default();
        let name = match self.version == self.end {
            true => part(self.start, self.end),
            false => part(self.start, self.version - 1),
        };
        (name, part(self.version, self.end))
    }
}

fn type_of(folder: &File, name: &[u8]) -> io::Result<FileType> {
    let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}

fn leads_to_package(root: &Root, entry: &Path) -> bool {
    let target = root.resolve(entry);
    target.map_or(true, |target| {
        fs::metadata(target).is_ok_and(|m| m.is_dir())
    })
}
