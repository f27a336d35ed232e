//! Archives and compressed files: zip, tar, gzip and zstd, within each other.

mod budget;
mod kind;
mod limits;
mod opener;
mod zstd;

use std::io::{BufRead as _, BufReader, Read, Seek};

use self::budget::Budget;
pub use self::kind::is_archive;
use self::kind::{Kind, kind};
use self::limits::damaged;
pub use self::limits::{ArchiveError, Limits};
use self::opener::Opener;

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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

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
