//! `--advisories`: files, folders and ZIP archives, told apart by what is in them.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use omg_vuln::{
    Advisories, AdvisoryDb, BrokenRecord, Epss, Kev, Source, SourceKind, SourceStatus, arch, osv,
};

use super::Wanted;
use crate::archive;
use crate::failure::chain;
use crate::store::read_rest;

/// The most files that are taken from one folder.
const MAX_FILES: usize = 2_000_000;

/// Adds what a path holds; what cannot be read becomes a source that says so.
pub fn add(db: &mut AdvisoryDb, path: &Path, wanted: &Wanted<'_>) {
    let name = path.display().to_string();
    match Found::under(path, wanted) {
        Ok(found) => found.into_db(db, &name),
        Err((kind, reason)) => {
            db.add_failed(Source::new(name, kind).degraded(SourceStatus::Unreadable, reason));
        }
    }
}

/// What was found under one path, by kind.
#[derive(Default)]
pub struct Found {
    pub tracker: Option<Advisories>,
    pub osv: Option<Advisories>,
    pub kev: Option<Kev>,
    pub epss: Option<Epss>,
    pub broken: Vec<BrokenRecord>,
}

impl Found {
    /// Reads a file or a folder; if it cannot be read, says what it was read as, and why.
    pub fn under(path: &Path, wanted: &Wanted<'_>) -> Result<Self, (SourceKind, String)> {
        let mut found = Self::default();
        let result = match path.is_dir() {
            true => found.folder(path, wanted),
            false => found.file(path, wanted),
        };
        match result {
            Ok(()) => Ok(found),
            Err(reason) => Err((found.kind(), reason)),
        }
    }

    fn kind(&self) -> SourceKind {
        if self.tracker.is_some() {
            SourceKind::ArchTracker
        } else {
            SourceKind::Osv
        }
    }

    fn into_db(self, db: &mut AdvisoryDb, name: &str) {
        let Self {
            tracker,
            mut osv,
            kev,
            epss,
            broken,
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

    fn folder(&mut self, folder: &Path, wanted: &Wanted<'_>) -> Result<(), String> {
        let mut files = Vec::new();
        list(folder, &mut files).map_err(|error| error.to_string())?;
        files.sort_unstable();
        for file in &files {
            if let Err(reason) = self.file(file, wanted) {
                let subject = file
                    .strip_prefix(folder)
                    .unwrap_or(file)
                    .display()
                    .to_string();
                self.broken.push(BrokenRecord::new(subject, reason));
            }
        }
        match files.is_empty() {
            true => Err("it holds no .json, .zip, .csv or .gz file".to_owned()),
            false => Ok(()),
        }
    }

    /// The file is opened once and read from its beginning, so that it may be a pipe.
    fn file(&mut self, path: &Path, wanted: &Wanted<'_>) -> Result<(), String> {
        let text = |error: io::Error| error.to_string();
        let mut file = File::open(path).map_err(text)?;
        let mut bytes = Vec::new();
        file.by_ref()
            .take(4)
            .read_to_end(&mut bytes)
            .map_err(text)?;
        if bytes == *b"PK\x03\x04" {
            file.rewind().map_err(text)?;
            return self.archive(file, wanted);
        }
        read_rest(file, &mut bytes, osv::MAX_DOCUMENT_BYTES as u64).map_err(text)?;
        self.document(&bytes, wanted)
    }

    /// One document, of whichever kind it is.
    fn document(&mut self, bytes: &[u8], wanted: &Wanted<'_>) -> Result<(), String> {
        let limit = omg_vuln::epss::MAX_TABLE_BYTES as u64;
        let unpacked = archive::gunzip(bytes, limit).map_err(|error| error.to_string())?;
        let bytes = unpacked.as_deref().unwrap_or(bytes);
        match kind(bytes) {
            Kind::Tracker => {
                let read = arch::parse_for(bytes, |name| wanted.arch(name));
                self.tracker
                    .get_or_insert_default()
                    .append(read.map_err(|e| chain(&e))?);
            }
            Kind::Osv => {
                let read = osv::parse_for(bytes, |affected| wanted.affected(affected));
                self.osv
                    .get_or_insert_default()
                    .append(read.map_err(|e| chain(&e))?);
            }
            Kind::Kev => self.kev = Some(Kev::parse(bytes).map_err(|e| chain(&e))?),
            Kind::Epss => self.epss = Some(Epss::parse(bytes).map_err(|e| chain(&e))?),
            Kind::Unknown => {
                return Err("neither the Arch tracker's feed, OSV, KEV nor EPSS".to_owned());
            }
        }
        Ok(())
    }

    fn archive(&mut self, file: File, wanted: &Wanted<'_>) -> Result<(), String> {
        let out = self.osv.get_or_insert_default();
        archive::read(file, |record| match record {
            Ok(record) => out.push_if(record, |affected| wanted.affected(affected)),
            Err(broken) => out.broken.push(broken),
        })?;
        match out.read() {
            0 => Err("it holds no OSV record".to_owned()),
            _ => Ok(()),
        }
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
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
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
        if files.len() > MAX_FILES {
            return Err(io::Error::other(format!("over {MAX_FILES} files")));
        }
    }
    Ok(())
}
