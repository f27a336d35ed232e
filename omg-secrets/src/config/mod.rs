//! What a user adds: own rules, a selection of rules, and lists of what is allowed. TOML, of
//! which every key is known or refused.

mod glob;

use chrono::{DateTime, NaiveDate, Utc};
use globset::GlobMatcher;
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::error::ConfigError;
use crate::finding::Finding;
use crate::rules::{Custom, Group, Severity, builtin_rules};
use crate::scanner::{GroupState, ScannerBuilder};

/// The most own rules and allow-list entries, each.
const MAX_ENTRIES: usize = 10_000;

/// A file of rules, read.
///
/// ```toml
/// [rules]
/// without = ["generic-token"]   # or only = […]; generic, identifiers = true or false
///
/// [[rule]]
/// id = "acme-token"
/// title = "ACME token"
/// severity = "high"             # none, low, medium, high or critical
/// literals = ["acme_"]          # one of them must stand in a match
/// regex = "acme_[0-9a-f]{32}"   # the first group, if there is one, is the secret
/// min_entropy = 3.0             # bits per byte; optional
/// documentation = "https://…"   # optional
///
/// [[allow]]
/// path = "tests/**"             # * within a folder, ** across folders, ? one byte
/// rule = "acme-token"           # and or: value (a regex), fingerprint
/// reason = "made up for tests"
/// expires = "2027-01-31"        # optional: the last day
/// ```
#[derive(Debug, Default)]
pub struct Config {
    select: Select,
    rules: Vec<std::sync::Arc<Custom>>,
    allow: Vec<Allow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    rules: Select,
    rule: Vec<RawRule>,
    allow: Vec<RawAllow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Select {
    only: Option<Vec<String>>,
    without: Vec<String>,
    generic: Option<bool>,
    identifiers: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    title: String,
    severity: String,
    literals: Vec<String>,
    regex: String,
    #[serde(default)]
    min_entropy: f64,
    #[serde(default)]
    documentation: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllow {
    path: Option<String>,
    rule: Option<String>,
    value: Option<String>,
    fingerprint: Option<String>,
    reason: String,
    expires: Option<String>,
}

#[derive(Debug)]
struct Allow {
    path: Option<GlobMatcher>,
    rule: Option<String>,
    value: Option<Regex>,
    fingerprint: Option<String>,
    reason: String,
    expires: Option<NaiveDate>,
}

impl Config {
    /// Reads the text of a rules file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if it is no TOML, holds an unknown key, or an entry makes no sense: a
    /// rule without a literal, with an expression that is invalid or over its limit, or an
    /// allow-list entry without a reason or that allows everything.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let raw: Raw = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            detail: error.to_string(),
        })?;
        if raw.rule.len() > MAX_ENTRIES || raw.allow.len() > MAX_ENTRIES {
            return Err(ConfigError::TooMany { limit: MAX_ENTRIES });
        }
        let rules = raw
            .rule
            .into_iter()
            .map(rule)
            .collect::<Result<Vec<_>, _>>()?;
        let allow = raw
            .allow
            .into_iter()
            .enumerate()
            .map(|(at, entry)| allow(at + 1, entry));
        Ok(Self {
            select: raw.rules,
            rules,
            allow: allow.collect::<Result<_, _>>()?,
        })
    }

    /// Adds the own rules and the selection to a scanner's options.
    pub fn apply(&self, mut builder: ScannerBuilder) -> ScannerBuilder {
        let state = |on| if on { GroupState::On } else { GroupState::Off };
        if let Some(generic) = self.select.generic {
            builder = builder.group(Group::Generic, state(generic));
        }
        if let Some(identifiers) = self.select.identifiers {
            builder = builder.group(Group::Identifier, state(identifiers));
        }
        if let Some(only) = &self.select.only {
            builder = builder.only(only.iter().cloned());
        }
        builder
            .without(self.select.without.iter().cloned())
            .custom(self.rules.iter().cloned())
    }

    /// The reason for which a finding in the file `path` is allowed at this time, if it is.
    #[must_use]
    pub fn allowed(&self, path: &str, finding: &Finding, at: DateTime<Utc>) -> Option<&str> {
        let today = at.date_naive();
        let entry = self.allow.iter().find(|entry| {
            !entry.expired(today)
                && entry.path.as_ref().is_none_or(|p| p.is_match(path))
                && entry.rule.as_ref().is_none_or(|r| r == finding.rule.id())
                && entry
                    .value
                    .as_ref()
                    .is_none_or(|v| v.is_match(finding.secret.expose()))
                && entry
                    .fingerprint
                    .as_ref()
                    .is_none_or(|f| *f == finding.fingerprint.to_string())
        });
        entry.map(|entry| entry.reason.as_str())
    }

    /// The reasons of the allow-list entries that have expired at this time.
    pub fn expired(&self, at: DateTime<Utc>) -> impl Iterator<Item = &str> {
        let today = at.date_naive();
        let entries = self.allow.iter().filter(move |entry| entry.expired(today));
        entries.map(|entry| entry.reason.as_str())
    }
}

