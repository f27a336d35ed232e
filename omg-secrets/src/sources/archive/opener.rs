//! Members of archives, one within the other.

use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};

use super::budget::Budget;
use super::kind::{HEAD, Kind, kind};
use super::limits::{ArchiveError, Limits, damaged};
use super::zstd::Zstd;

pub(super) struct Opener<'a> {
    pub(super) limits: Limits,
    pub(super) budget: Budget,
    pub(super) members: usize,
    pub(super) found: &'a mut dyn FnMut(&str, &mut dyn Read) -> std::io::Result<()>,
}

impl Opener<'_> {
    pub(super) fn open(
        &mut self,
        reader: &mut dyn Read,
        name: &str,
        depth: usize,
    ) -> Result<(), ArchiveError> {
        let mut head = Vec::with_capacity(HEAD);
        let taken = u64::try_from(HEAD).unwrap_or_default();
        (&mut *reader)
            .take(taken)
            .read_to_end(&mut head)
            .map_err(damaged)?;
        let kind = kind(&head);
        if kind.is_some() && depth > self.limits.depth {
            return Err(ArchiveError::TooDeep {
                limit: self.limits.depth,
            });
        }
        let mut whole = Cursor::new(head).chain(reader);
        match kind {
            Some(Kind::Zip) => {
                let mut bytes = Vec::new();
                let limit = self.limits.memory;
                (&mut whole)
                    .take(limit + 1)
                    .read_to_end(&mut bytes)
                    .map_err(damaged)?;
                if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
                    return Err(ArchiveError::TooMuchMemory { limit });
                }
                self.zip(&mut Cursor::new(bytes), name, depth)
            }
            Some(Kind::Tar) => self.tar(&mut whole, name, depth),
            Some(Kind::Gzip) => {
                let inner = flate2::read::MultiGzDecoder::new(whole);
                self.member(&mut self.budget.clone().meter(inner), name, depth)
            }
            Some(Kind::Zstd) => {
                let inner = Zstd::new(BufReader::new(whole), self.limits.window);
                self.member(&mut self.budget.clone().meter(inner), name, depth)
            }
            None => (self.found)(name, &mut whole).map_err(damaged),
        }
    }

    pub(super) fn zip<R: Read + Seek>(
        &mut self,
        reader: &mut R,
        name: &str,
        depth: usize,
    ) -> Result<(), ArchiveError> {
        let most = self.limits.memory / if depth == 1 { 2 } else { 8 };
        let too_much = ArchiveError::TooMuchMemory {
            limit: self.limits.memory,
        };
        if directory_bytes(reader).map_err(damaged)? > most {
            return Err(too_much);
        }
        let directory = Budget::new(most.saturating_add(1 << 20));
        let counted = directory.clone().meter(reader);
        let mut archive = match zip::ZipArchive::new(counted) {
            Ok(archive) => archive,
            Err(_) if directory.is_spent() => return Err(too_much),
            Err(error) => return Err(damaged(error)),
        };
        directory.lift();
        for at in 0..archive.len() {
            let member = archive.by_index(at).map_err(damaged)?;
            if member.is_dir() {
                continue;
            }
            let path = joined(name, &String::from_utf8_lossy(member.name_raw()));
            self.member(&mut self.budget.clone().meter(member), &path, depth)?;
        }
        Ok(())
    }

    fn tar(&mut self, reader: &mut dyn Read, name: &str, depth: usize) -> Result<(), ArchiveError> {
        // A sparse member is longer than what stands for it: it is metered by itself.
        let sparse = Budget::new(self.limits.bytes);
        let mut archive = tar::Archive::new(reader);
        for member in archive.entries().map_err(damaged)? {
            let member = member.map_err(damaged)?;
            let kind = member.header().entry_type();
            if !(kind.is_file() || kind.is_gnu_sparse() || kind.is_contiguous()) {
                continue;
            }
            let path = joined(name, &String::from_utf8_lossy(&member.path_bytes()));
            self.member(&mut sparse.clone().meter(member), &path, depth)?;
            if sparse.is_spent() {
                return Err(ArchiveError::TooLarge {
                    limit: self.limits.bytes,
                });
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        reader: &mut dyn Read,
        name: &str,
        depth: usize,
    ) -> Result<(), ArchiveError> {
        self.members += 1;
        if self.members > self.limits.members {
            return Err(ArchiveError::TooManyMembers {
                limit: self.limits.members,
            });
        }
        self.open(reader, name, depth + 1)
    }
}

/// The length of a zip file's directory as its end says it: PKWARE's APPNOTE, sections 4.3.16
/// and 4.3.14, the largest of all places that could be that end. The position is kept.
fn directory_bytes(reader: &mut (impl Read + Seek)) -> std::io::Result<u64> {
    const COMMENT: u64 = 66_000;
    let end = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(end.saturating_sub(COMMENT)))?;
    let mut tail = Vec::new();
    reader.by_ref().take(COMMENT).read_to_end(&mut tail)?;
    let mut most = 0;
    for at in memchr::memmem::find_iter(&tail, b"PK\x05\x06") {
        if let Some(size) = tail[at..].get(12..16).and_then(<[u8]>::first_chunk) {
            let size = u32::from_le_bytes(*size);
            most = most.max(if size == u32::MAX { 0 } else { u64::from(size) });
        }
    }
    for at in memchr::memmem::find_iter(&tail, b"PK\x06\x06") {
        if let Some(size) = tail[at..].get(40..48).and_then(<[u8]>::first_chunk) {
            most = most.max(u64::from_le_bytes(*size));
        }
    }
    reader.rewind()?;
    Ok(most)
}

fn joined(outer: &str, inner: &str) -> String {
    if outer.is_empty() {
        inner.to_owned()
    } else {
        format!("{outer}!{inner}")
    }
}
