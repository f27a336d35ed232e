//! Ignore rules: findings that somebody decided to live with, why, and until when.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;

use crate::error::ParseError;
use crate::scan::{Cleared, Finding, Ignored, Report};

/// The largest file that is read: 4 MiB.
pub const MAX_IGNORE_BYTES: usize = 4 << 20;

const WHAT: &str = "ignore file";

/// A list of ignore rules.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct IgnoreList {
    /// The rules, in the file's order.
    pub rules: Vec<IgnoreRule>,
}

/// One ignore rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IgnoreRule {
    /// The advisory, by its identifier or any alias.
    pub id: String,
    /// Only for this package; for every package if absent.
    pub package: Option<String>,
    /// Why it is ignored.
    pub reason: String,
    /// The rule no longer holds from this moment on. A date is the beginning of its day, UTC.
    pub expires: Option<DateTime<Utc>>,
}

/// What became of the rules in a report.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct IgnoreUse {
    /// Rules that no longer hold; what they named is a finding again.
    pub expired: Vec<IgnoreRule>,
    /// Rules that hold and match nothing.
    pub unused: Vec<IgnoreRule>,
}

impl IgnoreList {
    /// Reads the file, which is TOML:
    ///
    /// ```
    /// let list = omg_vuln::IgnoreList::parse(br#"
    ///     [[ignore]]
    ///     id = "CVE-2024-0001"        # aliases count
    ///     package = "openssl"         # optional: every package if absent
    ///     reason = "the affected module is not built"
    ///     expires = "2027-01-31"      # optional: a date, or RFC 3339
    /// "#)?;
    /// assert_eq!(list.rules[0].package.as_deref(), Some("openssl"));
    /// # Ok::<(), omg_vuln::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file is over [`MAX_IGNORE_BYTES`], is no TOML, has an unknown key, an empty
    /// `id` or `reason`, or an `expires` that is no date: an ignore rule that is not
    /// understood must not hide anything.
    pub fn parse(toml: &[u8]) -> Result<Self, ParseError> {
        ParseError::check_size(WHAT, toml, MAX_IGNORE_BYTES)?;
        let text =
            std::str::from_utf8(toml).map_err(|e| ParseError::malformed(WHAT, e.to_string()))?;
        let file: File = toml::from_str(text)
            .map_err(|e| ParseError::malformed(WHAT, e.to_string().trim_end().to_owned()))?;
        let rules = file
            .ignore
            .into_iter()
            .map(Rule::check)
            .collect::<Result<_, _>>()?;
        Ok(Self { rules })
    }

    /// Moves what the rules name from the report's findings to [`Report::ignored`].
    pub fn apply(&self, report: &mut Report, at: DateTime<Utc>) -> IgnoreUse {
        let (holding, expired): (Vec<_>, Vec<_>) = self
            .rules
            .iter()
            .partition(|rule| rule.expires.is_none_or(|end| at < end));
        let mut used = vec![false; holding.len()];
        for mut finding in std::mem::take(&mut report.findings) {
            let package = finding.package.name.clone();
            let cleared = finding.cleared_by(|names| {
                let mut first = None;
                for (rule, used) in holding.iter().zip(&mut used) {
                    if names.contains(&rule.id.as_str()) && rule.is_about(&package) {
                        *used = true;
                        first = first.or(Some(*rule));
                    }
                }
                first
            });
            match cleared {
                Cleared::Nothing => report.findings.push(finding),
                Cleared::Part { some, all } => {
                    finding.note(format!("{some} of {all} issues set aside by ignore rules"));
                    report.findings.push(finding);
                }
                Cleared::Whole(rule) => report.ignored.push(set_aside(finding, &[rule])),
                Cleared::Each(rules) => report.ignored.push(set_aside(finding, &rules)),
            }
        }
        let unused = holding.into_iter().zip(used).filter(|(_, used)| !used);
        IgnoreUse {
            expired: expired.into_iter().cloned().collect(),
            unused: unused.map(|(rule, _)| rule.clone()).collect(),
        }
    }
}

impl IgnoreRule {
    fn is_about(&self, package: &str) -> bool {
        self.package.as_ref().is_none_or(|name| name == package)
    }
}

/// Until the first of the rules ends.
fn set_aside(finding: Finding, rules: &[&IgnoreRule]) -> Ignored {
    let mut reasons: Vec<&str> = rules.iter().map(|rule| rule.reason.as_str()).collect();
    reasons.dedup();
    let until = rules.iter().filter_map(|rule| rule.expires).min();
    Ignored::new(finding, "ignore rule", reasons.join("; "), until)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ignore: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    #[serde(default)]
    package: Option<String>,
    reason: String,
    #[serde(default)]
    expires: Option<toml::Value>,
}

impl Rule {
    fn check(self) -> Result<IgnoreRule, ParseError> {
        if self.id.trim().is_empty() || self.reason.trim().is_empty() {
            let detail = format!("rule for {:?}: id and reason may not be empty", self.id);
            return Err(ParseError::malformed(WHAT, detail));
        }
        let expires = self
            .expires
            .map(|value| expiry(&self.id, &value))
            .transpose()?;
        Ok(IgnoreRule {
            id: self.id,
            package: self.package,
            reason: self.reason,
            expires,
        })
    }
}