impl Allow {
    fn expired(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

fn rule(raw: RawRule) -> Result<std::sync::Arc<Custom>, ConfigError> {
    let refused = |detail: &str| ConfigError::Rule {
        id: raw.id.clone(),
        detail: detail.to_owned(),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if raw.id.is_empty() || !raw.id.chars().all(plain) {
        return Err(refused("an id has lower-case letters, digits and hyphens"));
    }
    if builtin_rules().any(|rule| rule.id() == raw.id) {
        return Err(refused("a built-in rule has this id"));
    }
    if raw.literals.is_empty() || raw.literals.iter().any(|literal| literal.len() < 2) {
        return Err(refused("a rule needs literals of at least two bytes"));
    }
    let severity = Severity::from_name(&raw.severity)
        .ok_or_else(|| refused("a severity is none, low, medium, high or critical"))?;
    let regex = compiled(&raw.regex).map_err(|detail| refused(&detail))?;
    Ok(std::sync::Arc::new(Custom {
        id: raw.id,
        title: raw.title,
        severity,
        docs: raw.documentation,
        literals: raw.literals,
        regex,
        min_entropy: raw.min_entropy,
    }))
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| error.to_string())
}

fn allow(number: usize, raw: RawAllow) -> Result<Allow, ConfigError> {
    let refused = |detail: &str| ConfigError::Allow {
        number,
        detail: detail.to_owned(),
    };
    if raw.reason.trim().is_empty() {
        return Err(refused("a reason is needed"));
    }
    if raw.path.is_none() && raw.rule.is_none() && raw.value.is_none() && raw.fingerprint.is_none()
    {
        return Err(refused("it would allow everything"));
    }
    let date = |text: String| {
        NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .map_err(|_| refused("a day is written YYYY-MM-DD"))
    };
    let expression = |pattern: String| compiled(&pattern).map_err(|detail| refused(&detail));
    Ok(Allow {
        path: raw
            .path
            .map(|path| glob::compiled(&path).map_err(|detail| refused(&detail)))
            .transpose()?,
        rule: raw.rule,
        value: raw.value.map(expression).transpose()?,
        fingerprint: raw.fingerprint,
        reason: raw.reason,
        expires: raw.expires.map(date).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::Scanner;

    const TEXT: &str = r#"
        [[rule]]
        id = "acme-token"
        title = "ACME token"
        severity = "high"
        literals = ["acme_"]
        regex = "acme_([0-9a-f]{8})"
        min_entropy = 1.0

        [[allow]]
        path = "tests/**"
        rule = "acme-token"
        reason = "made up"
        expires = "2027-01-31"
    "#;

    #[test]
    fn own_rules_find_and_lists_allow_until_they_expire() {
        let config = Config::parse(TEXT).unwrap();
        let scanner = config.apply(Scanner::builder()).build().unwrap();
        let found: Vec<_> = scanner.scan(b"x = acme_0123abcd").collect();
        assert_eq!(found[0].rule.id(), "acme-token");
        assert_eq!(found[0].secret().expose(), b"0123abcd");
        let day = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let before = day("2027-01-31T23:00:00Z");
        assert_eq!(
            config.allowed("tests/a/b.txt", &found[0], before),
            Some("made up")
        );
        assert_eq!(config.allowed("src/tests/b.txt", &found[0], before), None);
        let after = day("2027-02-01T00:00:00Z");
        assert_eq!(config.allowed("tests/a/b.txt", &found[0], after), None);
        assert_eq!(config.expired(after).collect::<Vec<_>>(), ["made up"]);
    }

    #[test]
    fn an_own_rule_is_kept_before_one_of_the_context() {
        let config = Config::parse(TEXT).unwrap();
        let scanner = config.apply(Scanner::builder()).build().unwrap();
        let text = ["postgres://deploy:", "acme_0123abcd", "@db.internal/app"].concat();
        let found: Vec<_> = scanner.scan(text.as_bytes()).collect();
        let ids: Vec<_> = found.iter().map(|finding| finding.rule.id()).collect();
        assert_eq!(ids, ["acme-token"]);
    }

    #[test]
    fn an_own_rule_may_name_what_is_no_secret() {
        let config = Config::parse(&TEXT.replace("\"high\"", "\"none\"")).unwrap();
        let scanner = config.apply(Scanner::builder()).build().unwrap();
        let found: Vec<_> = scanner.scan(b"x = acme_0123abcd").collect();
        assert_eq!(found[0].severity, Severity::None);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, word) in [
            ("unknown = 1", "unknown"),
            ("[rules]\nonely = []", "onely"),
            ("[[allow]]\nreason = \"x\"", "everything"),
            ("[[allow]]\npath = \"a\"\nreason = \" \"", "reason"),
            (
                "[[allow]]\npath = \"a\"\nreason = \"x\"\nexpires = \"soon\"",
                "day",
            ),
            (&TEXT.replace("acme_([0-9a-f]{8})", "("), "acme-token"),
            (&TEXT.replace("\"acme_\"", "\"a\""), "literals"),
            (&TEXT.replace("\"high\"", "\"urgent\""), "severity"),
        ] {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn unknown_rules_are_refused_when_building() {
        let config = Config::parse("[rules]\nwithout = [\"no-such-rule\"]").unwrap();
        assert!(config.apply(Scanner::builder()).build().is_err());
    }
}
