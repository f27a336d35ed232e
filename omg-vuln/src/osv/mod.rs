//! OSV records: <https://ossf.github.io/osv-schema/>, version 1.7.
//!
//! The reader is permissive where the schema may grow (ecosystems, severity types, range
//! kinds) and per record: a record that cannot be read is reported and the others are kept.

mod evaluate;
mod wire;

use serde_json::value::RawValue;

use crate::advisory::{Advisories, Affected, BrokenRecord, Record};
use crate::error::ParseError;

pub(crate) use evaluate::{Evaluation, Why, evaluate};

/// The largest document of records that is read: 1 GiB.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 30;
/// The largest single record that is read: 16 MiB. The largest real ones have about 3 MB.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

const WHAT: &str = "OSV record";

/// Reads one record.
///
/// # Errors
///
/// When the document is over [`MAX_RECORD_BYTES`], is no JSON object, has no `id`, or names a
/// package without an ecosystem or a range event that is none.
///
/// # Examples
///
/// ```
/// let json = br#"{"id": "RUSTSEC-2021-0003", "modified": "2021-01-08T12:00:00Z",
///     "affected": [{"package": {"ecosystem": "crates.io", "name": "smallvec"},
///     "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.6.1"}]}]}]}"#;
/// let record = omg_vuln::osv::parse_record(json)?;
/// assert_eq!(record.affected[0].name, "smallvec");
/// # Ok::<(), omg_vuln::ParseError>(())
/// ```
pub fn parse_record(json: &[u8]) -> Result<Record, ParseError> {
    ParseError::check_size(WHAT, json, MAX_RECORD_BYTES)?;
    let wire: wire::Record = serde_json::from_slice(json).map_err(|e| ParseError::json(WHAT, e))?;
    wire.into_record()
}

/// Reads a document of records: one record, an array of them, or an object with `vulns` as the
/// OSV interface answers.
///
/// # Errors
///
/// When the document is over [`MAX_DOCUMENT_BYTES`], is none of the three, or holds no record.
/// A record among several that cannot be read is no error: see [`Advisories::broken`].
pub fn parse(json: &[u8]) -> Result<Advisories, ParseError> {
    parse_each(json, Advisories::push)
}

/// Reads a document of records like [`parse`], and keeps only those that name a package for
/// which `wanted` is true. A broken record is reported whether it is wanted or not.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_for(
    json: &[u8],
    wanted: impl Fn(&Affected) -> bool,
) -> Result<Advisories, ParseError> {
    parse_each(json, |out, record| out.push_if(record, &wanted))
}

fn parse_each(
    json: &[u8],
    mut take: impl FnMut(&mut Advisories, Record),
) -> Result<Advisories, ParseError> {
    const WHAT: &str = "OSV document";
    ParseError::check_size(WHAT, json, MAX_DOCUMENT_BYTES)?;
    let records: Vec<&RawValue> = match first_byte(json) {
        Some(b'[') => serde_json::from_slice(json).map_err(|e| ParseError::json(WHAT, e))?,
        _ => match serde_json::from_slice::<Answer<'_>>(json) {
            Ok(Answer { vulns: Some(vulns) }) => vulns,
            _ => {
                let mut one = Advisories::default();
                take(&mut one, parse_record(json)?);
                return Ok(one);
            }
        },
    };
    if records.is_empty() {
        return Err(ParseError::Empty { what: WHAT });
    }
    let mut out = Advisories::default();
    for (position, raw) in records.iter().enumerate() {
        match parse_record(raw.get().as_bytes()) {
            Ok(record) => take(&mut out, record),
            Err(error) => out.broken.push(broken(raw, position, &error)),
        }
    }
    Ok(out)
}

#[derive(serde::Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    vulns: Option<Vec<&'a RawValue>>,
}

fn first_byte(json: &[u8]) -> Option<u8> {
    json.iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace())
}

