//! pacman's folder `local`: one directory per package, whose name tells name and version.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use rustix::fs::{AtFlags, FileType, RawDir};

use super::{io_error, parse_error, rooted::Root};
use crate::{
    model::{
        error::{ParseError, ReadError},
        limits,
        problem::{Problem, ProblemKind},
    },
    read::{
        collector::{fault_of, shorten},
        pacman::local::{NOT_A_PACKAGE_NAME, split_directory_name},
    },
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

/// Name and version of each package in pacman's local database, sorted by both: what the names
/// of its directories tell, as it does for pacman itself, and nothing else is looked at.
///
/// A package whose `desc` is missing or broken is listed like any other (`pacman -Q` does so,
/// too); [`Detail::Full`](crate::inventory::Detail::Full) notices.
#[derive(Debug)]
pub struct Names {
    text: String,
    /// Where in `text` each name and version begin and end.
    entries: Vec<[u32; 3]>,
    problems: Vec<Problem>,
}

impl Names {
    pub(super) fn new(listing: &Listing) -> Self {
        let mut names = Self {
            text: String::with_capacity(listing.names.len()),
            entries: Vec::with_capacity(listing.len()),
            problems: Vec::new(),
        };
        for entry in &listing.entries {
            if let Err(problem) = names.add(listing.name(entry)) {
                names.problems.push(problem);
            }
        }
        names.problems.sort();
        names
    }

    fn add(&mut self, directory: &[u8]) -> Result<(), Problem> {
        let Some((name, version)) = str::from_utf8(directory)
            .ok()
            .and_then(split_directory_name)
        else {
            let subject = shorten(&String::from_utf8_lossy(directory));
            let kind = ProblemKind::Malformed;
            return Err(Problem::new(subject, kind, NOT_A_PACKAGE_NAME));
        };
        if let Some((kind, detail)) = fault_of("name", name).or(fault_of("version", version)) {
            return Err(Problem::new(shorten(name), kind, detail));
        }
        let start = self.text.len();
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(version);
        // MAX_ENTRIES names of at most 255 bytes each: far below 4 GiB.
        if let (Ok(start), Ok(middle), Ok(end)) = (
            u32::try_from(start),
            u32::try_from(middle),
            u32::try_from(self.text.len()),
        ) {
            self.entries.push([start, middle, end]);
        }
        Ok(())
    }

    /// How many packages there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Name and version of the package at a position.
    pub fn get(&self, position: usize) -> Option<(&str, &str)> {
        let [start, middle, end] = self.entries.get(position)?.map(|at| at as usize);
        Some((self.text.get(start..middle)?, self.text.get(middle..end)?))
    }

    /// All names and versions, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        (0..self.len()).filter_map(|position| self.get(position))
    }

    /// Directories that are not called as packages are, sorted.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(super) fn add_problems(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
        self.problems.sort();
    }
}
