//! Packages of pacman that no honest tool makes: members in any order, with any names.

use std::io::Write as _;

/// A member of an archive.
pub struct Member<'a> {
    pub name: &'a [u8],
    pub mode: u32,
    /// ustar's letter: `0` a file, `2` a symbolic link, `5` a folder.
    pub kind: u8,
    pub link: &'a [u8],
    pub content: &'a [u8],
}

/// A plain file.
pub fn file<'a>(name: &'a str, content: &'a str) -> Member<'a> {
    Member {
        name: name.as_bytes(),
        mode: 0o644,
        kind: b'0',
        link: b"",
        content: content.as_bytes(),
    }
}

/// `.PKGINFO` of a package without anything odd.
pub fn info(name: &str, version: &str, more: &str) -> String {
    format!(
        "pkgname = {name}\npkgbase = {name}\npkgver = {version}\npkgdesc = x\nurl = \
         https://example.org\nbuilddate = 1790000000\npackager = x\nsize = 1\narch = any\n\
         license = MIT\n{more}"
    )
}

/// A `.pkg.tar.gz`, POSIX ustar.
pub fn package(members: &[Member<'_>]) -> Vec<u8> {
    let mut tar = Vec::new();
    for member in members {
        let mut head = [0u8; 512];
        let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, member.name);
        put(100, format!("{:07o}", member.mode).as_bytes());
        put(108, b"0000000");
        put(116, b"0000000");
        put(124, format!("{:011o}", member.content.len()).as_bytes());
        put(136, b"15250000000");
        put(148, b"        ");
        put(156, &[member.kind]);
        put(157, member.link);
        put(257, b"ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend_from_slice(&head);
        tar.extend_from_slice(member.content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize((tar.len() + 1024).next_multiple_of(10_240), 0);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    gzip.finish().unwrap()
}
