//! What a package file may cost, and that no bytes make the reader fall over.
#![cfg(feature = "archive")]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod made;

use std::io::{self, Read, Write as _};

use flate2::{Compression, write::GzEncoder};
use made::{INFO, Tar, ar, deb, gzip};
use omg_sbom::archive::{self, ArchiveError, Limits, PackageFile};
use proptest::prelude::*;

fn limited(bytes: &[u8], set: impl FnOnce(&mut Limits)) -> Result<PackageFile, ArchiveError> {
    let mut limits = Limits::default();
    set(&mut limits);
    archive::read_within(bytes, limits)
}

fn is_over(read: Result<PackageFile, ArchiveError>, expected: &str) {
    assert!(
        matches!(&read, Err(ArchiveError::LimitExceeded { what, .. }) if *what == expected),
        "{expected}: {read:?}"
    );
}

#[test]
fn every_limit_is_kept() {
    let plain = Tar::package().file("usr/a", "abc").end();
    let packed = gzip(&plain);
    let stored = packed.len() as u64;
    let unpacked = plain.len() as u64;
    assert!(limited(&packed, |limits| limits.packed_bytes = stored).is_ok());
    is_over(
        limited(&packed, |limits| limits.packed_bytes = stored - 1),
        "size",
    );
    assert!(limited(&packed, |limits| limits.unpacked_bytes = unpacked).is_ok());
    is_over(
        limited(&packed, |limits| limits.unpacked_bytes = unpacked - 1),
        "unpacked size",
    );
    assert!(limited(&packed, |limits| limits.members = 2).is_ok());
    is_over(limited(&packed, |limits| limits.members = 1), "members");
    assert!(limited(&packed, |limits| limits.metadata_bytes = INFO.len()).is_ok());
    is_over(
        limited(&packed, |limits| limits.metadata_bytes = INFO.len() - 1),
        "metadata",
    );
    is_over(limited(&packed, |limits| limits.list_bytes = 100), "list");
    // Extended headers count as members.
    let empty = Tar::package().pax(b'g', &[]).pax(b'g', &[]).end();
    is_over(limited(&empty, |limits| limits.members = 2), "members");
    // The budget is that of both archives of a .deb.
    let bytes = ar(&deb()
        .iter()
        .map(|(n, b)| (*n, b.as_slice()))
        .collect::<Vec<_>>());
    is_over(
        limited(&bytes, |limits| limits.unpacked_bytes = 4000),
        "unpacked size",
    );
}

/// 1 GiB of zeros in about 1 MB: read in pieces, counted, and refused at the limit.
#[test]
fn a_bomb_stops_at_the_limit() {
    let mut header = Tar::package().raw(b"usr/zeros", b'0', "", b"", 1 << 30).0;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&header).unwrap();
    header.clear();
    for _ in 0..256 {
        encoder.write_all(&[0; 1 << 16]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    is_over(
        limited(&bomb, |limits| limits.unpacked_bytes = 1 << 20),
        "unpacked size",
    );
    let metadata = Tar::default()
        .raw(".PKGINFO".as_bytes(), b'0', "", b"", 1 << 30)
        .0;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&metadata).unwrap();
    encoder.write_all(&vec![b'\n'; 1 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    is_over(
        limited(&bomb, |limits| limits.metadata_bytes = 1 << 16),
        "metadata",
    );
}

#[test]
fn a_reader_that_fails_is_told_apart() {
    struct Fails(Vec<u8>, usize);
    impl Read for Fails {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(byte) = self.0.get(self.1) else {
                return Err(io::ErrorKind::ConnectionReset.into());
            };
            self.1 += 1;
            buffer[0] = *byte;
            Ok(1)
        }
    }
    let whole = gzip(&Tar::package().file("usr/a", "abc").end());
    for cut in [0, 3, 20, whole.len() - 9] {
        let read = archive::read(Fails(whole[..cut].to_vec(), 0));
        assert!(
            matches!(&read, Err(ArchiveError::Read(error)) if error.kind() == io::ErrorKind::ConnectionReset),
            "{cut}: {read:?}"
        );
    }
    // And one byte at a time is enough otherwise.
    let slow = whole.as_slice().chain(io::empty());
    assert!(archive::read(slow).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(
        start in prop::sample::select(vec![
            &b""[..], b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"!<arch>\n",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let _ = archive::read([start, &bytes].concat().as_slice());
    }

    #[test]
    fn mutated_packages(
        mutations in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..6),
        end in any::<Option<prop::sample::Index>>(),
    ) {
        let tar = Tar::package().pax(b'x', &[("path", "usr/b"), ("uid", "7")]);
        let tar = tar.file("usr/a", "abc").link("usr/c", b'1', "usr/b").end();
        let members = deb();
        let deb = ar(&members.iter().map(|(n, b)| (*n, b.as_slice())).collect::<Vec<_>>());
        for mut bytes in [tar.clone(), gzip(&tar), deb] {
            for (at, byte) in &mutations {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            bytes.truncate(end.map_or(bytes.len(), |end| end.index(bytes.len())));
            let Ok(read) = archive::read(bytes.as_slice()) else { continue };
            prop_assert!(!read.package.name.is_empty() && !read.package.version.is_empty());
            prop_assert!(read.findings.is_sorted());
            for finding in &read.findings {
                prop_assert!(!finding.subject.contains(char::is_control));
            }
        }
    }
}
