//! A package file: opened once, and what it holds.

use std::fs::File;
use std::io::Seek as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use omg_policy::inspect::{ScriptFinding, ScriptKind, ScriptRule, inspect};
use omg_sbom::archive::{self, FindingKind, Format, PackageFile};

use crate::checks::provenance::artifact::OpenArtifact;
use crate::session::files::open_regular;

/// A package file that was opened. Every check reads this one file from its start; its path only
/// says beside which name evidence lies.
pub struct OpenPackage {
    path: PathBuf,
    file: File,
}

impl OpenPackage {
    /// Opens a file; an error is for people.
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = open_regular(path).map_err(|error| error.to_string())?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All bytes of the file, from its start.
    pub fn bytes(&self) -> std::io::Result<&File> {
        let mut file = &self.file;
        file.rewind()?;
        Ok(file)
    }

    /// Reads the archive; an error is for people.
    pub fn content(&self) -> Result<Content, String> {
        let bytes = self.bytes().map_err(|error| error.to_string())?;
        let archive = archive::read(bytes).map_err(|error| error.to_string())?;
        Ok(Content {
            path: self.path.clone(),
            archive,
        })
    }

    /// The same file, as the check of provenance reads it.
    pub fn artifact(&self) -> std::io::Result<OpenArtifact> {
        let file = self.file.try_clone()?;
        Ok(OpenArtifact::File(file, self.path.clone()))
    }
}

/// The content of a package file, with the digest of the bytes that it was read from.
pub struct Content {
    pub path: PathBuf,
    pub archive: PackageFile,
}

impl Content {
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
        let (name, version) = (&package.name, &package.version);
        let parts = [
            ("name", name, fits(name)),
            ("version", version, is_version(self.archive.format, version)),
        ];
        for (what, text, fits) in parts {
            if !fits {
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

/// Whether a version has the parts that its format asks for. Others have a place in the order of
/// versions, as `:1-1` has, and no record of advisories speaks of them.
///
/// PKGBUILD(5): `[epoch:]pkgver-pkgrel`; deb-version(7): `[epoch:]upstream[-revision]`.
fn is_version(format: Format, text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (number(epoch), rest),
        None => (true, text),
    };
    let is_whole = match (format, rest.rsplit_once('-')) {
        (Format::Deb, _) => !rest.is_empty(),
        (_, Some((version, release))) => {
            fits(version) && !version.contains([':', '-']) && release.split('.').all(number)
        }
        (_, None) => false,
    };
    epoch && is_whole && fits(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_parts_of_their_format() {
        for good in ["1-1", "0:1-1", "2:1.0+r3.gabc_1-1.1"] {
            assert!(is_version(Format::Pacman, good), "{good}");
        }
        for bad in [
            ":1-1", ":-1", "1:", "1", "a:1-1", "1:2:3-1", "1-", "-1", "1-2-1", "1-a", "1-1.", "",
        ] {
            assert!(!is_version(Format::Pacman, bad), "{bad}");
        }
        for good in ["1", "1:2-3-4", "1.2~rc1"] {
            assert!(is_version(Format::Deb, good), "{good}");
        }
        for bad in [":1", "1:", "a:1", "", "1 2"] {
            assert!(!is_version(Format::Deb, bad), "{bad}");
        }
    }
}