fn broken(raw: &RawValue, position: usize, error: &ParseError) -> BrokenRecord {
    #[derive(serde::Deserialize)]
    struct Identified {
        id: String,
    }
    let subject = serde_json::from_str::<Identified>(raw.get())
        .map_or_else(|_| format!("record {}", position + 1), |known| known.id);
    BrokenRecord::new(subject, crate::error::chain(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_record_loses_no_other() {
        let json = br#"[{"id": "A-1"}, {"id": 7}, {"id": "A-3", "affected": [{"package":
            {"name": "x"}}]}, {"id": "A-4"}]"#;
        let parsed = parse(json).unwrap();
        assert_eq!(parsed.records.len(), 2);
        let subjects: Vec<_> = parsed.broken.iter().map(|b| b.subject.as_str()).collect();
        assert_eq!(subjects, ["record 2", "A-3"]);
    }

    #[test]
    fn an_answer_of_the_interface_is_read_like_a_list() {
        let parsed = parse(br#"{"vulns": [{"id": "A-1"}, {"id": "A-2"}]}"#).unwrap();
        assert_eq!(parsed.records.len(), 2);
    }

    #[test]
    fn nothing_is_not_an_empty_database() {
        assert!(matches!(parse(b"[]"), Err(ParseError::Empty { .. })));
        assert!(matches!(
            parse(br#"{"vulns": []}"#),
            Err(ParseError::Empty { .. })
        ));
        assert!(parse(b"{}").is_err());
        assert!(parse(b"").is_err());
        assert!(parse(b"\"RUSTSEC\"").is_err());
    }

    /// What a record cannot be applied without: missing, renamed, null, empty or of another type.
    #[test]
    fn a_record_that_cannot_be_applied_is_broken() {
        let package = r#""package": {"ecosystem": "crates.io", "name": "x"}"#;
        let read = |affected: &str| {
            let json =
                format!(r#"[{{"id": "A-1"}}, {{"id": "A-2", "affected": [{{{affected}}}]}}]"#);
            let parsed = parse(json.as_bytes()).unwrap();
            (parsed.records.len(), parsed.broken.len())
        };
        let ranges = |ranges: &str| format!(r#"{package}, "ranges": [{ranges}]"#);
        for sound in [
            format!(r#"{package}, "versions": ["1.0.0"]"#),
            ranges(r#"{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}"#),
            ranges(r#"{"type": "NEW", "events": [{"introduced": "0"}]}"#),
            r#""ranges": [{"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]}]"#
                .to_owned(),
        ] {
            assert_eq!(read(&sound), (2, 0), "{sound}");
        }
        for broken in [
            r#""versions": ["1.0.0"]"#.to_owned(),
            r#""pkg": {"ecosystem": "crates.io", "name": "x"}, "versions": ["1.0.0"]"#.to_owned(),
            r#""package": null, "versions": ["1.0.0"]"#.to_owned(),
            r#""package": {"ecosystem": "crates.io", "name": ""}, "versions": ["1.0.0"]"#
                .to_owned(),
            r#""package": {"ecosystem": "", "name": "x"}, "versions": ["1.0.0"]"#.to_owned(),
            r#""package": {"name": "x"}, "versions": ["1.0.0"]"#.to_owned(),
            format!(r#"{package}, {package}"#),
            ranges(r#"{"type": "SEMVER", "events": []}"#),
            ranges(r#"{"type": "SEMVER"}"#),
            ranges(r#"{"type": "SEMVER", "Events": [{"introduced": "0"}]}"#),
            ranges(r#"{"type": "SEMVER", "events": [{"fixed": "2.0.0"}]}"#),
            ranges(r#"{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": ""}]}"#),
            ranges(r#"{"type": "SEMVER", "events": [{"introduced": "0", "fixed": "1"}]}"#),
            ranges(r#"{"events": [{"introduced": "0"}]}"#),
        ] {
            assert_eq!(read(&broken), (1, 1), "{broken}");
        }
    }
}
