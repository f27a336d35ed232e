//! A package file's own metadata, scripts and list of files, without installing it: pacman's
//! `.pkg.tar.zst`, `.xz`, `.gz` or plain `.pkg.tar`, and `.deb`.
//!
//! The bytes come from any [`Read`], which is read once from start to end, and nothing is
//! written anywhere. The digest of those bytes goes with what they say ([`PackageFile::sha256`]);
//! whether it is the one that somebody signed is not checked here. A broken or truncated file,
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
mod draft;
mod error;
mod finding;
mod format;
mod limits;
mod member;
mod package_file;
mod pax;
mod tar;
mod watch;

use std::io::{BufReader, Cursor, Read};

use self::{draft::Draft, tar::Tally, watch::Source};
pub use self::{
    error::ArchiveError,
    finding::{Finding, FindingKind},
    format::Format,
    limits::Limits,
    member::{Member, MemberKind},
    package_file::PackageFile,
};
use super::decompress::{decompressor, read_up_to};

/// The longest magic number at the start of a package file.
const MAGIC_BYTES: usize = 8;

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
    let sha256 = source
        .finish()
        .map_err(|error| tally.watch.reason("package file", &error))?;
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
        sha256,
    })
}
