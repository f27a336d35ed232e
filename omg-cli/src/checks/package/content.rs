//! A package file: what it holds, and what is odd about that.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use omg_policy::inspect::{ScriptFinding, ScriptKind, ScriptRule, inspect};
use omg_sbom::archive::{self, FindingKind, Format, PackageFile};
use omg_slsa::{Algorithm, Digests};

/// A package file that was read.
pub struct Content {
    pub path: PathBuf,
    pub sha256: String,
    pub archive: PackageFile,
}

impl Content {
    /// Reads a file; an error is for people.
    pub fn read(path: &Path) -> Result<Self, String> {
        let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(nonblock)
            .open(path);
        let mut file = opened.map_err(|error| error.to_string())?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err("no regular file".to_owned());
        }
        let sha256 = sha256(&mut file).map_err(|error| error.to_string())?;
        let archive = archive::read(&file).map_err(|error| error.to_string())?;
        // What was read twice has to be the same.
        if sha256 != self::sha256(&mut file).map_err(|error| error.to_string())? {
            return Err("it was changed while it was read".to_owned());
        }
        Ok(Self {
            path: path.to_owned(),
            sha256,
            archive,
        })
    }

    /// What is suspicious in its scripts, and about how it is made.
    pub fn findings(&self, root: &Path, is_upgrade: bool) -> Vec<ScriptFinding> {
        let kind = match self.archive.format {
            Format::Pacman => ScriptKind::PacmanInstall,
            _ => ScriptKind::DebianMaintainer,
        };
        let mut findings = Vec::new();
        for (name, script) in self.archive.scripts() {
            findings.extend(inspect(kind, name, script));
        }
        for odd in self.archive.findings.iter().filter(|f| is_hostile(f.kind)) {
            let seen = odd.to_string();
            findings.push(ScriptFinding::new(
                ScriptRule::OddArchive,
                "archive",
                1,
                &seen,
            ));
        }
        let package = &self.archive.package;
        for (what, text) in [("name", &package.name), ("version", &package.version)] {
            if !fits(text) {
                let seen = format!("the {what} {text:?} is none");
                let odd = ScriptFinding::new(ScriptRule::OddArchive, "archive", 1, &seen);
                findings.push(odd);
            }
        }
        for path in self.setuid().filter(|_| is_upgrade) {
            let before = std::fs::symlink_metadata(root.join(&path));
            if !before.is_ok_and(|metadata| metadata.mode() & 0o4000 != 0) {
                findings.push(ScriptFinding::new(ScriptRule::NewSetuid, &path, 1, &path));
            }
        }
        findings
    }

    /// Programs that run with the rights of root.
    pub fn setuid(&self) -> impl Iterator<Item = String> {
        let members = self.archive.members.iter();
        let root = members
            .filter(|member| member.has_capabilities() || member.is_setuid() && member.uid == 0);
        root.map(|member| member.path_text().into_owned())
    }

    /// Units that the package brings.
    pub fn units(&self) -> usize {
        let members = self.archive.members.iter();
        let unit = |path: &str| {
            let ends = [".service", ".timer", ".socket", ".path"];
            path.contains("/systemd/") && ends.iter().any(|ending| path.ends_with(ending))
        };
        members.filter(|member| unit(&member.path_text())).count()
    }
}

/// PKGBUILD(5), deb-control(5): characters of names and versions. Paths are made of both, and
/// command lines.
fn fits(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._+-~:^".contains(c);
    !text.is_empty() && !text.starts_with(['-', '.']) && text.chars().all(plain)
}

/// What no package has without intent; the other kinds are untidy.
fn is_hostile(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::AbsolutePath
            | FindingKind::Traversal
            | FindingKind::LinkOutside
            | FindingKind::BeneathLink
            | FindingKind::Metadata
            | FindingKind::SpecialFile
            | FindingKind::Surplus
            | FindingKind::Inconsistent
    )
}

fn sha256(file: &mut File) -> std::io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let digests = Digests::of_reader(&*file, &[Algorithm::Sha256])?;
    file.seek(SeekFrom::Start(0))?;
    let digest = digests.get(Algorithm::Sha256).map(omg_slsa::Digest::to_hex);
    Ok(digest.unwrap_or_default())
}
