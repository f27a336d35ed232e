//! Findings that are known and accepted for now: one line each, sorted, so that two people's
//! changes merge.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::finding::Fingerprint;

/// A line of a baseline, beside its fingerprint.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BaselineEntry {
    /// The rule's id, for people.
    pub rule: String,
    /// Where it was found, for people: findings are matched by fingerprint alone.
    pub path: String,
}

/// The fingerprints of accepted findings.
///
/// # Examples
///
/// ```
/// let text = "# omg secrets baseline 1\n\
///     00112233445566778899aabbccddeeff generic-password tests/config.yml\n";
/// let baseline = omg_secrets::Baseline::parse(text).unwrap();
/// assert_eq!(baseline.len(), 1);
/// assert_eq!(baseline.to_string(), text);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Baseline {
    entries: BTreeMap<Fingerprint, BaselineEntry>,
}

const HEADER: &str = "# omg secrets baseline 1";

impl Baseline {
    /// Reads a baseline: a header, then lines of fingerprint, rule and path. Empty lines and
    /// lines that begin with `#` are skipped.
    ///
    /// # Errors
    ///
    /// The number of the first line, from 1, that is none of these; 1 if the header is
    /// missing.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line.trim_end()) != Some(HEADER) {
            return Err(1);
        }
        let mut baseline = Self::default();
        for (number, line) in lines {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut fields = line.splitn(3, ' ');
            let fingerprint = fields.next().and_then(Fingerprint::from_hex);
            let (Some(fingerprint), Some(rule)) = (fingerprint, fields.next()) else {
                return Err(number + 1);
            };
            let path = fields.next().unwrap_or_default();
            baseline.insert(fingerprint, rule, path);
        }
        Ok(baseline)
    }

    /// Accepts a finding. Control characters in the path become `?`. Of several paths of one
    /// fingerprint the least is kept.
    pub fn insert(&mut self, fingerprint: Fingerprint, rule: &str, path: &str) {
        let clean = |text: &str| text.replace(|c: char| c.is_control(), "?");
        let entry = BaselineEntry {
            rule: clean(rule),
            path: clean(path),
        };
        let known = self
            .entries
            .entry(fingerprint)
            .or_insert_with(|| entry.clone());
        if entry.path < known.path {
            *known = entry;
        }
    }

    /// Whether the finding of this fingerprint is accepted.
    #[must_use]
    pub fn contains(&self, fingerprint: &Fingerprint) -> bool {
        self.entries.contains_key(fingerprint)
    }

    /// How many findings are accepted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The accepted findings, by fingerprint.
    pub fn iter(&self) -> impl Iterator<Item = (&Fingerprint, &BaselineEntry)> {
        self.entries.iter()
    }
}

impl std::fmt::Display for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = format!("{HEADER}\n");
        for (fingerprint, entry) in &self.entries {
            writeln!(out, "{fingerprint} {} {}", entry.rule, entry.path)?;
        }
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_none_are_refused() {
        assert_eq!(Baseline::parse(""), Err(1));
        assert_eq!(
            Baseline::parse("# omg secrets baseline 1\nxyz rule path"),
            Err(2)
        );
        let bare = format!("{HEADER}\n\n# c\n{}", "0".repeat(32));
        assert_eq!(Baseline::parse(&bare), Err(4));
    }

    #[test]
    fn a_path_with_a_line_end_stays_on_its_line() {
        let mut baseline = Baseline::default();
        let print = Fingerprint::from_hex(&"a".repeat(32)).unwrap();
        baseline.insert(print, "rule", "a\nb c");
        assert_eq!(Baseline::parse(&baseline.to_string()), Ok(baseline));
    }
}
