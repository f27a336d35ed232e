use std::{slice, str};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, Utc};

use crate::model::{
    limits,
    package::{InstallReason, Origin, Package, PackageKind, Validation},
    problem::{Problem, ProblemKind},
};

/// What a `desc` file says, and what of it could not be read.
#[derive(Debug)]
pub(super) struct Desc {
    /// Name and version may be empty; whether that is wrong depends on where the file lies.
    pub(super) package: Package,
    pub(super) problems: Vec<Problem>,
}

/// Reads a `desc` file of either database. Problems have `subject` as their subject.
///
/// As libalpm does it: a section that holds one value takes the line after its key, a list
/// takes the lines up to an empty one, and lines outside of known sections are passed over.
pub(super) fn parse(bytes: &[u8], subject: &str) -> Desc {
    let mut reader = Reader::new(bytes, subject);
    let mut package = Package::new(PackageKind::Alpm, "", "");
    while let Some(line) = reader.next_line() {
        section(line, &mut package, &mut reader);
    }
    Desc {
        package,
        problems: reader.problems,
    }
}

fn section(key: &[u8], package: &mut Package, reader: &mut Reader<'_>) {
    match key {
        b"%NAME%" => package.name = reader.identifier("name"),
        b"%VERSION%" => package.version = reader.identifier("version"),
        b"%BASE%" => package.base = reader.value(),
        b"%DESC%" => package.description = reader.value(),
        b"%URL%" => package.url = reader.value(),
        b"%ARCH%" => package.architecture = reader.value(),
        b"%PACKAGER%" => package.maintainer = reader.value(),
        b"%BUILDDATE%" => package.built_at = reader.time("build date"),
        b"%INSTALLDATE%" => package.installed_at = reader.time("install date"),
        // The local database calls the installed size SIZE, the sync databases ISIZE.
        b"%SIZE%" | b"%ISIZE%" => package.installed_size = reader.number("size"),
        b"%CSIZE%" => package.archive_size = reader.number("archive size"),
        b"%FILENAME%" => package.archive_name = reader.value(),
        b"%SHA256SUM%" => package.archive_sha256 = reader.parsed("SHA-256", |t| t.parse().ok()),
        b"%PGPSIG%" => {
            package.archive_signature = reader.parsed("signature", |t| BASE64.decode(t).ok());
        }
        b"%REASON%" => package.reason = reader.parsed("install reason", reason),
        b"%GROUPS%" => package.groups = reader.list(),
        b"%LICENSE%" => package.licences = reader.list(),
        b"%VALIDATION%" => {
            package.validation = reader.list().into_iter().map(validation).collect();
        }
        b"%DEPENDS%" => package.depends = reader.list(),
        b"%OPTDEPENDS%" => package.optional_depends = reader.list(),
        b"%PROVIDES%" => package.provides = reader.list(),
        b"%CONFLICTS%" => package.conflicts = reader.list(),
        b"%REPLACES%" => package.replaces = reader.list(),
        // Written by CachyOS's pacman: the repository that it was installed from.
        b"%INSTALLED_DB%" => {
            if let Some(name) = reader.value() {
                package.origin = Origin::Repository(name);
            }
        }
        _ => {}
    }
}

