//! Archives and compressed files: zip, tar, gzip and zstd, within each other.

mod budget;
mod zstd;

use std::io::{BufRead as _, BufReader, Cursor, Read, Seek, SeekFrom};

use self::budget::Budget;
use self::zstd::Zstd;

/// How far archives are opened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many formats may be within each other (default: 4, so that a `.tar.gz` within a
    /// `.tar.zst` is opened).
    pub depth: usize,
    /// How many bytes may come out of one archive, all members together (default: 1 GiB).
    pub bytes: u64,
    /// How many members one archive may have, all depths together (default: 100,000).
    pub members: usize,
    /// How many bytes a zip file within another archive may have, since it is held in memory
    /// (default: 8 MiB). The directory of a zip file, which takes up to ten times its length in
    /// memory, may have half of that, and an eighth within another archive.
    pub memory: u64,
    /// The largest window of a zstd file (default: 32 MiB, which `zstd --ultra -20` uses).
    pub window: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 4,
            bytes: 1 << 30,
            members: 100_000,
            memory: 8 << 20,
            window: 32 << 20,
        }
    }
}

/// An archive that was not read to its end. What came before was given to the caller.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// More formats within each other than the limit.
    #[error("archives within archives over the limit of {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// More bytes came out than the limit: perhaps a bomb.
    #[error("unpacks to more than the limit of {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// More memory would be needed than the limit.
    #[error("needs more memory than the limit of {limit} bytes")]
    TooMuchMemory {
        /// The limit.
        limit: u64,
    },
    /// More members than the limit.
    #[error("more members than the limit of {limit}")]
    TooManyMembers {
        /// The limit.
        limit: usize,
    },
    /// It is damaged, encrypted or uses a method that is not known.
    #[error("cannot be unpacked")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How much of the start says what an archive is.
const HEAD: usize = 262;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Zip,
    Tar,
    Gzip,
    Zstd,
}

fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some(Kind::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Kind::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        _ if bytes.get(257..262) == Some(b"ustar") => Some(Kind::Tar),
        _ => None,
    }
}

/// Whether the bytes begin like an archive that [`members`] opens. 262 bytes suffice.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    kind(bytes).is_some()
}

/// Calls `found` with the name and the bytes of every member that is no archive itself. The
/// name of a member of a member is joined with `!`. Nothing is held in memory as a whole but
/// a zip file within another archive.
///
/// # Errors
///
/// [`ArchiveError`] where a limit is reached or the archive is damaged, and where `found`
/// fails; members before that were given to `found`.
pub fn members(
    archive: impl Read + Seek,
    limits: Limits,
    found: &mut dyn FnMut(&str, &mut dyn Read) -> std::io::Result<()>,
) -> Result<(), ArchiveError> {
    let mut opener = Opener {
        limits,
        budget: Budget::new(limits.bytes),
        members: 0,
        found,
    };
    let mut archive = BufReader::new(archive);
    let head = archive.fill_buf().map_err(damaged)?;
    let result = if kind(head) == Some(Kind::Zip) {
        opener.zip(&mut archive, "", 1)
    } else {
        opener.open(&mut archive, "", 1)
    };
    // Readers of other crates hide whose error it was.
    match result {
        Err(ArchiveError::Damaged(_)) if opener.budget.is_spent() => Err(ArchiveError::TooLarge {
            limit: limits.bytes,
        }),
        other => other,
    }
}

struct Opener<'a> {
    limits: Limits,
    budget: Budget,
    members: usize,
    found: &'a mut dyn FnMut(&str, &mut dyn Read) -> std::io::Result<()>,
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> ArchiveError {
    ArchiveError::Damaged(Box::new(error))
}

