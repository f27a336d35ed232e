//! EPSS: the estimated probability that a vulnerability is exploited within 30 days.
//!
//! Source of the format: FIRST, "EPSS Data": a comment line
//! `#model_version:v2025.03.14,score_date:2026-11-23T12:55:00Z`, a heading
//! `cve,epss,percentile`, then one line per CVE.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::ParseError;

/// The largest table that is read: 256 MiB of text. The real one has about 10 MB.
pub const MAX_TABLE_BYTES: usize = 256 << 20;

const WHAT: &str = "EPSS table";

/// Scores by CVE identifier, packed: a table of 300,000 scores takes about 5 MB.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Epss {
    scored: Option<DateTime<Utc>>,
    /// Sorted by key, without duplicates.
    scores: Vec<(u64, EpssScore)>,
}

/// One vulnerability's score, in units of 1/100,000: the table's own precision.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EpssScore {
    /// The probability of exploitation within 30 days, times 100,000.
    pub probability_e5: u32,
    /// The share of vulnerabilities with a lower score, times 100,000.
    pub percentile_e5: u32,
}

impl EpssScore {
    /// The probability of exploitation within 30 days, between 0 and 1.
    pub fn probability(self) -> f64 {
        f64::from(self.probability_e5) / 100_000.0
    }

    /// The share of vulnerabilities with a lower score, between 0 and 1.
    pub fn percentile(self) -> f64 {
        f64::from(self.percentile_e5) / 100_000.0
    }
}

impl Epss {
    /// Reads the table, uncompressed.
    ///
    /// # Errors
    ///
    /// When the table is over [`MAX_TABLE_BYTES`], is no UTF-8, has no heading, has a line
    /// that is no score, or lists nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let table = "#model_version:v1,score_date:2026-11-23T12:00:00Z\n\
    ///              cve,epss,percentile\nCVE-2024-3094,0.85321,0.99310\n";
    /// let epss = omg_vuln::Epss::parse(table.as_bytes())?;
    /// assert_eq!(epss.get("CVE-2024-3094").unwrap().probability(), 0.85321);
    /// # Ok::<(), omg_vuln::ParseError>(())
    /// ```
    pub fn parse(csv: &[u8]) -> Result<Self, ParseError> {
        ParseError::check_size(WHAT, csv, MAX_TABLE_BYTES)?;
        let text =
            std::str::from_utf8(csv).map_err(|e| ParseError::malformed(WHAT, e.to_string()))?;
        let mut lines = text.lines().enumerate();
        let mut scored = None;
        for (_, line) in lines.by_ref() {
            match line.strip_prefix('#') {
                Some(comment) => scored = score_date(comment),
                None if line.trim() == "cve,epss,percentile" => break,
                None => return Err(ParseError::malformed(WHAT, "the heading is missing")),
            }
        }
        let mut scores = Vec::new();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
            scores.push(score(line).ok_or_else(|| {
                ParseError::malformed(WHAT, format!("line {} is no score", number + 1))
            })?);
        }
        if scores.is_empty() {
            return Err(ParseError::Empty { what: WHAT });
        }
        scores.sort_unstable_by_key(|(key, _)| *key);
        scores.dedup_by_key(|(key, _)| *key);
        Ok(Self { scored, scores })
    }

    /// The date of the scores, by the table's own word.
    pub fn scored(&self) -> Option<DateTime<Utc>> {
        self.scored
    }

    /// The number of scores.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Whether there is no score at all.
    pub fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// The score of a CVE, by its identifier.
    pub fn get(&self, cve: &str) -> Option<EpssScore> {
        let key = key(cve)?;
        let position = self
            .scores
            .binary_search_by_key(&key, |(key, _)| *key)
            .ok()?;
        Some(self.scores[position].1)
    }
}

/// A CVE identifier as a number: the year, then the serial number in 48 bits.
fn key(cve: &str) -> Option<u64> {
    let (year, serial) = cve.strip_prefix("CVE-")?.split_once('-')?;
    let (year, serial): (u16, u64) = (year.parse().ok()?, serial.parse().ok()?);
    (serial < 1 << 48).then_some(u64::from(year) << 48 | serial)
}

fn score_date(comment: &str) -> Option<DateTime<Utc>> {
    let text = comment
        .split(',')
        .find_map(|part| part.trim().strip_prefix("score_date:"))?;
    // The table writes the offset as `+0000`, which RFC 3339 does not allow.
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"))
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

fn score(line: &str) -> Option<(u64, EpssScore)> {
    let mut fields = line.trim_end().split(',');
    let (cve, epss, percentile) = (fields.next()?, fields.next()?, fields.next()?);
    let score = EpssScore {
        probability_e5: share_e5(epss)?,
        percentile_e5: share_e5(percentile)?,
    };
    fields.next().is_none().then_some((key(cve)?, score))
}

/// A number between 0 and 1, in 1/100,000.
fn share_e5(text: &str) -> Option<u32> {
    let share: f64 = text.parse().ok()?;
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    // Between 0 and 100,000 by the line above.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some((share * 100_000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "#model_version:v1,score_date:2026-11-23T12:55:00+0000\ncve,epss,percentile\n";

    #[test]
    fn the_date_is_read_with_either_offset() {
        let epss = Epss::parse(format!("{HEAD}CVE-2020-1,0.5,0.9\n").as_bytes()).unwrap();
        assert_eq!(
            epss.scored().unwrap().to_rfc3339(),
            "2026-11-23T12:55:00+00:00"
        );
        assert_eq!(epss.get("CVE-2020-1").unwrap().percentile_e5, 90_000);
    }

    #[test]
    fn what_is_no_score_is_an_error() {
        for line in [
            "CVE-2020-1,0.5",
            "CVE-2020-1,NaN,0.5",
            "CVE-2020-1,1.5,0.5",
            "CVE-2020-1,0,0,1",
            "x,0.5,0.5",
        ] {
            let table = format!("{HEAD}CVE-2020-0,0.1,0.1\n{line}\n");
            assert!(Epss::parse(table.as_bytes()).is_err(), "{line}");
        }
        assert!(matches!(
            Epss::parse(HEAD.as_bytes()),
            Err(ParseError::Empty { .. })
        ));
        assert!(Epss::parse(b"<html>").is_err());
        assert!(Epss::parse(b"").is_err());
    }
}
