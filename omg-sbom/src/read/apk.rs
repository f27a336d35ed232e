//! apk-tools' database: `/lib/apk/db/installed` (`/usr/lib/apk/db/installed` since apk-tools 3).
//!
//! Format: Alpine wiki, "Apk spec", "Installed Database V2": paragraphs of lines
//! `X:value`, where the letters F, R, M, a and Z describe files and are passed over.

use chrono::DateTime;

use super::collector::Collector;
use crate::model::{
    error::ParseError,
    inventory::Inventory,
    limits,
    package::{Package, PackageKind},
    problem::{Problem, ProblemKind, shorten},
    source::Source,
};

/// Reads the file `installed`.
///
/// A repository's name is not recorded there; the origin stays unknown. CR LF line ends are
/// accepted.
///
/// # Errors
///
/// [`ParseError::TooLarge`] above [`limits::MAX_STATUS_BYTES`], and
/// [`ParseError::TooManyEntries`].
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::apk;
///
/// let inventory = apk::parse_installed(b"P:busybox-binsh\nV:1.36.1-r29\nA:x86_64\no:busybox\n")?;
/// assert_eq!(inventory.packages()[0].source_name(), "busybox");
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
pub fn parse_installed(bytes: &[u8]) -> Result<Inventory, ParseError> {
    ParseError::check_size("apk installed", bytes, limits::MAX_STATUS_BYTES)?;
    let mut collector = Collector::default();
    let mut record = Record::default();
    for (index, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            std::mem::take(&mut record).finish(&mut collector)?;
        } else {
            record.add(index + 1, line);
        }
    }
    record.finish(&mut collector)?;
    Ok(collector.finish(Source::Apk))
}

#[derive(Default)]
struct Record<'a> {
    /// The line that it starts at; 0 while it has none.
    start: usize,
    fault: Option<Problem>,
    fields: Vec<(u8, &'a [u8])>,
}

impl<'a> Record<'a> {
    fn add(&mut self, number: usize, line: &'a [u8]) {
        if self.start == 0 {
            self.start = number;
        }
        match line {
            [letter, b':', value @ ..] if letter.is_ascii_alphabetic() => {
                self.add_field(*letter, value);
            }
            _ => self.set_fault(ProblemKind::Malformed, format!("line {number} is no field")),
        }
    }

    fn add_field(&mut self, letter: u8, value: &'a [u8]) {
        if !b"PVAoLTUmDprtIS".contains(&letter) {
            return;
        }
        let name = char::from(letter);
        if value.len() > limits::MAX_VALUE_BYTES {
            let detail = format!(
                "field {name} is longer than {} bytes",
                limits::MAX_VALUE_BYTES
            );
            self.set_fault(ProblemKind::LimitExceeded, detail);
        } else if self.raw(letter).is_some() {
            self.set_fault(
                ProblemKind::Malformed,
                format!("field {name} is given twice"),
            );
        } else {
            self.fields.push((letter, value));
        }
    }

    fn set_fault(&mut self, kind: ProblemKind, detail: String) {
        self.fault
            .get_or_insert_with(|| Problem::new("", kind, detail));
    }

