//! The Arch Linux security tracker's feed, `https://security.archlinux.org/all.json`.
//!
//! Source of the format: `arch-security-tracker`, `tracker/view/index.py`, as served. A group
//! (`AVG-nnn`) names packages, the *one* version that was examined, and the first fixed
//! version if there is one. There is no range and no score.

mod wire;

use serde::Deserialize;
use serde_json::value::RawValue;

use self::wire::Group;
use crate::advisory::{
    Advisories, Advisory, Affected, BrokenRecord, Criteria, Record, Tracker, TrackerStatus,
};
use crate::error::ParseError;
use crate::package::Ecosystem;
use crate::severity::Severity;

/// The largest feed that is read: 64 MiB. The real one has about 1 MB.
pub const MAX_FEED_BYTES: usize = 64 << 20;

const WHAT: &str = "Arch security tracker feed";

/// Reads the feed: a JSON array of groups.
///
/// `affected`, `fixed` and `issues` may be null, and `packages` names at least one. A group that
/// cannot be read, lacks one of its members or has one twice is reported in
/// [`Advisories::broken`], and the others are kept.
///
/// # Errors
///
/// When the document is over [`MAX_FEED_BYTES`], is no JSON array, or holds no group.
///
/// # Examples
///
/// ```
/// let feed = br#"[{"name": "AVG-1", "packages": ["curl"], "status": "Fixed",
///     "severity": "High", "type": "information disclosure", "affected": "7.51.0-1",
///     "fixed": "7.52.1-1", "ticket": null, "issues": ["CVE-2016-9594"], "advisories": []}]"#;
/// let advisories = omg_vuln::arch::parse(feed)?;
/// assert_eq!(advisories.records[0].advisory.id, "AVG-1");
/// assert!(advisories.broken.is_empty());
/// # Ok::<(), omg_vuln::ParseError>(())
/// ```
pub fn parse(feed: &[u8]) -> Result<Advisories, ParseError> {
    parse_for(feed, |_| true)
}

/// Reads the feed, and keeps only the groups that name a package for which `wanted` is true.
///
/// The feed lists some thousand groups, of which a machine needs some dozen: not building the
/// others saves most of the time. A group whose names cannot be read is reported whether it
/// is wanted or not.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_for(feed: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Advisories, ParseError> {
    ParseError::check_size(WHAT, feed, MAX_FEED_BYTES)?;
    let text = std::str::from_utf8(feed).map_err(|e| ParseError::malformed(WHAT, e.to_string()))?;
    let out = one_by_one(text, &wanted)
        // One bad group must not lose the others: read again, and look at each by itself.
        .or_else(|_| apart(text, &wanted))
        .map_err(|e| ParseError::json(WHAT, e))?;
    match out.read() == 0 && out.broken.is_empty() {
        true => Err(ParseError::Empty { what: WHAT }),
        false => Ok(out),
    }
}

fn empty() -> Advisories {
    let mut out = Advisories::default();
    out.ecosystems.insert(Ecosystem::arch());
    out
}

/// Takes in each group as it is read; stops at the first one that cannot be read.
fn one_by_one(text: &str, wanted: &impl Fn(&str) -> bool) -> serde_json::Result<Advisories> {
    let mut out = empty();
    wire::each_group(text, wanted, |group| take(&mut out, group))?;
    Ok(out)
}

fn apart(text: &str, wanted: &impl Fn(&str) -> bool) -> serde_json::Result<Advisories> {
    let groups: Vec<&RawValue> = serde_json::from_str(text)?;
    let mut out = empty();
    for (position, raw) in groups.iter().enumerate() {
        let taken = wire::group(raw.get(), wanted).and_then(|group| take(&mut out, group.as_ref()));
        if let Err(error) = taken {
            out.broken.push(broken(raw, position, &error));
        }
    }
    Ok(out)
}

/// `None` is a group that nobody wants.
fn take(out: &mut Advisories, group: Option<&Group<'_>>) -> serde_json::Result<()> {
    match group {
        Some(group) => out.push(record(group)?),
        None => out.skipped += 1,
    }
    Ok(())
}

fn record(group: &Group<'_>) -> serde_json::Result<Record> {
    let tracker = Tracker {
        status: status(group.status.as_deref().unwrap_or_default()),
        examined: version(group.affected.as_deref()),
        fixed: version(group.fixed.as_deref()),
    };
    let mut names: Vec<&str> = group.packages.iter().map(|name| &**name).collect();
    names.sort_unstable();
    names.dedup();
    let affected = names
        .into_iter()
        .map(|name| Affected::new(Ecosystem::arch(), name, Criteria::Tracker(tracker.clone())))
        .collect();
    Ok(Record {
        advisory: advisory(group)?,
        affected,
    })
}

fn advisory(group: &Group<'_>) -> serde_json::Result<Advisory> {
    let mut aliases = Vec::new();
    for list in [group.issues, group.advisories].into_iter().flatten() {
        let list: Option<Vec<String>> = serde_json::from_str(list.get())?;
        aliases.extend(list.unwrap_or_default());
    }
    aliases.sort_unstable();
    aliases.dedup();
    let severity = group.severity.as_deref();
    Ok(Advisory {
        id: group.name.to_string(),
        aliases,
        is_bundle: true,
        summary: group.kind.as_deref().unwrap_or("unknown").to_owned(),
        severity: severity.map_or(Severity::Unknown, Severity::from_label),
        references: vec![format!("https://security.archlinux.org/{}", group.name)],
        ..Advisory::default()
    })
}

