//! OSV records in a ZIP archive, and gzip: bounded in every direction.

use std::fs::File;
use std::io::{self, Read as _};

use super::error::FeedError;
use crate::error::chain;
use crate::{BrokenRecord, Record, osv};

/// The most bytes that all members of one archive may unpack to: 16 GiB.
const MAX_UNPACKED_BYTES: u64 = 16 << 30;
/// The most members that one archive may have.
const MAX_MEMBERS: usize = 2_000_000;

/// Reads the records of an archive such as an ecosystem's `all.zip`, one after the other. The
/// error says why the archive is unusable; a broken record is handed on like a good one.
pub(super) fn read(
    file: File,
    mut take: impl FnMut(Result<Record, BrokenRecord>),
) -> Result<(), FeedError> {
    let mut archive = zip::ZipArchive::new(file).map_err(FeedError::archive)?;
    if archive.len() > MAX_MEMBERS {
        return Err(FeedError::TooManyMembers {
            members: archive.len(),
            limit: MAX_MEMBERS,
        });
    }
    let mut unpacked = 0;
    let mut bytes = Vec::new();
    for position in 0..archive.len() {
        let member = archive.by_index(position).map_err(FeedError::archive)?;
        let name = member.name().map_err(FeedError::archive)?.into_owned();
        if !member.is_file() || !name.ends_with(".json") {
            continue;
        }
        bytes.clear();
        let read = member
            .take(osv::MAX_RECORD_BYTES as u64 + 1)
            .read_to_end(&mut bytes);
        unpacked += bytes.len() as u64;
        if unpacked > MAX_UNPACKED_BYTES {
            return Err(FeedError::UnpacksTooLarge {
                limit: MAX_UNPACKED_BYTES,
            });
        }
        let record = read
            .map_err(|error| error.to_string())
            .and_then(|_| osv::parse_record(&bytes).map_err(|error| chain(&error)))
            .map_err(|reason| BrokenRecord::new(name, reason));
        take(record);
    }
    Ok(())
}

/// Unpacks gzip up to a limit; `None` if the bytes are no gzip.
pub(super) fn gunzip(bytes: &[u8], limit: u64) -> io::Result<Option<Vec<u8>>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(None);
    }
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut out)?;
    if out.len() as u64 > limit {
        let detail = format!("it unpacks to over {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
    }
    Ok(Some(out))
}
