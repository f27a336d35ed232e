//! Results to stdout or to files, everything else to stderr.

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use super::failure::Failure;
use super::files::write_whole;
use super::format::Format;
use super::newfile::Access;
use super::options::Common;

/// Where a result goes, and in which forms.
#[derive(Debug)]
pub struct Plan {
    pub stdout: Option<Format>,
    pub files: Vec<(Format, PathBuf)>,
    /// Who may read the files.
    pub access: Access,
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
            access: Access::Usual,
        };
        for output in &common.output {
            let (named, file) = parts(output);
            let format = match named {
                Some(name) => Format::parse(name, offered)?,
                None => {
                    plan.stdout = None;
                    default
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

    /// Writes the result in every form that was asked for, also after one that cannot be written;
    /// the second argument of `render` says whether the form is for a terminal.
    ///
    /// # Errors
    /// The first place that cannot be written.
    pub fn write(&self, render: impl Fn(Format, bool) -> String) -> Result<(), Failure> {
        let mut written = Ok(());
        for (format, path) in &self.files {
            tracing::debug!(target: "omg", path = %path.display(), ?format, "write");
            let text = render(*format, false);
            let file = write_whole(path, text.as_bytes(), self.access);
            let file = file.map_err(|error| {
                Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
            });
            written = written.and(file);
        }
        match self.stdout {
            Some(format) => written.and(print(&render(format, true))),
            None => written,
        }
    }
}

/// The name of the format, if there is one, and the file of `-o [FMT=]FILE`.
pub fn parts(output: &str) -> (Option<&str>, &str) {
    match output.split_once('=') {
        Some((name, file)) if Format::ALL.iter().any(|(known, _)| *known == name) => {
            (Some(name), file)
        }
        _ => (None, output),
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