fn status(word: &str) -> TrackerStatus {
    match word {
        "Vulnerable" => TrackerStatus::Vulnerable,
        "Testing" => TrackerStatus::Testing,
        "Fixed" => TrackerStatus::Fixed,
        "Not affected" => TrackerStatus::NotAffected,
        _ => TrackerStatus::Unknown,
    }
}

/// Some copies of the feed write an unknown version as an empty string.
fn version(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn broken(raw: &RawValue, position: usize, error: &serde_json::Error) -> BrokenRecord {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let subject = serde_json::from_str::<Named>(raw.get())
        .map_or_else(|_| format!("group {}", position + 1), |named| named.name);
    BrokenRecord::new(subject, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A group about the package `a` with every member, of which one is replaced.
    fn group(id: &str, member: &str, by: &str) -> String {
        let members = [
            ("name", format!("\"name\": \"{id}\"")),
            ("packages", r#""packages": ["a"]"#.to_owned()),
            ("status", r#""status": "Fixed""#.to_owned()),
            ("severity", r#""severity": "High""#.to_owned()),
            ("affected", r#""affected": "1-1""#.to_owned()),
            ("fixed", r#""fixed": "2-1""#.to_owned()),
            ("issues", r#""issues": ["CVE-1"]"#.to_owned()),
        ];
        let text = members.map(|(name, text)| if name == member { by.to_owned() } else { text });
        let text: Vec<String> = text.into_iter().filter(|text| !text.is_empty()).collect();
        format!("{{{}}}", text.join(", "))
    }

    #[test]
    fn nulls_and_words_of_tomorrow_are_tolerated() {
        let feed = br#"[{"name": "AVG-2", "packages": ["a", "a"], "status": "Reviewing",
            "severity": "Dire", "type": null, "affected": null, "fixed": "", "issues": null}]"#;
        let parsed = parse(feed).unwrap();
        let record = &parsed.records[0];
        assert_eq!(record.affected.len(), 1);
        assert_eq!(record.advisory.severity, Severity::Unknown);
        let tracker = Tracker::new(TrackerStatus::Unknown, None, None);
        assert_eq!(record.affected[0].criteria, Criteria::Tracker(tracker));
    }

    /// Without it, renamed, null, empty, of another type, or twice: the group would match less.
    #[test]
    fn a_group_that_lacks_a_member_or_has_it_twice_is_broken() {
        let whole = group("AVG-1", "", "");
        assert!(
            parse(format!("[{whole}]").as_bytes())
                .unwrap()
                .broken
                .is_empty()
        );
        let faults = [
            ("name", vec!["", r#""Name": "AVG-2""#, r#""name": null"#]),
            (
                "packages",
                vec![
                    "",
                    r#""pkgs": ["a"]"#,
                    r#""packages": null"#,
                    r#""packages": []"#,
                    r#""packages": "a""#,
                    r#""packages": [null]"#,
                    r#""packages": ["a"], "packages": ["b"]"#,
                    r#""packages": ["b"], "packages": ["a"]"#,
                ],
            ),
            (
                "status",
                vec![
                    "",
                    r#""state": "Fixed""#,
                    r#""status": 1"#,
                    r#""status": "Fixed", "status": "Not affected""#,
                ],
            ),
            (
                "severity",
                vec!["", r#""severity": "Low", "severity": "High""#],
            ),
            (
                "affected",
                vec![
                    "",
                    r#""affected": ["1-1"]"#,
                    r#""affected": "1-1", "affected": "9-1""#,
                ],
            ),
            (
                "fixed",
                vec!["", r#""fix": "2-1""#, r#""fixed": "2-1", "fixed": "1-1""#],
            ),
            (
                "issues",
                vec![
                    "",
                    r#""issues": "CVE-1""#,
                    r#""issues": [], "issues": ["CVE-1"]"#,
                ],
            ),
        ];
        for (member, texts) in faults {
            for by in texts {
                let feed = format!(
                    "[{}, {}]",
                    group("AVG-1", "", ""),
                    group("AVG-2", member, by)
                );
                let parsed = parse_for(feed.as_bytes(), |name| name == "a").unwrap();
                assert_eq!(
                    (parsed.records.len(), parsed.broken.len()),
                    (1, 1),
                    "{member}: {by}"
                );
            }
        }
    }

    #[test]
    fn one_bad_group_loses_no_other() {
        let (one, four) = (group("AVG-1", "", ""), group("AVG-4", "", ""));
        let two = group("AVG-2", "packages", r#""packages": 7"#);
        let three = group("", "name", "");
        let parsed = parse(format!("[{one}, {two}, {three}, {four}]").as_bytes()).unwrap();
        assert_eq!(parsed.records.len(), 2);
        let subjects: Vec<_> = parsed.broken.iter().map(|b| b.subject.as_str()).collect();
        assert_eq!(subjects, ["AVG-2", "group 3"]);
    }

    #[test]
    fn an_empty_or_foreign_document_is_an_error() {
        assert!(matches!(parse(b"[]"), Err(ParseError::Empty { .. })));
        assert!(matches!(parse(b"{}"), Err(ParseError::Json { .. })));
        assert!(matches!(parse(b"<html>"), Err(ParseError::Json { .. })));
        assert!(matches!(parse(b""), Err(ParseError::Json { .. })));
    }

    #[test]
    fn a_feed_over_the_limit_is_refused() {
        let feed = vec![b' '; MAX_FEED_BYTES + 1];
        assert!(matches!(parse(&feed), Err(ParseError::TooLarge { .. })));
    }
}
