//! A package file's own metadata, scripts and list of files, without installing it: pacman's
//! `.pkg.tar.zst`, `.xz`, `.gz` or plain `.pkg.tar`, and `.deb`.
//!
//! The bytes come from any [`Read`], which is read once from start to end, and nothing is
//! written anywhere. Signatures and digests are not checked here. A broken or truncated file,
//! one over a limit, and one that programs read differently are an [`ArchiveError`]; what is
//! merely suspicious is a [`Finding`] beside the content.
//!
//! Formats: alpm-package(7), PKGINFO(5) and libalpm's `be_package.c`; deb(5) and deb-control(5).
//!
//! # Examples
//!
//! ```
//! use omg_sbom::archive::{self, FindingKind};
//!
//! # fn package() -> Result<Vec<u8>, std::io::Error> {
//! #     let mut tar = tar::Builder::new(Vec::new());
//! #     let mut add = |path: &str, mode, content: &[u8]| {
//! #         let mut header = tar::Header::new_gnu();
//! #         header.set_mode(mode);
//! #         header.set_size(content.len() as u64);
//! #         header.set_uid(0);
//! #         header.set_gid(0);
//! #         tar.append_data(&mut header, path, content)
//! #     };
//! #     add(".PKGINFO", 0o644, b"pkgname = ping\npkgver = 1-1\narch = x86_64\nsize = 3\n")?;
//! #     add(".INSTALL", 0o644, b"post_install() {\n  ldconfig\n}\n")?;
//! #     add("usr/bin/ping", 0o4755, b"elf")?;
//! #     tar.into_inner()
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bytes = package()?; // a file or a download: any reader
//! let read = archive::read(bytes.as_slice())?;
//! assert_eq!((read.package.name.as_str(), read.package.version.as_str()), ("ping", "1-1"));
//!
//! let (name, script) = read.scripts().next().ok_or("no script")?;
//! assert_eq!(name, ".INSTALL");
//! assert!(script.starts_with(b"post_install"));
//!
//! let setuid: Vec<_> = read.members.iter().filter(|member| member.is_setuid()).collect();
//! assert_eq!(setuid[0].path_text(), "usr/bin/ping");
//! assert!(!read.findings.iter().any(|finding| finding.kind == FindingKind::Traversal));
//! # Ok(())
//! # }
//! ```

mod alpm;
mod ar;
mod deb;
mod error;
mod finding;
mod member;
mod pax;
mod tar;
mod watch;

use std::{
    collections::BTreeMap,
    io::{BufReader, Cursor, Read},
};

pub use self::{
    error::ArchiveError,
    finding::{Finding, FindingKind},
    member::{Member, MemberKind},
};
use self::{
    tar::{Rest, Tally},
    watch::Source,
};
use super::decompress::{decompressor, read_up_to};
use crate::model::package::Package;

/// The longest magic number at the start of a package file.
const MAGIC_BYTES: usize = 8;

/// What a package file may cost at most. Reaching a limit is [`ArchiveError::LimitExceeded`].
///
/// # Examples
///
/// ```
/// let mut limits = omg_sbom::archive::Limits::default();
/// limits.packed_bytes = 64 * 1024 * 1024;
/// assert_eq!(limits.members, 500_000);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The file as it is, in bytes (default: 4 GiB).
    pub packed_bytes: u64,
    /// All that decompressors give, in bytes, read in pieces and not kept (default: 16 GiB; the
    /// largest official package of Arch has about 5).
    pub unpacked_bytes: u64,
    /// Members and their extended headers (default: 500,000).
    pub members: usize,
    /// Metadata and scripts together, which are kept, in bytes (default: 32 MiB).
    pub metadata_bytes: usize,
    /// The list of members in memory, in bytes (default: 128 MiB).
    pub list_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packed_bytes: 4 << 30,
            unpacked_bytes: 16 << 30,
            members: 500_000,
            metadata_bytes: 32 << 20,
            list_bytes: 128 << 20,
        }
    }
}

/// The two formats of package files that are read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// pacman's: a tar archive with `.PKGINFO`.
    Pacman,
    /// Debian's binary package format, version 2.
    Deb,
}

/// What a package file says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PackageFile {
    /// The format of the file.
    pub format: Format,
    /// The package, as `.PKGINFO` or `control` describes it: nobody has checked that it is true.
    /// Its `archive_size` is the number of bytes that were read.
    pub package: Package,
    /// The metadata members by name, as stored: `.PKGINFO`, `.BUILDINFO`, `.MTREE` (gzip),
    /// `.INSTALL`, `.CHANGELOG`; every member of `control.tar`.
    pub metadata: BTreeMap<String, Vec<u8>>,
    /// Configuration files that an update must not overwrite, as stored: the `backup` lines of
    /// `.PKGINFO`, or `conffiles`.
    pub configuration: Vec<String>,
    /// What would be installed, in the order of the archive, with all that is wrong in it.
    pub members: Vec<Member>,
    /// What packages do not have for good reasons, sorted.
    pub findings: Vec<Finding>,
    /// All that came out of the decompressors, in bytes.
    pub unpacked_bytes: u64,
}

