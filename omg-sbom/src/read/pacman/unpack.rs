use std::{
    collections::HashMap,
    io::{self, Read},
};

use super::{
    budget::Budget,
    desc,
    local::split_directory_name,
    sync::{SyncDatabase, SyncPackage},
};
use crate::{
    model::{error::ParseError, limits},
    read::decompress::decompressor,
};

const FORMAT: &str = "pacman sync database";

/// tar(5): an archive ends with two blocks of zeros.
const END_BYTES: usize = 1024;

impl SyncDatabase {
    /// Reads a sync database: a tar archive, plain or compressed with gzip, zstd or xz, which
    /// its first bytes tell.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooLarge`] above [`limits::MAX_SYNC_BYTES`] as given or
    /// [`limits::MAX_SYNC_UNPACKED_BYTES`] decompressed, [`ParseError::TooManyEntries`], and
    /// [`ParseError::Syntax`] for a broken archive or an entry that is not of the package that
    /// its directory names. A database is refused as a whole, since what a part of it lacks
    /// would look foreign.
    pub fn parse(repository: &str, bytes: &[u8]) -> Result<Self, ParseError> {
        Self::parse_some(repository, bytes, |_| true)
    }

    /// As [`parse`](Self::parse), without the packages that are not `wanted`.
    pub(crate) fn parse_some(
        repository: &str,
        bytes: &[u8],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, ParseError> {
        let packages = parse_within(bytes, LIMITS, wanted)?;
        Ok(Self {
            repository: repository.to_owned(),
            packages,
        })
    }
}

/// What [`limits`] says of sync databases; tests use less.
#[derive(Clone, Copy)]
struct Limits {
    stored: usize,
    unpacked: usize,
    entries: usize,
}

const LIMITS: Limits = Limits {
    stored: limits::MAX_SYNC_BYTES,
    unpacked: limits::MAX_SYNC_UNPACKED_BYTES,
    entries: limits::MAX_ENTRIES,
};

fn parse_within(
    bytes: &[u8],
    limits: Limits,
    wanted: impl Fn(&str) -> bool,
) -> Result<HashMap<String, SyncPackage>, ParseError> {
    if bytes.len() > limits.stored {
        return Err(too_large(limits.stored));
    }
    let mut archive = tar::Archive::new(Budget::new(decompressor(bytes, bytes), limits.unpacked));
    let packages = read_entries(&mut archive, limits.entries, wanted);
    let mut rest = archive.into_inner();
    // The checksums of the compressed formats come last.
    let rest_is_sound = io::copy(&mut rest, &mut io::sink());
    // Running out of budget looks like a broken archive to the tar reader.
    if rest.is_exhausted() {
        return Err(too_large(limits.unpacked));
    }
    let packages = packages?;
    rest_is_sound.map_err(|e| ParseError::syntax(FORMAT, e))?;
    if rest.trailing_zeros() < END_BYTES {
        return Err(ParseError::syntax(FORMAT, "cut off"));
    }
    Ok(packages)
}

fn too_large(limit: usize) -> ParseError {
    ParseError::TooLarge {
        format: FORMAT,
        limit,
    }
}

fn read_entries(
    archive: &mut tar::Archive<impl Read>,
    limit: usize,
    wanted: impl Fn(&str) -> bool,
) -> Result<HashMap<String, SyncPackage>, ParseError> {
    let broken = |e: io::Error| ParseError::syntax(FORMAT, e);
    let mut packages = HashMap::new();
    let mut content = Vec::new();
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        if count >= limit {
            return Err(ParseError::TooManyEntries { limit });
        }
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(directory) = path.strip_suffix("/desc") else {
            continue;
        };
        let (name, version) = split_directory_name(directory)
            .ok_or_else(|| ParseError::syntax(FORMAT, format!("{directory:?} names no package")))?;
        if !wanted(name) {
            continue;
        }
        if entry.size() > limits::MAX_DESC_BYTES as u64 {
            return Err(too_large(limits::MAX_DESC_BYTES));
        }
        content.clear();
        entry.read_to_end(&mut content).map_err(broken)?;
        packages.insert(name.to_owned(), offer(&content, name, version)?);
    }
    Ok(packages)
}

