//! Package files by hand, in ways that no builder would write them.
// Each test binary uses a part of it, and clippy.toml allows the others in `#[test]` only.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use omg_sbom::archive::{self, ArchiveError, PackageFile};

pub(crate) const INFO: &str = "# made\npkgname = a\npkgver = 1-1\narch = any\nsize = 3\n";

/// A tar archive by hand: paths and types that no builder would write.
#[derive(Clone, Default)]
pub(crate) struct Tar(pub(crate) Vec<u8>);

impl Tar {
    pub(crate) fn package() -> Self {
        Self::default().file(".PKGINFO", INFO)
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.raw(path.as_bytes(), b'0', "", content.as_bytes(), content.len())
    }

    pub(crate) fn link(self, path: &str, kind: u8, target: &str) -> Self {
        self.raw(path.as_bytes(), kind, target, b"", 0)
    }

    pub(crate) fn raw(
        mut self,
        path: &[u8],
        kind: u8,
        target: &str,
        content: &[u8],
        size: usize,
    ) -> Self {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path);
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(size as u64);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn pax(self, kind: u8, records: &[(&str, &str)]) -> Self {
        let mut text = String::new();
        for (key, value) in records {
            let rest = format!(" {key}={value}\n");
            let length = (1..4).map(|digits| rest.len() + digits);
            let mut length = length.filter(|n| n.to_string().len() + rest.len() == *n);
            text += &format!("{}{rest}", length.next().unwrap());
        }
        self.raw(b"pax", kind, "", text.as_bytes(), text.len())
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }

    pub(crate) fn read(self) -> Result<PackageFile, ArchiveError> {
        archive::read(self.end().as_slice())
    }
}

pub(crate) fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let length = content.len();
        writeln!(
            bytes,
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{length:<10}`",
            0, 0, 0, 100_644
        )
        .unwrap();
        bytes.extend(*content);
        if length % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

pub(crate) const CONTROL: &str = "Package: a\nVersion: 1\nArchitecture: all\n";

pub(crate) fn deb() -> Vec<(&'static str, Vec<u8>)> {
    let control = Tar::default().file("./control", CONTROL).end();
    let data = Tar::default().file("./usr/bin/a", "abc").end();
    vec![
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar", control),
        ("data.tar", data),
    ]
}

pub(crate) fn read_deb(members: &[(&str, Vec<u8>)]) -> Result<PackageFile, ArchiveError> {
    let members: Vec<_> = members
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    archive::read(ar(&members).as_slice())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
