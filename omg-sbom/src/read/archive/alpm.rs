//! pacman's package files.

use std::io::Read;

use chrono::DateTime;

use super::{
    draft::Draft,
    error::ArchiveError,
    finding::FindingKind,
    format::Format,
    tar::{Tally, walk},
};
use crate::model::{
    limits,
    name::fault_of,
    package::{Package, PackageKind},
};

const PART: &str = "package archive";
const PKGINFO: &str = ".PKGINFO";

/// What libalpm's `be_package.c` and `add.c` know by name; they ignore other names with a dot.
const METADATA: [&str; 5] = [PKGINFO, ".BUILDINFO", ".MTREE", ".INSTALL", ".CHANGELOG"];

pub(super) fn read(input: impl Read, tally: &Tally, draft: &mut Draft) -> Result<(), ArchiveError> {
    draft.format = Format::Pacman;
    let rest = walk(input, PART, tally, |member, content| {
        let name = METADATA.iter().find(|name| name.as_bytes() == member.path);
        match name {
            Some(name) => draft.keep(name, &member, content, PART, tally)?,
            // libalpm looks at the path as it is stored: `./usr` starts with a dot, too.
            None => {
                if member.path.starts_with(b"./") {
                    let detail = "not installed by pacman";
                    draft.find(&member.path, FindingKind::Ignored, detail);
                }
                draft.install(member);
            }
        }
        Ok(())
    });
    // A file that is no archive at all fails in its first block.
    let rest = rest.map_err(|error| match error {
        ArchiveError::Malformed { .. } if draft.members.is_empty() && draft.metadata.is_empty() => {
            let detail = "neither a tar archive nor a .deb";
            ArchiveError::NotAPackage { detail }
        }
        other => other,
    })?;
    draft.surplus(PART, rest);
    Ok(())
}

/// The package that `.PKGINFO` describes, compared with `.BUILDINFO`.
pub(super) fn package(draft: &mut Draft) -> Result<Package, ArchiveError> {
    let detail = "no .PKGINFO";
    let info = draft.metadata.get(PKGINFO);
    let info = info.ok_or(ArchiveError::NotAPackage { detail })?;
    let mut package = Package::new(PackageKind::Alpm, "", "");
    let (mut values, mut configuration) = (Vec::new(), Vec::new());
    for line in key_values(info) {
        match line {
            Ok((key, value)) => set(&key, value, &mut package, &mut configuration, &mut values)?,
            Err(number) => values.push(format!("line {number} is not \"key = value\"")),
        }
    }
    for (what, text) in [("pkgname", &package.name), ("pkgver", &package.version)] {
        if let Some((_, detail)) = fault_of(what, text) {
            return Err(ArchiveError::malformed(PKGINFO, detail));
        }
    }
    for detail in values {
        draft.find(PKGINFO.as_bytes(), FindingKind::Value, detail);
    }
    compare(draft, &package);
    draft.configuration = configuration;
    Ok(package)
}

fn set(
    key: &str,
    value: String,
    package: &mut Package,
    configuration: &mut Vec<String>,
    problems: &mut Vec<String>,
) -> Result<(), ArchiveError> {
    let mut number = |value: String| {
        let number = value.parse::<u64>().ok();
        if number.is_none() {
            problems.push(format!("{key} cannot be read"));
        }
        number
    };
    match key {
        "pkgname" => return once(&mut package.name, value, key),
        "pkgver" => return once(&mut package.version, value, key),
        "pkgbase" => package.base = Some(value),
        "pkgdesc" => package.description = Some(value),
        "url" => package.url = Some(value),
        "arch" => package.architecture = Some(value),
        "packager" => package.maintainer = Some(value),
        "size" => package.installed_size = number(value),
        "builddate" => {
            let seconds = number(value).and_then(|seconds| i64::try_from(seconds).ok());
            package.built_at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        }
        "license" => package.licences.push(value),
        "group" => package.groups.push(value),
        "depend" => package.depends.push(value),
        "optdepend" => package.optional_depends.push(value),
        "provides" => package.provides.push(value),
        "conflict" => package.conflicts.push(value),
        "replaces" => package.replaces.push(value),
        "backup" => configuration.push(value),
        _ => {}
    }
    Ok(())
}

/// Which of two names counts differs between programs.
fn once(slot: &mut String, value: String, key: &str) -> Result<(), ArchiveError> {
    if slot.is_empty() {
        *slot = value;
        Ok(())
    } else {
        Err(ArchiveError::malformed(
            PKGINFO,
            format!("{key} is given twice"),
        ))
    }
}

fn compare(draft: &mut Draft, package: &Package) {
    let info = draft
        .metadata
        .get(".BUILDINFO")
        .map_or(&[][..], Vec::as_slice);
    let lines: Vec<_> = key_values(info).filter_map(Result::ok).collect();
    let known = [
        ("pkgname", Some(package.name.as_str())),
        ("pkgver", Some(package.version.as_str())),
        ("pkgarch", package.architecture.as_deref()),
    ];
    for (key, value) in lines {
        let other = known.iter().find(|(known, _)| *known == key);
        if other.is_some_and(|(_, known)| *known != Some(value.as_str())) {
            let detail = format!("{key} is not that of .PKGINFO");
            draft.find(b".BUILDINFO", FindingKind::Inconsistent, detail);
        }
    }
}

/// The lines `key = value`; else the number of the line, counted from 1. Empty lines and
/// comments are passed over, as in libalpm's `parse_descfile`.
pub(super) fn key_values(
    bytes: &[u8],
) -> impl Iterator<Item = Result<(String, String), usize>> + '_ {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.map(|(at, line)| (at + 1, line.trim_ascii()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"));
    lines.map(|(number, line)| {
        let equals = line.iter().position(|byte| *byte == b'=').ok_or(number)?;
        let (key, value) = line.split_at_checked(equals).ok_or(number)?;
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let is_sound = !key.trim_ascii().is_empty() && !value.is_empty();
        if !is_sound || line.len() > limits::MAX_VALUE_BYTES {
            return Err(number);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((text(key.trim_ascii()), text(value)))
    })
}