/// be_sync.c, `sync_db_read`: the directory and the file in it have to name the same package.
fn offer(content: &[u8], name: &str, version: &str) -> Result<SyncPackage, ParseError> {
    let package = desc::parse(content, name).package;
    if (package.name.as_str(), package.version.as_str()) != (name, version) {
        return Err(ParseError::syntax(
            FORMAT,
            format!("desc is not of {name:?} {version:?}"),
        ));
    }
    Ok(SyncPackage {
        version: package.version,
        archive_name: package.archive_name,
        archive_size: package.archive_size,
        archive_sha256: package.archive_sha256,
        archive_signature: package.archive_signature,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const DESC: &[u8] = b"%NAME%\nbash\n\n%VERSION%\n5.2-1\n";

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            builder.append_data(&mut header, path, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn other_members_are_passed_over() {
        let bytes = archive(&[
            ("bash-5.2-1/desc", DESC),
            ("bash-5.2-1/files", b"%FILES%\n"),
        ]);
        let database = SyncDatabase::parse("core", &bytes).unwrap();
        assert_eq!((database.len(), database.repository()), (1, "core"));
        assert_eq!(database.get("bash").unwrap().version, "5.2-1");
        assert!(
            SyncDatabase::parse("empty", &archive(&[]))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn an_entry_that_is_not_what_its_directory_says_refuses_the_database() {
        let entries: [(&str, &[u8]); 5] = [
            ("bash-5.2-1/desc", b"%NAME%\nbash\n"),
            ("bash-5.2-1/desc", b"%VERSION%\n5.2-1\n"),
            ("bash-5.2-1/desc", b""),
            ("bash-5.2-2/desc", DESC),
            ("bash/desc", DESC),
        ];
        for entry in entries {
            let result = SyncDatabase::parse("x", &archive(&[("bash-5.2-1/desc", DESC), entry]));
            assert!(
                matches!(result, Err(ParseError::Syntax { .. })),
                "{}",
                entry.0
            );
        }
    }

    #[test]
    fn what_is_not_wanted_is_left_out() {
        let other = b"%NAME%\nzlib\n\n%VERSION%\n1-1\n";
        let bytes = archive(&[("bash-5.2-1/desc", DESC), ("zlib-1-1/desc", other)]);
        let database = SyncDatabase::parse_some("x", &bytes, |name| name == "zlib").unwrap();
        assert_eq!(database.packages.keys().collect::<Vec<_>>(), ["zlib"]);
    }

    #[test]
    fn a_database_that_is_cut_off_anywhere_is_refused() {
        let plain = archive(&[("bash-5.2-1/desc", DESC)]);
        for bytes in [gzip(&plain), plain.get(..1536).unwrap().to_vec()] {
            for length in 0..bytes.len() {
                assert!(
                    SyncDatabase::parse("x", bytes.get(..length).unwrap()).is_err(),
                    "{length}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_checksum_is_noticed() {
        let mut bytes = gzip(&archive(&[("bash-5.2-1/desc", DESC)]));
        let crc = bytes.len() - 8;
        bytes[crc] ^= 1;
        assert!(SyncDatabase::parse("x", &bytes).is_err());
    }

    #[test]
    fn sizes_and_numbers_are_limited() {
        let bytes = archive(&[("bash-5.2-1/desc", DESC)]);
        let packed = gzip(&bytes);
        let exact = Limits {
            stored: packed.len(),
            unpacked: bytes.len(),
            entries: 1,
        };
        let parse = |limits| parse_within(&packed, limits, |_| true);
        assert!(parse(exact).is_ok());
        let stored = packed.len() - 1;
        assert_eq!(parse(Limits { stored, ..exact }), Err(too_large(stored)));
        let unpacked = bytes.len() - 1;
        assert_eq!(
            parse(Limits { unpacked, ..exact }),
            Err(too_large(unpacked))
        );
        let none = parse(Limits {
            entries: 0,
            ..exact
        });
        assert_eq!(none, Err(ParseError::TooManyEntries { limit: 0 }));
    }

    #[test]
    fn the_size_of_one_entry_is_limited() {
        let long = vec![b'\n'; limits::MAX_DESC_BYTES + 1];
        let result = SyncDatabase::parse("x", &archive(&[("bash-5.2-1/desc", &long)]));
        assert_eq!(result, Err(too_large(limits::MAX_DESC_BYTES)));
    }
}
