//! Advisories in files, folders and ZIP archives, told apart by their content.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};

use super::archive;
use super::error::FeedError;
use super::files::read_rest;
use super::filter::PackageFilter;
use crate::error::chain;
use crate::{
    Advisories, AdvisoryDb, BrokenRecord, Epss, Kev, Source, SourceKind, SourceStatus, arch, osv,
};

/// The most files that are read from one folder.
pub const MAX_FEED_FILES: usize = 2_000_000;

/// The feeds found under one path, by kind.
///
/// # Examples
///
/// ```
/// use omg_vuln::store::{PackageFilter, ParsedFeeds};
///
/// let file = std::env::temp_dir().join(format!("omg-feeds-example-{}.json", std::process::id()));
/// std::fs::write(&file, r#"{"vulnerabilities": [{"cveID": "CVE-2024-3094"}]}"#)?;
/// let feeds = ParsedFeeds::read(&file, &PackageFilter::everything());
/// # std::fs::remove_file(&file)?;
/// assert!(feeds.kev.is_some() && feeds.osv.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ParsedFeeds {
    /// Groups of the Arch tracker.
    pub tracker: Option<Advisories>,
    /// Records of OSV.
    pub osv: Option<Advisories>,
    /// CISA's catalogue.
    pub kev: Option<Kev>,
    /// FIRST's table.
    pub epss: Option<Epss>,
    /// Files that cannot be used, beside others that can.
    pub broken: Vec<BrokenRecord>,
    /// Why the path as a whole cannot be used, if so.
    pub error: Option<FeedError>,
}

impl ParsedFeeds {
    /// Reads a file, or all files with a known ending below a folder.
    pub fn read(path: &Path, filter: &PackageFilter<'_>) -> Self {
        let mut feeds = Self::default();
        let result = match path.is_dir() {
            true => feeds.folder(path, filter),
            false => feeds.file(path, filter),
        };
        feeds.error = result.err();
        feeds
    }

    /// Adds everything to a database as sources of this name. A path that cannot be used becomes
    /// a source that says so.
    pub fn add_to(self, db: &mut AdvisoryDb, name: &str) {
        if let Some(error) = &self.error {
            let source = Source::new(name, self.kind());
            return db.add_failed(source.degraded(SourceStatus::Unreadable, chain_once(error)));
        }
        let Self {
            tracker,
            mut osv,
            kev,
            epss,
            broken,
            error: _,
        } = self;
        if !broken.is_empty() {
            osv.get_or_insert_default().broken.extend(broken);
        }
        if let Some(tracker) = tracker {
            db.add(Source::new(name, SourceKind::ArchTracker), tracker);
        }
        if let Some(osv) = osv {
            let source = Source::new(name, SourceKind::Osv).as_of(osv.newest);
            db.add(source, osv);
        }
        if let Some(kev) = kev {
            db.set_kev(Source::new(name, SourceKind::Kev), kev);
        }
        if let Some(epss) = epss {
            db.set_epss(Source::new(name, SourceKind::Epss), epss);
        }
    }

    /// The kind of advisories that a path which cannot be used would have had.
    fn kind(&self) -> SourceKind {
        match self.tracker.is_some() {
            true => SourceKind::ArchTracker,
            false => SourceKind::Osv,
        }
    }

    fn folder(&mut self, folder: &Path, filter: &PackageFilter<'_>) -> Result<(), FeedError> {
        let mut found = Listed::default();
        found.add(folder, folder)?;
        let Listed { mut files, odd } = found;
        self.broken.extend(odd);
        files.sort_unstable();
        for file in &files {
            if let Err(error) = self.file(file, filter) {
                let subject = file
                    .strip_prefix(folder)
                    .unwrap_or(file)
                    .display()
                    .to_string();
                self.broken
                    .push(BrokenRecord::new(subject, chain_once(&error)));
            }
        }
        match files.is_empty() {
            true => Err(FeedError::EmptyFolder),
            false => Ok(()),
        }
    }

    /// Opens the file once and reads it from its beginning, so that it may be a pipe.
    fn file(&mut self, path: &Path, filter: &PackageFilter<'_>) -> Result<(), FeedError> {
        let mut file = File::open(path)?;
        let mut bytes = Vec::new();
        file.by_ref().take(4).read_to_end(&mut bytes)?;
        if bytes == *b"PK\x03\x04" {
            file.rewind()?;
            return self.archive(file, filter);
        }
        read_rest(file, &mut bytes, osv::MAX_DOCUMENT_BYTES as u64)?;
        self.document(&bytes, filter)
    }

