use std::{
    collections::HashMap,
    io::{self, Read},
};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;

use super::{
    super::limits,
    desc,
    sync::{SyncDatabase, SyncPackage},
};
use crate::ParseError;

const FORMAT: &str = "pacman sync database";

/// What a decompressor may use for its window; `repo-add` uses the tools' defaults, 8 MiB.
const MAX_WINDOW_KIB: u32 = 64 * 1024;

impl SyncDatabase {
    /// Reads a sync database: a tar archive, plain or compressed with gzip, zstd or xz, which
    /// its first bytes tell.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooLarge`] above [`limits::MAX_SYNC_BYTES`] as given or
    /// [`limits::MAX_SYNC_UNPACKED_BYTES`] decompressed, [`ParseError::TooManyEntries`], and
    /// [`ParseError::Syntax`] for a broken archive or an entry without name and version. A
    /// database is refused as a whole, since what a part of it lacks would look foreign.
    pub fn parse(repository: &str, bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes.len() > limits::MAX_SYNC_BYTES {
            let limit = limits::MAX_SYNC_BYTES;
            return Err(ParseError::TooLarge {
                format: FORMAT,
                limit,
            });
        }
        let budget = Budget::new(decompressor(bytes)?);
        let mut archive = tar::Archive::new(budget);
        let packages = read_entries(&mut archive);
        // Running out of budget looks like a broken archive to the tar reader.
        let budget = archive.into_inner();
        if budget.exhausted {
            let limit = limits::MAX_SYNC_UNPACKED_BYTES;
            return Err(ParseError::TooLarge {
                format: FORMAT,
                limit,
            });
        }
        Ok(Self {
            repository: repository.to_owned(),
            packages: packages?,
        })
    }
}

fn decompressor(bytes: &[u8]) -> Result<Box<dyn Read + '_>, ParseError> {
    Ok(match bytes {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(bytes)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let window = u64::from(MAX_WINDOW_KIB) * 1024;
            let decoder = StreamingDecoder::new_with_max_window_size(bytes, window);
            Box::new(decoder.map_err(|e| ParseError::syntax(FORMAT, e))?)
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Box::new(XzReader::new_mem_limit(bytes, true, MAX_WINDOW_KIB))
        }
        _ => Box::new(bytes),
    })
}

fn read_entries(
    archive: &mut tar::Archive<impl Read>,
) -> Result<HashMap<String, SyncPackage>, ParseError> {
    let broken = |e: io::Error| ParseError::syntax(FORMAT, e);
    let mut packages = HashMap::new();
    let mut content = Vec::new();
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !path.ends_with("/desc") || !entry.header().entry_type().is_file() {
            continue;
        }
        if entry.size() > limits::MAX_DESC_BYTES as u64 {
            return Err(ParseError::TooLarge {
                format: FORMAT,
                limit: limits::MAX_DESC_BYTES,
            });
        }
        content.clear();
        entry.read_to_end(&mut content).map_err(broken)?;
        if packages.len() >= limits::MAX_ENTRIES {
            return Err(ParseError::TooManyEntries {
                limit: limits::MAX_ENTRIES,
            });
        }
        let (name, offer) = offer(&content, &path)?;
        packages.insert(name, offer);
    }
    Ok(packages)
}

fn offer(content: &[u8], path: &str) -> Result<(String, SyncPackage), ParseError> {
    let package = desc::parse(content, path).package;
    if package.name.is_empty() || package.version.is_empty() {
        return Err(ParseError::syntax(
            FORMAT,
            format!("{path:?}: no name or no version"),
        ));
    }
    let offer = SyncPackage {
        version: package.version,
        archive_name: package.archive_name,
        archive_size: package.archive_size,
        archive_sha256: package.archive_sha256,
        archive_signature: package.archive_signature,
    };
    Ok((package.name, offer))
}

/// Reads on until more than the limit came out.
struct Budget<R> {
    inner: R,
    left: usize,
    exhausted: bool,
}

impl<R> Budget<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            left: limits::MAX_SYNC_UNPACKED_BYTES,
            exhausted: false,
        }
    }
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count) {
            Some(left) => self.left = left,
            None => {
                self.exhausted = true;
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        Ok(count)
    }
}
