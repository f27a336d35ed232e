//! Debian's package files.

use std::io::{self, BufReader, Cursor, Read};

use super::{
    ar::{Header, Members},
    draft::Draft,
    error::ArchiveError,
    finding::FindingKind,
    format::Format,
    tar::{Rest, Tally, walk},
};
use crate::{
    model::package::Package,
    read::{
        decompress::{decompressor, read_up_to},
        dpkg,
    },
};

/// deb-postinst(5) and its neighbours; `config` is debconf's.
pub(super) const SCRIPTS: [&str; 5] = ["config", "postinst", "postrm", "preinst", "prerm"];

const PART: &str = "ar archive";
const CONTROL: &str = "control.tar";
const DATA: &str = "data.tar";
const VERSION: &str = "debian-binary";
/// The version is one short line.
const MAX_VERSION_BYTES: u64 = 1024;

pub(super) fn read(input: impl Read, tally: &Tally, draft: &mut Draft) -> Result<(), ArchiveError> {
    draft.format = Format::Deb;
    let mut members = Members::new(input, tally);
    version(&mut members, tally)?;
    let mut seen = Vec::new();
    while let Some(header) = members.next()? {
        let part = match header.name.as_str() {
            name if is_tar(name, CONTROL) => CONTROL,
            name if is_tar(name, DATA) => DATA,
            name => {
                // deb(5): names with an underscore are for others, such as signatures.
                let detail = match name.starts_with('_') {
                    true => "a member that dpkg passes over",
                    false => "a member that packages do not have",
                };
                draft.find(name.as_bytes(), FindingKind::Surplus, detail);
                let content = members.content(&header);
                skip(content, PART, tally)?;
                continue;
            }
        };
        // dpkg takes the first control archive, then the first data archive, and stops there.
        match (part, seen.as_slice()) {
            (CONTROL, []) | (DATA, [CONTROL]) => seen.push(part),
            _ => {
                let detail = format!("{part} twice or out of order");
                return Err(ArchiveError::malformed(PART, detail));
            }
        }
        let rest = archive(members.content(&header), part, tally, draft)?;
        draft.surplus(part, rest);
    }
    match seen.as_slice() {
        [CONTROL, DATA] => Ok(()),
        _ => Err(ArchiveError::Truncated { part: PART }),
    }
}

fn is_tar(name: &str, stem: &str) -> bool {
    let rest = name.strip_prefix(stem);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn version(members: &mut Members<'_, impl Read>, tally: &Tally) -> Result<(), ArchiveError> {
    let detail = "an ar archive that does not start with debian-binary";
    let header = members
        .next()?
        .filter(|header: &Header| header.name == VERSION);
    let header = header.ok_or(ArchiveError::NotAPackage { detail })?;
    if header.size > MAX_VERSION_BYTES {
        return Err(ArchiveError::malformed(VERSION, "it is too long"));
    }
    let mut content = members.content(&header);
    let mut bytes = Vec::new();
    let read = content.read_to_end(&mut bytes);
    read.map_err(|error| tally.watch.reason(VERSION, &error))?;
    skip(content, VERSION, tally)?;
    // deb(5): minor versions are compatible, and lines may be added.
    match bytes.starts_with(b"2.") && bytes.contains(&b'\n') {
        true => Ok(()),
        false => Err(ArchiveError::Unsupported {
            part: VERSION,
            detail: format!("version {:?}", String::from_utf8_lossy(&bytes)),
        }),
    }
}

/// Reads a content to its end; an error if the input ends before it.
fn skip(
    mut content: io::Take<impl Read>,
    part: &'static str,
    tally: &Tally,
) -> Result<(), ArchiveError> {
    let copied = io::copy(&mut content, &mut io::sink());
    copied.map_err(|error| tally.watch.reason(part, &error))?;
    match content.limit() {
        0 => Ok(()),
        _ => Err(ArchiveError::Truncated { part }),
    }
}

fn archive(
    mut content: io::Take<impl Read>,
    part: &'static str,
    tally: &Tally,
    draft: &mut Draft,
) -> Result<Rest, ArchiveError> {
    let mut start = [0; 6];
    let count =
        read_up_to(&mut content, &mut start).map_err(|error| tally.watch.reason(part, &error))?;
    let start = start.get(..count).unwrap_or_default();
    if let Some(name) = foreign_compression(start) {
        let detail = format!("compression with {name}");
        return Err(ArchiveError::Unsupported { part, detail });
    }
    let whole = BufReader::new(Cursor::new(start).chain(content.by_ref()));
    let rest = walk(decompressor(start, whole), part, tally, |member, bytes| {
        if part == DATA {
            draft.install(member);
            return Ok(());
        }
        let name = String::from_utf8_lossy(&member.path);
        let name = name.trim_start_matches("./").trim_end_matches('/');
        match name {
            "" | "." => Ok(()),
            _ => draft.keep(name, &member, bytes, part, tally),
        }
    })?;
    skip(content, part, tally)?;
    Ok(rest)
}

/// What dpkg reads and this crate does not.
fn foreign_compression(start: &[u8]) -> Option<&'static str> {
    match start {
        [b'B', b'Z', b'h', ..] => Some("bzip2"),
        [0x5d, 0, 0, ..] => Some("lzma"),
        _ => None,
    }
}

/// The package that `control` describes.
pub(super) fn package(draft: &mut Draft) -> Result<Package, ArchiveError> {
    let control = draft.metadata.get("control");
    let control = control.ok_or(ArchiveError::NotAPackage {
        detail: "no control file",
    })?;
    let broken = |detail: String| ArchiveError::malformed("control", detail);
    let inventory = dpkg::parse_control(control);
    let inventory = inventory.map_err(|error| broken(error.to_string()))?;
    let (mut packages, problems) = inventory.into_parts();
    let package = packages.pop().filter(|_| packages.is_empty());
    let package = package.ok_or_else(|| {
        let first = problems.first().map(|problem| problem.detail.clone());
        broken(first.unwrap_or_else(|| "not exactly one package".to_owned()))
    })?;
    for problem in problems {
        draft.find(b"control", FindingKind::Value, problem.detail);
    }
    if package.architecture.is_none() {
        draft.find(b"control", FindingKind::Value, "no Architecture");
    }
    let files = draft
        .metadata
        .get("conffiles")
        .map_or(&[][..], Vec::as_slice);
    let lines = files.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let lines = lines.filter(|line| !line.is_empty());
    draft.configuration = lines
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    Ok(package)
}