    /// One document, of whichever kind it is.
    fn document(&mut self, bytes: &[u8], filter: &PackageFilter<'_>) -> Result<(), FeedError> {
        let limit = crate::epss::MAX_TABLE_BYTES as u64;
        let unpacked = archive::gunzip(bytes, limit)?;
        let bytes = unpacked.as_deref().unwrap_or(bytes);
        match kind(bytes) {
            Kind::Tracker => {
                let read = arch::parse_for(bytes, |name| filter.keeps_arch(name))?;
                self.tracker.get_or_insert_default().append(read);
            }
            Kind::Osv => {
                let read = osv::parse_for(bytes, |affected| filter.keeps(affected))?;
                self.osv.get_or_insert_default().append(read);
            }
            Kind::Kev => self.kev = Some(Kev::parse(bytes)?),
            Kind::Epss => self.epss = Some(Epss::parse(bytes)?),
            Kind::Unknown => return Err(FeedError::UnknownKind),
        }
        Ok(())
    }

    fn archive(&mut self, file: File, filter: &PackageFilter<'_>) -> Result<(), FeedError> {
        let out = self.osv.get_or_insert_default();
        archive::read(file, |record| match record {
            Ok(record) => out.push_if(record, |affected| filter.keeps(affected)),
            Err(broken) => out.broken.push(broken),
        })?;
        match out.read() {
            0 => Err(FeedError::EmptyArchive),
            _ => Ok(()),
        }
    }
}

/// An error and its causes on one line; transparent ones name themselves once.
pub(super) fn chain_once(error: &FeedError) -> String {
    match error {
        FeedError::Parse(error) => chain(error),
        other => other.to_string(),
    }
}

enum Kind {
    Tracker,
    Osv,
    Kev,
    Epss,
    Unknown,
}

/// By the first object of the document: `packages` only stands in the tracker's groups, `id`
/// in OSV records.
fn kind(bytes: &[u8]) -> Kind {
    #[derive(serde::Deserialize)]
    struct Keys {
        id: Option<serde::de::IgnoredAny>,
        vulns: Option<serde::de::IgnoredAny>,
        vulnerabilities: Option<serde::de::IgnoredAny>,
        name: Option<serde::de::IgnoredAny>,
    }
    let text = bytes.trim_ascii_start();
    let object = match text.first() {
        Some(b'{') => text,
        Some(b'[') => &text[1..],
        Some(b'#' | b'c') => return Kind::Epss,
        _ => return Kind::Unknown,
    };
    let mut objects = serde_json::Deserializer::from_slice(object).into_iter::<Keys>();
    match objects.next() {
        Some(Ok(keys)) if keys.id.is_some() || keys.vulns.is_some() => Kind::Osv,
        Some(Ok(keys)) if keys.vulnerabilities.is_some() => Kind::Kev,
        Some(Ok(keys)) if keys.name.is_some() && text.first() == Some(&b'[') => Kind::Tracker,
        // An empty list is nobody's feed, but its reader says so best.
        None if text.first() == Some(&b'[') => Kind::Osv,
        _ if text.starts_with(b"[") => Kind::Osv,
        _ => Kind::Unknown,
    }
}

/// The files of a folder: those with a known ending, and what is neither a file nor a folder.
#[derive(Default)]
struct Listed {
    files: Vec<PathBuf>,
    /// Entries that were not read: the folder was named, and what it leads to may be an advisory.
    odd: Vec<BrokenRecord>,
}

impl Listed {
    /// Adds what is below a folder; links to folders are not followed.
    fn add(&mut self, root: &Path, folder: &Path) -> Result<(), FeedError> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.add(root, &path)?;
            } else if let Err(reason) = is_file(&path) {
                let subject = path.strip_prefix(root).unwrap_or(&path);
                let subject = subject.display().to_string();
                self.odd.push(BrokenRecord::new(subject, reason));
            } else if has_known_ending(&path) {
                self.files.push(path);
            }
            if self.files.len() + self.odd.len() > MAX_FEED_FILES {
                return Err(FeedError::TooManyFiles {
                    limit: MAX_FEED_FILES,
                });
            }
        }
        Ok(())
    }
}

fn is_file(path: &Path) -> Result<(), String> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(metadata) if metadata.is_dir() => Err("a link to a folder is not followed".to_owned()),
        Ok(_) => Err("not a regular file".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn has_known_ending(path: &Path) -> bool {
    let known = ["json", "zip", "csv", "gz"];
    path.extension()
        .is_some_and(|ending| known.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A test may fail anywhere.
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_a_folder_leads_to_and_was_not_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.json"), r#"{"id": "A-1"}"#).unwrap();
        std::fs::write(at("README.md"), "records").unwrap();
        let read = || ParsedFeeds::read(folder.path(), &PackageFilter::everything());
        assert!(read().broken.is_empty());
        symlink("/nowhere/b.json", at("b.json")).unwrap();
        symlink(other.path(), at("sub")).unwrap();
        symlink(at("a.json"), at("c.json")).unwrap();
        let subjects: Vec<String> = read().broken.into_iter().map(|b| b.subject).collect();
        let mut sorted = subjects;
        sorted.sort();
        assert_eq!(sorted, ["b.json", "sub"]);
    }
}