impl PackageFile {
    /// The scripts that the package manager would run as root: `.INSTALL`, or `preinst`,
    /// `postinst`, `prerm`, `postrm` and `config`. Sorted by name.
    pub fn scripts(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let all = self.metadata.iter();
        let scripts = all.filter(|(name, _)| match self.format {
            Format::Pacman => *name == ".INSTALL",
            Format::Deb => deb::SCRIPTS.contains(&name.as_str()),
        });
        scripts.map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// The lines `key = value` of `.BUILDINFO` in order, as BUILDINFO(5) describes them; nothing
    /// where there is no such member.
    pub fn build_info(&self) -> impl Iterator<Item = (String, String)> {
        let bytes = self.metadata.get(".BUILDINFO");
        alpm::key_values(bytes.map_or(&[], Vec::as_slice)).filter_map(Result::ok)
    }
}

/// Reads a package file within the default [`Limits`].
///
/// # Errors
///
/// Every [`ArchiveError`]: nothing is known then of what the package would do.
pub fn read(input: impl Read) -> Result<PackageFile, ArchiveError> {
    read_within(input, Limits::default())
}

/// Reads a package file within `limits`.
///
/// # Errors
///
/// As [`read`].
pub fn read_within(input: impl Read, limits: Limits) -> Result<PackageFile, ArchiveError> {
    let tally = Tally::new(limits);
    let mut source = Source::new(input, limits.packed_bytes, &tally.watch);
    let mut start = [0; MAGIC_BYTES];
    let count = read_up_to(&mut source, &mut start)
        .map_err(|error| tally.watch.reason("package file", &error))?;
    let start = start.get(..count).unwrap_or_default();
    let mut draft = Draft::default();
    let mut package = match start.starts_with(ar::MAGIC) {
        true => {
            deb::read(source.by_ref(), &tally, &mut draft)?;
            deb::package(&mut draft)?
        }
        false => {
            let whole = BufReader::new(Cursor::new(start).chain(source.by_ref()));
            alpm::read(decompressor(start, whole), &tally, &mut draft)?;
            alpm::package(&mut draft)?
        }
    };
    package.archive_size = Some(source.count());
    let (format, mut findings) = (draft.format, draft.findings);
    finding::inspect(&draft.members, format, &mut findings);
    findings.sort();
    findings.dedup();
    Ok(PackageFile {
        format,
        package,
        metadata: draft.metadata,
        configuration: draft.configuration,
        members: draft.members,
        findings,
        unpacked_bytes: tally.unpacked(),
    })
}

/// What is gathered before the package is known.
struct Draft {
    format: Format,
    metadata: BTreeMap<String, Vec<u8>>,
    configuration: Vec<String>,
    members: Vec<Member>,
    findings: Vec<Finding>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            format: Format::Pacman,
            metadata: BTreeMap::new(),
            configuration: Vec::new(),
            members: Vec::new(),
            findings: Vec::new(),
        }
    }
}

impl Draft {
    fn find(&mut self, subject: &[u8], kind: FindingKind, detail: impl Into<String>) {
        self.findings.push(Finding::new(subject, kind, detail));
    }

    /// Keeps a metadata member; what is there twice or is no file is a finding.
    fn keep(
        &mut self,
        name: &str,
        member: &Member,
        content: &mut dyn Read,
        part: &'static str,
        tally: &Tally,
    ) -> Result<(), ArchiveError> {
        if member.kind != MemberKind::File {
            self.find(
                &member.path,
                FindingKind::Metadata,
                "metadata that is no regular file",
            );
            return Ok(());
        }
        let bytes = tally.metadata(part, content)?;
        if self.metadata.contains_key(name) {
            self.find(
                &member.path,
                FindingKind::Metadata,
                "metadata that is there twice",
            );
        } else {
            self.metadata.insert(name.to_owned(), bytes);
        }
        Ok(())
    }

    fn surplus(&mut self, part: &'static str, rest: Rest) {
        if rest == Rest::Bytes {
            let detail = "bytes after the end of the archive";
            self.find(part.as_bytes(), FindingKind::Surplus, detail);
        }
    }

    /// Keeps what is installed, under its path without `./` before and `/` behind.
    fn install(&mut self, mut member: Member) {
        let mut path = member.path.as_slice();
        while let Some(short) = path.strip_suffix(b"/").filter(|short| !short.is_empty()) {
            path = short;
        }
        while let Some(short) = path.strip_prefix(b"./").filter(|short| !short.is_empty()) {
            path = short;
        }
        if path.len() < member.path.len() {
            member.path = path.to_vec();
        }
        self.members.push(member);
    }
}