struct Reader<'a> {
    lines: slice::Split<'a, u8, fn(&u8) -> bool>,
    subject: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], subject: &'a str) -> Self {
        Self {
            lines: bytes.split(|b| *b == b'\n'),
            subject,
            problems: Vec::new(),
        }
    }

    fn next_line(&mut self) -> Option<&'a [u8]> {
        self.lines
            .next()
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The next line, if it is neither empty nor too long.
    fn line_of_value(&mut self) -> Option<&'a [u8]> {
        let line = self.next_line().filter(|line| !line.is_empty())?;
        if line.len() > limits::MAX_VALUE_BYTES {
            let detail = format!("a value is longer than {} bytes", limits::MAX_VALUE_BYTES);
            self.problem(ProblemKind::LimitExceeded, detail);
            return self.line_of_value();
        }
        Some(line)
    }

    fn value(&mut self) -> Option<String> {
        self.line_of_value()
            .map(|line| String::from_utf8_lossy(line).into_owned())
    }

    fn list(&mut self) -> Vec<String> {
        let mut values = Vec::new();
        while let Some(value) = self.value() {
            values.push(value);
        }
        values
    }

    /// A name or version; one that is not UTF-8 cannot be looked up anywhere.
    fn identifier(&mut self, what: &str) -> String {
        let line = self.line_of_value().unwrap_or_default();
        match str::from_utf8(line) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.problem(ProblemKind::Malformed, format!("{what} is not UTF-8"));
                String::new()
            }
        }
    }

    fn parsed<T>(&mut self, what: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let line = self.line_of_value()?;
        let value = str::from_utf8(line).ok().and_then(parse);
        if value.is_none() {
            self.problem(ProblemKind::Malformed, format!("{what} cannot be read"));
        }
        value
    }

    fn number(&mut self, what: &str) -> Option<u64> {
        self.parsed(what, |text| text.parse().ok())
    }

    /// Seconds since 1970. libalpm also reads the localised dates that pacman 2 wrote; such a
    /// package would be older than 2009, and its date is reported as a problem.
    fn time(&mut self, what: &str) -> Option<DateTime<Utc>> {
        self.parsed(what, |text| DateTime::from_timestamp(text.parse().ok()?, 0))
    }

    fn problem(&mut self, kind: ProblemKind, detail: String) {
        self.problems.push(Problem::new(self.subject, kind, detail));
    }
}

fn reason(text: &str) -> Option<InstallReason> {
    match text {
        "0" => Some(InstallReason::Explicit),
        "1" => Some(InstallReason::Dependency),
        _ => None,
    }
}

fn validation(text: String) -> Validation {
    match text.as_str() {
        "none" => Validation::None,
        "md5" => Validation::Md5,
        "sha256" => Validation::Sha256,
        "pgp" => Validation::Pgp,
        _ => Validation::Other(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(text: &[u8]) -> Vec<String> {
        parse(text, "x")
            .problems
            .into_iter()
            .map(|problem| problem.detail)
            .collect()
    }

    #[test]
    fn sections_are_read_as_libalpm_does() {
        // A value and the next key without an empty line between them; an unknown section;
        // a list that contains what looks like a key.
        let text =
            b"%NAME%\na\n%VERSION%\n1-1\n\n%NEW%\nx\n\n%DEPENDS%\nb\n%URL%\n\n%LICENSE%\nMIT";
        let package = parse(text, "x").package;
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("a", "1-1")
        );
        assert_eq!(package.depends, ["b", "%URL%"]);
        assert_eq!(
            (package.url, package.licences),
            (None, vec!["MIT".to_owned()])
        );
    }

    #[test]
    fn values_that_cannot_be_read_are_problems() {
        assert_eq!(
            details(b"%BUILDDATE%\nMon Jan 1\n"),
            ["build date cannot be read"]
        );
        assert_eq!(
            details(b"%BUILDDATE%\n9223372036854775807\n"),
            ["build date cannot be read"]
        );
        assert_eq!(details(b"%SIZE%\n-1\n"), ["size cannot be read"]);
        assert_eq!(details(b"%REASON%\n2\n"), ["install reason cannot be read"]);
        assert_eq!(details(b"%SHA256SUM%\nabc\n"), ["SHA-256 cannot be read"]);
        assert_eq!(details(b"%PGPSIG%\n****\n"), ["signature cannot be read"]);
        assert_eq!(details(b"%NAME%\n\xff\n"), ["name is not UTF-8"]);
        assert_eq!(details(b"%PACKAGER%\n\xff <a>\n"), [""; 0]);
    }

    #[test]
    fn a_long_value_is_left_out_and_reported() {
        let mut text = b"%DEPENDS%\nfirst\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', limits::MAX_VALUE_BYTES + 1));
        text.extend(b"\nlast\n\n%ARCH%\nany\n");
        let desc = parse(&text, "x");
        assert_eq!(desc.package.depends, ["first", "last"]);
        assert_eq!(desc.package.architecture.as_deref(), Some("any"));
        assert_eq!(desc.problems[0].kind, ProblemKind::LimitExceeded);
    }
}
