//! Results to stdout or to files, everything else to stderr.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::args::Common;
use crate::failure::Failure;

/// A form that a result can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Sarif,
    Markdown,
    CycloneDxJson,
    CycloneDxXml,
    SpdxJson,
    Html,
    Prom,
    Junit,
    Github,
}

impl Format {
    const ALL: [(&str, Self); 12] = [
        ("table", Self::Table),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("sarif", Self::Sarif),
        ("markdown", Self::Markdown),
        ("cyclonedx-json", Self::CycloneDxJson),
        ("cyclonedx-xml", Self::CycloneDxXml),
        ("spdx-json", Self::SpdxJson),
        ("html", Self::Html),
        ("prom", Self::Prom),
        ("junit", Self::Junit),
        ("github", Self::Github),
    ];

    fn parse(name: &str, offered: &[Self]) -> Result<Self, Failure> {
        let known = Self::ALL.into_iter().find(|(known, _)| *known == name);
        known
            .map(|(_, format)| format)
            .filter(|format| offered.contains(format))
            .ok_or_else(|| {
                let names = Self::ALL
                    .into_iter()
                    .filter(|(_, format)| offered.contains(format));
                let names: Vec<&str> = names.map(|(name, _)| name).collect();
                Failure::usage(format!(
                    "no format {name:?} here; there are: {}",
                    names.join(", ")
                ))
            })
    }
}

/// Where a result goes, and in which forms.
#[derive(Debug)]
pub struct Plan {
    pub stdout: Option<Format>,
    pub files: Vec<(Format, PathBuf)>,
}

impl Plan {
    /// `-f` says what goes to stdout; a `-o FILE` without a format takes it from there.
    pub fn new(common: &Common, offered: &[Format]) -> Result<Self, Failure> {
        Self::with_default(common, offered, "table")
    }

    /// The same for a command whose results are not for people first.
    pub fn with_default(
        common: &Common,
        offered: &[Format],
        default: &str,
    ) -> Result<Self, Failure> {
        let default = Format::parse(common.format.as_deref().unwrap_or(default), offered)?;
        let mut plan = Self {
            stdout: Some(default),
            files: Vec::new(),
        };
        for output in &common.output {
            let named = output.split_once('=').and_then(|(name, file)| {
                Format::ALL
                    .iter()
                    .any(|(known, _)| *known == name)
                    .then_some((name, file))
            });
            let (format, file) = match named {
                Some((name, file)) => (Format::parse(name, offered)?, file),
                None => {
                    plan.stdout = None;
                    (default, output.as_str())
                }
            };
            if file.is_empty() {
                return Err(Failure::usage(format!(
                    "-o {output}: the file's name is missing"
                )));
            }
            plan.files.push((format, PathBuf::from(file)));
        }
        Ok(plan)
    }

    /// Writes the result in every form that was asked for; `style` says whether the form is
    /// for a terminal.
    pub fn write(&self, render: impl Fn(Format, bool) -> String) -> Result<(), Failure> {
        for (format, path) in &self.files {
            tracing::debug!(target: "omg", path = %path.display(), ?format, "write");
            write_atomically(path, render(*format, false).as_bytes()).map_err(|error| {
                Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
            })?;
        }
        match self.stdout {
            Some(format) => print(&render(format, true)),
            None => Ok(()),
        }
    }
}

/// Prints a result. A reader that has gone away is not an error.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::incomplete("cannot write to standard output").because(&error))
        }
        _ => Ok(()),
    }
}

/// Says something that is no result. Nobody can be told if that fails.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes beside the file and renames: a reader sees the old or the new file, whole. A link is
/// followed, and what is no regular file (a pipe, `/dev/null`) is written to and never replaced.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let real = match std::fs::metadata(path) {
        Ok(existing) if !existing.is_file() => {
            let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
            return file.write_all(bytes);
        }
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_owned(),
    };
    let path = real.as_path();
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".omg-")
        .tempfile_in(parent)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    if let Ok(existing) = std::fs::metadata(path) {
        // Replacing a file keeps who may read it.
        file.as_file().set_permissions(existing.permissions())?;
    } else {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_links_stay_what_they_are() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        // By a link of its own, so that a test that fails replaces no device.
        let null = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write_atomically(&null, b"gone").unwrap();
        assert!(std::fs::symlink_metadata(&null).unwrap().is_symlink());
        let device = std::fs::metadata("/dev/null").unwrap();
        assert!(device.file_type().is_char_device());
    }
}