impl Opener<'_> {
    fn open(
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

    fn zip<R: Read + Seek>(
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn tarball(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(u64::try_from(bytes.len()).unwrap());
            header.set_mode(0o644);
            header.set_cksum();
            out.append_data(&mut header, name, *bytes).unwrap();
        }
        out.into_inner().unwrap()
    }

    fn names(bytes: &[u8], limits: Limits) -> (Vec<String>, Result<(), ArchiveError>) {
        let mut out = Vec::new();
        let result = members(Cursor::new(bytes), limits, &mut |name, member| {
            out.push(name.to_owned());
            std::io::copy(member, &mut std::io::sink()).map(|_| ())
        });
        (out, result)
    }

    #[test]
    fn members_of_members() {
        let inner = gzip(&tarball(&[("b", b"text")]));
        let outer = tarball(&[("a", b"text"), ("in.tgz", &inner)]);
        let (names, result) = names(&outer, Limits::default());
        assert!(result.is_ok());
        assert_eq!(names, ["a", "in.tgz!b"]);
    }

    #[test]
    fn bombs_and_depth_are_bounded() {
        let bomb = gzip(&vec![0; 10 << 20]);
        let limits = Limits {
            bytes: 1 << 20,
            ..Limits::default()
        };
        assert!(matches!(
            names(&bomb, limits).1,
            Err(ArchiveError::TooLarge { .. })
        ));
        let mut deep = b"text".to_vec();
        for _ in 0..10 {
            deep = gzip(&deep);
        }
        assert!(matches!(
            names(&deep, Limits::default()).1,
            Err(ArchiveError::TooDeep { .. })
        ));
        let many = tarball(&[("a", b"1"), ("b", b"2")]);
        let limits = Limits {
            members: 1,
            ..Limits::default()
        };
        assert!(matches!(
            names(&many, limits).1,
            Err(ArchiveError::TooManyMembers { .. })
        ));
    }

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            let options = zip::write::SimpleFileOptions::default();
            out.start_file(*name, options).unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn zip_files_within_others_are_opened_within_the_memory_limit() {
        let inner = zipped(&[("b", b"text"), ("c", b"text")]);
        let outer = zipped(&[("a", b"text"), ("in.zip", &inner)]);
        let (found, result) = names(&outer, Limits::default());
        assert!(result.is_ok());
        assert_eq!(found, ["a", "in.zip!b", "in.zip!c"]);
        let limits = Limits {
            memory: 100,
            ..Limits::default()
        };
        assert!(matches!(
            names(&gzip(&outer), limits).1,
            Err(ArchiveError::TooMuchMemory { limit: 100 })
        ));
    }

    #[test]
    fn a_directory_of_a_zip_file_is_bounded() {
        let mut archive = zipped(&[("a", b"text")]);
        let end = archive.len() - 22;
        archive[end + 12..end + 16].copy_from_slice(&(64_u32 << 20).to_le_bytes());
        assert!(matches!(
            names(&archive, Limits::default()).1,
            Err(ArchiveError::TooMuchMemory { .. })
        ));
        let long = "n".repeat(60_000);
        let many: Vec<String> = (0..100).map(|at| format!("{at}{long}")).collect();
        let members: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), &b"x"[..])).collect();
        assert!(matches!(
            names(&zipped(&members), Limits::default()).1,
            Err(ArchiveError::TooMuchMemory { .. })
        ));
    }

    #[test]
    fn compressed_parts_one_after_the_other_are_one_text() {
        let parts = [gzip(b"one "), gzip(b"two")].concat();
        let mut text = Vec::new();
        let read = &mut |_: &str, member: &mut dyn Read| member.read_to_end(&mut text).map(|_| ());
        members(Cursor::new(parts), Limits::default(), read).unwrap();
        assert_eq!(text, b"one two");
        // Two frames that store their bytes, with a frame to be skipped between them
        // (RFC 8878, sections 3.1.1 and 3.1.2).
        let frame = |text: &[u8]| {
            let size = u8::try_from(text.len()).unwrap();
            let block = [size << 3 | 1, 0, 0];
            [&[0x28, 0xb5, 0x2f, 0xfd, 0x20, size], &block[..], text].concat()
        };
        let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let parts = [&frame(b"one ")[..], &skipped, &frame(b"two")].concat();
        let mut text = Vec::new();
        let read = &mut |_: &str, member: &mut dyn Read| member.read_to_end(&mut text).map(|_| ());
        members(Cursor::new(parts), Limits::default(), read).unwrap();
        assert_eq!(text, b"one two");
    }

    #[test]
    fn damage_is_an_error() {
        for start in [
            b"PK\x03\x04".as_slice(),
            b"\x1f\x8b\x08",
            b"\x28\xb5\x2f\xfd",
        ] {
            let bytes = [start, &[0xff; 100]].concat();
            assert!(matches!(
                names(&bytes, Limits::default()).1,
                Err(ArchiveError::Damaged(_))
            ));
        }
    }
}
