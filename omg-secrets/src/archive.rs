//! Archives and compressed files: zip, tar, gzip and zstd, within each other.

use std::io::{Cursor, Read};

/// How far archives are opened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many formats may be within each other (default: 4, so that a `.tar.gz` within a
    /// `.tar.zst` is opened).
    pub depth: usize,
    /// How many bytes may come out of one archive, all members together (default: 256 MiB).
    pub bytes: u64,
    /// How many members one archive may have, all depths together (default: 100,000).
    pub members: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 4,
            bytes: 256 << 20,
            members: 100_000,
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
/// name of a member of a member is joined with `!`.
///
/// # Errors
///
/// [`ArchiveError`] where a limit is reached or the archive is damaged; members before that
/// were given to `found`.
pub fn members(
    bytes: &[u8],
    limits: Limits,
    found: &mut dyn FnMut(&str, &[u8]),
) -> Result<(), ArchiveError> {
    let mut opener = Opener {
        limits,
        left: limits.bytes,
        members: 0,
        found,
    };
    opener.open(bytes, "", 1)
}

struct Opener<'a> {
    limits: Limits,
    left: u64,
    members: usize,
    found: &'a mut dyn FnMut(&str, &[u8]),
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> ArchiveError {
    ArchiveError::Damaged(Box::new(error))
}

impl Opener<'_> {
    fn open(&mut self, bytes: &[u8], name: &str, depth: usize) -> Result<(), ArchiveError> {
        if depth > self.limits.depth {
            return Err(ArchiveError::TooDeep {
                limit: self.limits.depth,
            });
        }
        match kind(bytes) {
            Some(Kind::Zip) => self.zip(bytes, name, depth),
            Some(Kind::Tar) => self.tar(bytes, name, depth),
            Some(Kind::Gzip) => {
                let inner = self.read(flate2::read::MultiGzDecoder::new(bytes))?;
                self.member(&inner, name, depth)
            }
            Some(Kind::Zstd) => {
                let decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(damaged)?;
                let inner = self.read(decoder)?;
                self.member(&inner, name, depth)
            }
            None => {
                (self.found)(name, bytes);
                Ok(())
            }
        }
    }

    fn zip(&mut self, bytes: &[u8], name: &str, depth: usize) -> Result<(), ArchiveError> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        for at in 0..archive.len() {
            let member = archive.by_index(at).map_err(damaged)?;
            if member.is_dir() {
                continue;
            }
            let path = joined(name, &String::from_utf8_lossy(member.name_raw()));
            let inner = self.read(member)?;
            self.member(&inner, &path, depth)?;
        }
        Ok(())
    }

    fn tar(&mut self, bytes: &[u8], name: &str, depth: usize) -> Result<(), ArchiveError> {
        let mut archive = tar::Archive::new(bytes);
        for member in archive.entries().map_err(damaged)? {
            let member = member.map_err(damaged)?;
            if !member.header().entry_type().is_file() {
                continue;
            }
            let path = joined(name, &String::from_utf8_lossy(&member.path_bytes()));
            let inner = self.read(member)?;
            self.member(&inner, &path, depth)?;
        }
        Ok(())
    }

    fn member(&mut self, bytes: &[u8], name: &str, depth: usize) -> Result<(), ArchiveError> {
        self.members += 1;
        if self.members > self.limits.members {
            return Err(ArchiveError::TooManyMembers {
                limit: self.limits.members,
            });
        }
        self.open(bytes, name, depth + 1)
    }

    fn read(&mut self, reader: impl Read) -> Result<Vec<u8>, ArchiveError> {
        let mut out = Vec::new();
        reader
            .take(self.left + 1)
            .read_to_end(&mut out)
            .map_err(damaged)?;
        let length = u64::try_from(out.len()).unwrap_or(u64::MAX);
        if length > self.left {
            return Err(ArchiveError::TooLarge {
                limit: self.limits.bytes,
            });
        }
        self.left -= length;
        Ok(out)
    }
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
        let result = members(bytes, limits, &mut |name, _| out.push(name.to_owned()));
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
