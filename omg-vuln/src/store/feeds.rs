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
        let mut files = Vec::new();
        list(folder, &mut files)?;
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

/// Regular files with a known ending below a folder; links to folders are not followed.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FeedError> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list(&path, files)?;
        } else if path.is_file()
            && path.extension().is_some_and(|e| {
                ["json", "zip", "csv", "gz"]
                    .iter()
                    .any(|known| e.eq_ignore_ascii_case(known))
            })
        {
            files.push(path);
        }
        if files.len() > MAX_FEED_FILES {
            return Err(FeedError::TooManyFiles {
                limit: MAX_FEED_FILES,
            });
        }
    }
    Ok(())
}