/// Both TOML's own dates and text.
fn expiry(id: &str, value: &toml::Value) -> Result<DateTime<Utc>, ParseError> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(time) => time.to_string(),
        other => format!("{other:?}"),
    };
    let date = |text: &str| {
        Some(
            text.parse::<NaiveDate>()
                .ok()?
                .and_time(NaiveTime::MIN)
                .and_utc(),
        )
    };
    DateTime::parse_from_rfc3339(&text)
        .ok()
        .map(|time| time.with_timezone(&Utc))
        .or_else(|| date(&text))
        .ok_or_else(|| {
            let detail =
                format!("rule for {id:?}: {text:?} is no date, write for example 2027-01-31");
            ParseError::malformed(WHAT, detail)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AdvisoryDb, Ecosystem, Package, Source, SourceKind, scan};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn report() -> Report {
        let feed = br#"[{"name": "AVG-1", "packages": ["curl", "wget"], "status": "Vulnerable",
            "severity": "High", "affected": "9-1", "fixed": null, "issues": ["CVE-1"]}]"#;
        let mut db = AdvisoryDb::new();
        db.add(
            Source::new("f", SourceKind::ArchTracker),
            crate::arch::parse(feed).unwrap(),
        );
        let packages = ["curl", "wget"].map(|name| Package::new(Ecosystem::arch(), name, "8-1"));
        scan(&db, &packages, at("2026-01-01T00:00:00Z"))
    }

    fn parse(rules: &str) -> IgnoreList {
        IgnoreList::parse(rules.as_bytes()).unwrap()
    }

    #[test]
    fn an_alias_and_a_package_name_the_finding() {
        let list = parse("[[ignore]]\nid = 'CVE-1'\npackage = 'curl'\nreason = 'r'");
        let mut report = report();
        let outcome = list.apply(&mut report, at("2026-01-01T00:00:00Z"));
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].package.name, "wget");
        assert_eq!(report.ignored[0].finding.package.name, "curl");
        assert_eq!(outcome, IgnoreUse::default());
    }

    #[test]
    fn a_rule_ends_with_the_beginning_of_its_day() {
        let list = parse("[[ignore]]\nid = 'AVG-1'\nreason = 'r'\nexpires = 2026-01-31");
        let mut before = report();
        list.apply(&mut before, at("2026-01-30T23:59:59Z"));
        assert!(before.findings.is_empty());
        let mut after = report();
        let outcome = list.apply(&mut after, at("2026-01-31T00:00:00Z"));
        assert_eq!(after.findings.len(), 2);
        assert_eq!(outcome.expired.len(), 1);
        assert!(outcome.unused.is_empty());
    }

    #[test]
    fn a_rule_that_matches_nothing_is_reported() {
        let list = parse("[[ignore]]\nid = 'AVG-2'\nreason = 'r'");
        assert_eq!(
            list.apply(&mut report(), at("2026-01-01T00:00:00Z"))
                .unused
                .len(),
            1
        );
    }

    #[test]
    fn one_issue_of_a_bundle_does_not_clear_the_bundle() {
        let feed = br#"[{"name": "AVG-1", "packages": ["curl"], "status": "Vulnerable",
            "severity": "High", "affected": "9-1", "fixed": null,
            "issues": ["CVE-1", "CVE-2"], "advisories": ["ASA-1"]}]"#;
        let scan = || {
            let mut db = AdvisoryDb::new();
            db.add(
                Source::new("f", SourceKind::ArchTracker),
                crate::arch::parse(feed).unwrap(),
            );
            let curl = Package::new(Ecosystem::arch(), "curl", "8-1");
            scan(&db, &[curl], at("2026-01-01T00:00:00Z"))
        };
        let rule = |id: &str| format!("[[ignore]]\nid = '{id}'\nreason = 'about {id}'\n");
        let mut one = scan();
        let used = parse(&rule("CVE-1")).apply(&mut one, at("2026-01-01T00:00:00Z"));
        assert_eq!(one.findings.len(), 1);
        let note = "1 of 2 issues set aside by ignore rules";
        assert_eq!(one.findings[0].statement.as_deref(), Some(note));
        assert!(used.unused.is_empty());
        let mut both = scan();
        let list = parse(&(rule("CVE-1") + &rule("CVE-2")));
        list.apply(&mut both, at("2026-01-01T00:00:00Z"));
        assert_eq!(both.ignored[0].reason, "about CVE-1; about CVE-2");
        for whole in ["AVG-1", "ASA-1"] {
            let mut report = scan();
            parse(&rule(whole)).apply(&mut report, at("2026-01-01T00:00:00Z"));
            assert_eq!(report.ignored.len(), 1, "{whole}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "[[ignore]]\nid = 'A'",
            "[[ignore]]\nid = 'A'\nreason = ''",
            "[[ignore]]\nid = ''\nreason = 'r'",
            "[[ignore]]\nid = 'A'\nreason = 'r'\nexpires = 'someday'",
            "[[ignore]]\nid = 'A'\nreason = 'r'\nexpires = 7",
            "[[ignore]]\nid = 'A'\nreason = 'r'\nexpiry = '2026-01-01'",
            "[[ignored]]\nid = 'A'\nreason = 'r'",
            "ignore = 1",
        ] {
            assert!(IgnoreList::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