    fn raw(&self, letter: u8) -> Option<&'a [u8]> {
        self.fields
            .iter()
            .find(|(l, _)| *l == letter)
            .map(|(_, value)| *value)
    }

    fn get(&self, letter: u8) -> Option<String> {
        let text = String::from_utf8_lossy(self.raw(letter)?).trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn list(&self, letter: u8) -> Vec<String> {
        let text = self.get(letter).unwrap_or_default();
        text.split_ascii_whitespace().map(str::to_owned).collect()
    }

    fn finish(self, collector: &mut Collector) -> Result<(), ParseError> {
        if self.start == 0 {
            return Ok(());
        }
        let subject = self.get(b'P').map(|name| shorten(&name));
        let subject = subject.unwrap_or_else(|| format!("line {}", self.start));
        if let Some(fault) = &self.fault {
            collector.problem(Problem {
                subject: subject.clone(),
                ..fault.clone()
            })?;
        }
        match (self.get(b'P'), self.get(b'V')) {
            (Some(name), Some(version)) => collector.package(self.package(name, version)),
            _ => collector.malformed(subject, "no P or no V"),
        }
    }

    fn package(&self, name: String, version: String) -> Package {
        let mut package = Package::new(PackageKind::Apk, name, version);
        package.architecture = self.get(b'A');
        package.base = self.get(b'o');
        package.licences = self.get(b'L').into_iter().collect();
        package.description = self.get(b'T');
        package.url = self.get(b'U');
        package.maintainer = self.get(b'm');
        // A dependency `!name` is a conflict (apk-world(5)).
        let (conflicts, depends): (Vec<_>, Vec<_>) = self
            .list(b'D')
            .into_iter()
            .partition(|relation| relation.starts_with('!'));
        package.depends = depends;
        package.conflicts = conflicts
            .iter()
            .map(|c| c.trim_start_matches('!').to_owned())
            .collect();
        package.provides = self.list(b'p');
        package.replaces = self.list(b'r');
        package.archive_size = self.get(b'S').and_then(|size| size.parse().ok());
        package.installed_size = self.get(b'I').and_then(|size| size.parse().ok());
        let seconds = self.get(b't').and_then(|time| time.parse().ok());
        package.built_at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        package
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUSL: &str = "C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:409600\nI:667648\n\
        T:the musl c library\nU:https://musl.libc.org/\nL:MIT AND BSD-2-Clause\no:musl\n\
        m:A <a@example.org>\nt:1710000000\nc:0123\nD:so:libc.so !uclibc\np:so:libc.so=1 cmd:x=2\n\
        r:libiconv\nF:lib\nR:ld.so\na:0:0:755\nZ:Q1abc=\nR:libc.so\n";

    #[test]
    fn a_full_record() {
        let inventory = parse_installed(MUSL.as_bytes()).unwrap();
        assert!(inventory.is_complete(), "{:?}", inventory.problems());
        let [musl] = inventory.packages() else {
            panic!("{inventory:?}")
        };
        assert_eq!(
            (musl.name.as_str(), musl.version.as_str()),
            ("musl", "1.2.5-r0")
        );
        assert_eq!(musl.licences, ["MIT AND BSD-2-Clause"]);
        assert_eq!(musl.depends, ["so:libc.so"]);
        assert_eq!(
            (&*musl.conflicts, &*musl.replaces),
            (&["uclibc".to_owned()][..], &["libiconv".to_owned()][..])
        );
        assert_eq!(musl.provides, ["so:libc.so=1", "cmd:x=2"]);
        assert_eq!(
            (musl.archive_size, musl.installed_size),
            (Some(409_600), Some(667_648))
        );
        assert_eq!(musl.built_at.unwrap().timestamp(), 1_710_000_000);
        assert_eq!(
            parse_installed(MUSL.replace('\n', "\r\n").as_bytes()).unwrap(),
            inventory
        );
    }

    #[test]
    fn records_that_are_broken_are_problems() {
        let long = format!("P:a\nV:1\nT:{}", "x".repeat(limits::MAX_VALUE_BYTES + 1));
        let cases = [
            ("P:a", 0, ProblemKind::Malformed),
            ("V:1", 0, ProblemKind::Malformed),
            ("P:a\nV:1\nP:b", 1, ProblemKind::Malformed),
            ("P:a\nV:1\nstray", 1, ProblemKind::Malformed),
            ("P:a\nV:1\n1:x", 1, ProblemKind::Malformed),
            (&long, 1, ProblemKind::LimitExceeded),
        ];
        for (text, listed, kind) in cases {
            let inventory = parse_installed(format!("{text}\n\n{MUSL}").as_bytes()).unwrap();
            assert_eq!(inventory.packages().len(), listed + 1);
            assert_eq!(inventory.problems().len(), 1);
            assert_eq!(inventory.problems()[0].kind, kind);
        }
    }

    #[test]
    fn size_is_limited() {
        let error = parse_installed(&vec![b'\n'; limits::MAX_STATUS_BYTES + 1]).unwrap_err();
        assert!(matches!(error, ParseError::TooLarge { .. }));
    }
}
