//! Files that this program keeps: the advisory database and the caches of answers.
//!
//! All of it can be fetched again. A file is used only if it is a regular file of this user
//! (or root), not writable by others, and whole; otherwise it is as if it were not there.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use omg_vuln::Index;
use omg_vuln::index::IndexError;

use crate::env::Env;
use crate::failure::Failure;
use crate::output::write_atomically;

const MAX_CACHE_BYTES: u64 = 256 << 20;

/// The folder of all of it.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
}

/// What a stored index turned out to be.
pub enum Stored<T> {
    /// Never stored, or not to be trusted.
    Missing,
    Damaged(String),
    Usable(T),
}

impl Store {
    /// `$XDG_CACHE_HOME/omg/db`.
    pub fn new(env: &Env) -> Result<Self, Failure> {
        Ok(Self {
            dir: env.cache_dir()?.join("db"),
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The name of a source's index: `arch`, or `osv-` and the ecosystem.
    pub fn osv_name(ecosystem: &str) -> String {
        let safe = |c: char| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '_'
            }
        };
        format!("osv-{}", ecosystem.chars().map(safe).collect::<String>())
    }

    pub fn index(&self, name: &str) -> Stored<Index> {
        let bytes = match self.read(
            &format!("{name}.idx"),
            omg_vuln::index::MAX_INDEX_BYTES as u64,
        ) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Stored::Missing,
            Err(error) => return Stored::Damaged(error.to_string()),
        };
        match Index::open(bytes) {
            Ok(index) => Stored::Usable(index),
            Err(IndexError::Foreign) => Stored::Missing,
            Err(error) => Stored::Damaged(error.to_string()),
        }
    }

    pub fn write_index(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(&format!("{name}.idx"), bytes)
    }

    /// The names of all stored indexes, sorted.
    pub fn indexes(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".idx").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    }

    /// A cache file; one that is missing, foreign or too large is as if it were empty.
    pub fn cache(&self, name: &str) -> Option<Vec<u8>> {
        self.read(name, MAX_CACHE_BYTES).ok()
    }

    /// A document that was kept, if it is whole.
    pub fn document<T: omg_vuln::Storable>(&self, name: &str) -> Option<omg_vuln::Stored<T>> {
        omg_vuln::Stored::from_bytes(&self.cache(name)?).ok()
    }

    /// When such a file was written, as the file system says.
    pub fn cached_at(&self, name: &str) -> Option<DateTime<Utc>> {
        let meta = std::fs::metadata(self.dir.join(name)).ok()?;
        meta.modified().ok().map(DateTime::from)
    }

    pub fn write_cache(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(name, bytes)
    }

    /// Removes the folder and all that is in it. Gives how many files there were.
    pub fn clear(&self) -> io::Result<usize> {
        let files = match std::fs::read_dir(&self.dir) {
            Ok(entries) => entries.count(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        std::fs::remove_dir_all(&self.dir)?;
        Ok(files)
    }

    fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        let path = self.dir.join(name);
        let file = open_regular(&path)?;
        let meta = file.metadata()?;
        let ours = meta.uid() == rustix::process::geteuid().as_raw() || meta.uid() == 0;
        if !ours || meta.mode() & 0o022 != 0 {
            let detail = format!("{} is not ours alone to write", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, detail));
        }
        read_all(file, limit)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)?;
        write_atomically(&self.dir.join(name), bytes)
    }
}

/// A file that the user named, which may be a pipe such as `/dev/stdin`, up to a limit.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_all(File::open(path)?, limit)
}

/// Opens without waiting for the other end of a FIFO, and refuses what is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path)?;
    if !file.metadata()?.is_file() {
        let detail = format!("{} is no regular file", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, detail));
    }
    Ok(file)
}

fn read_all(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_rest(file, &mut bytes, limit)?;
    Ok(bytes)
}

/// Appends the rest of a file to what was read of it, up to a limit on both together.
pub fn read_rest(file: File, bytes: &mut Vec<u8>, limit: u64) -> io::Result<()> {
    // What the file system says is a hint; the limit holds whatever it says.
    let hint = file.metadata().map_or(0, |meta| meta.len()).min(limit);
    bytes.reserve(usize::try_from(hint).unwrap_or(0));
    let room = (limit + 1).saturating_sub(bytes.len() as u64);
    file.take(room).read_to_end(bytes)?;
    if bytes.len() as u64 > limit {
        let detail = format!("over the limit of {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
    }
    Ok(())
}
