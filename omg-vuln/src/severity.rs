//! How bad a vulnerability is: a word, and the CVSS vector it may come from.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The qualitative rating scale of CVSS (v3.1 section 5, v4.0 section 6), and `Unknown`.
///
/// **Unknown is not low.** It is the answer for a record without a score, or with one
/// that cannot be read. Therefore this type has no `Ord`: a comparison that involves
/// `Unknown` has no answer, and [`at_least`](Self::at_least) gives none.
///
/// In serde and text the values are lower-case words: `unknown`, `none`, `low`,
/// `medium`, `high`, `critical`.
///
/// # Examples
///
/// ```
/// use omg_vuln::Severity;
///
/// assert_eq!(Severity::from_label("Important"), Severity::High);
/// assert_eq!(Severity::High.at_least(Severity::Medium), Some(true));
/// assert_eq!(Severity::Unknown.at_least(Severity::Low), None);
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
// Closed, not `#[non_exhaustive]`: the CVSS documents fix the scale.
pub enum Severity {
    /// Nobody has said, or what was said cannot be read.
    #[default]
    Unknown,
    /// Rated as having no impact. CVSS 3 and 4: 0.0.
    None,
    /// CVSS 3 and 4: 0.1 to 3.9. CVSS 2: 0.0 to 3.9.
    Low,
    /// CVSS: 4.0 to 6.9.
    Medium,
    /// CVSS 3 and 4: 7.0 to 8.9. CVSS 2: 7.0 to 10.0.
    High,
    /// CVSS 3 and 4: 9.0 to 10.0.
    Critical,
}

impl Severity {
    /// All values, `Unknown` first.
    pub const ALL: [Self; 6] = [
        Self::Unknown,
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// Reads a word that a database uses; whatever is not listed here is `Unknown`.
    ///
    /// The words, in any case and with blanks around them:
    ///
    /// | severity | words |
    /// |---|---|
    /// | `Critical` | critical |
    /// | `High` | high; important (Red Hat, SUSE) |
    /// | `Medium` | medium; moderate (GitHub, Red Hat, SUSE) |
    /// | `Low` | low; negligible (Ubuntu) |
    /// | `None` | none; unimportant (Debian: no impact on its binary package) |
    ///
    /// Asterisks behind Debian's urgencies (`low**`), which mark a guess, are dropped.
    ///
    /// ```
    /// use omg_vuln::Severity;
    ///
    /// assert_eq!(Severity::from_label(" MODERATE"), Severity::Medium);
    /// assert_eq!(Severity::from_label("not yet assigned"), Severity::Unknown);
    /// ```
    #[must_use]
    pub fn from_label(label: &str) -> Self {
        let word = label.trim().trim_end_matches('*');
        LABELS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word))
            .map_or(Self::Unknown, |(_, severity)| *severity)
    }

    /// The lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The place on the scale: 0 for `None` up to 4 for `Critical`; `Unknown` has none.
    #[must_use]
    pub const fn rank(self) -> Option<u8> {
        match self {
            Self::Unknown => None,
            Self::None => Some(0),
            Self::Low => Some(1),
            Self::Medium => Some(2),
            Self::High => Some(3),
            Self::Critical => Some(4),
        }
    }

    /// Tells whether this severity is at or over a threshold.
    ///
    /// The third answer, `None`, is given when either of the two is `Unknown`: such a
    /// finding is neither over nor under, and the caller has to say so. A caller that
    /// must decide, as for `--fail-on high`, fails closed:
    ///
    /// ```
    /// use omg_vuln::Severity;
    ///
    /// let fails = |severity: Severity| severity.at_least(Severity::High) != Some(false);
    /// assert!(fails(Severity::Critical) && fails(Severity::Unknown));
    /// assert!(!fails(Severity::Medium));
    /// ```
    #[must_use]
    pub fn at_least(self, threshold: Self) -> Option<bool> {
        Some(self.rank()? >= threshold.rank()?)
    }

    /// The higher of two ratings of one vulnerability; `Unknown` only if both are.
    ///
    /// ```
    /// use omg_vuln::Severity;
    ///
    /// assert_eq!(Severity::Unknown.highest_known(Severity::Low), Severity::Low);
    /// assert_eq!(Severity::High.highest_known(Severity::Low), Severity::High);
    /// ```
    #[must_use]
    pub fn highest_known(self, other: Self) -> Self {
        if self.rank() >= other.rank() {
            self
        } else {
            other
        }
    }

    /// An order for lists, most urgent last, in which `Unknown` stands between `Medium`
    /// and `High`: it may be anything, so it must not sink to the end of a report.
    ///
    /// ```
    /// use omg_vuln::Severity;
    ///
    /// let mut list = Severity::ALL;
    /// list.sort_by(|a, b| b.cmp_urgency(*a));
    /// let words = list.map(Severity::as_str);
    /// assert_eq!(words, ["critical", "high", "unknown", "medium", "low", "none"]);
    /// ```
    #[must_use]
    pub fn cmp_urgency(self, other: Self) -> Ordering {
        let urgency = |severity: Self| match severity.rank() {
            None => (2, 1),
            Some(rank) => (rank, 0),
        };
        urgency(self).cmp(&urgency(other))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

const LABELS: [(&str, Severity); 9] = [
    ("none", Severity::None),
    ("unimportant", Severity::None),
    ("negligible", Severity::Low),
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("moderate", Severity::Medium),
    ("high", Severity::High),
    ("important", Severity::High),
    ("critical", Severity::Critical),
];

/// The version of CVSS that a vector is written in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CvssVersion {
    /// CVSS 2.0, whose vectors have no prefix.
    V2,
    /// CVSS 3.0, prefix `CVSS:3.0/`.
    V3_0,
    /// CVSS 3.1, prefix `CVSS:3.1/`.
    V3_1,
    /// CVSS 4.0, prefix `CVSS:4.0/`.
    V4_0,
}

impl CvssVersion {
    /// The number, such as `3.1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V4_0 => "4.0",
        }
    }
}

impl fmt::Display for CvssVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A CVSS vector and the score computed from it.
///
/// The score is kept in tenths, so that equal vectors are equal values on every machine.
/// In serde a value is its vector, and reading it computes the score again.
///
/// # Examples
///
/// ```
/// use omg_vuln::{Cvss, Severity};
///
/// let cvss = Cvss::from_vector("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")?;
/// assert_eq!(cvss.tenths(), 98);
/// assert_eq!(cvss.severity(), Severity::Critical);
/// # Ok::<(), omg_vuln::CvssError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cvss {
    version: CvssVersion,
    vector: String,
    tenths: u8,
}

impl Cvss {
    /// The longest vector that is read, in bytes. One of CVSS 4.0 with every metric set
    /// has about 200.
    pub const MAX_BYTES: usize = 1024;

    /// Reads a vector of CVSS 2.0, 3.0, 3.1 or 4.0 and computes its score.
    ///
    /// The score is the one of all given metrics: temporal and environmental metrics
    /// change it as their documents say. Blanks around the vector, and the parentheses
    /// that NVD put around those of version 2, are dropped.
    ///
    /// # Errors
    ///
    /// If the vector is longer than [`MAX_BYTES`](Self::MAX_BYTES), is of a version not
    /// listed, or breaks the grammar of its version. The severity of such a record is
    /// [`Severity::Unknown`]; the record itself still counts.
    pub fn from_vector(vector: &str) -> Result<Self, CvssError> {
        let vector = vector.trim();
        let vector = vector
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .unwrap_or(vector);
        if vector.len() > Self::MAX_BYTES {
            return Err(CvssError::TooLong {
                bytes: vector.len(),
                limit: Self::MAX_BYTES,
            });
        }
        let parsed = cvss::Cvss::from_str(vector).map_err(|error| CvssError::Invalid {
            reason: error.to_string(),
        })?;
        let version = match parsed {
            cvss::Cvss::CvssV20(_) => CvssVersion::V2,
            cvss::Cvss::CvssV30(ref base) if is_complete(base) => CvssVersion::V3_0,
            cvss::Cvss::CvssV31(ref base) if is_complete(base) => CvssVersion::V3_1,
            cvss::Cvss::CvssV40(_) => CvssVersion::V4_0,
            cvss::Cvss::CvssV30(_) | cvss::Cvss::CvssV31(_) => {
                return Err(CvssError::Invalid {
                    reason: "a base metric is missing".to_owned(),
                });
            }
            _ => {
                return Err(CvssError::Invalid {
                    reason: "unsupported version".to_owned(),
                });
            }
        };
        let tenths = to_tenths(parsed.score()).ok_or_else(|| CvssError::Invalid {
            reason: "score out of range".to_owned(),
        })?;
        Ok(Self {
            version,
            vector: vector.to_owned(),
            tenths,
        })
    }

    /// The version that the vector is written in.
    #[must_use]
    pub fn version(&self) -> CvssVersion {
        self.version
    }

    /// The vector as it was given.
    #[must_use]
    pub fn vector(&self) -> &str {
        &self.vector
    }

    /// The score in tenths, 0 to 100.
    #[must_use]
    pub fn tenths(&self) -> u8 {
        self.tenths
    }

    /// The score, 0.0 to 10.0, with one decimal.
    #[must_use]
    pub fn score(&self) -> f64 {
        f64::from(self.tenths) / 10.0
    }

    /// The severity that the bands of the vector's own version give to the score.
    ///
    /// CVSS 2.0 knows neither `None` nor `Critical` (NVD's bands, which the guide itself
    /// leaves open): low up to 3.9, medium up to 6.9, high from 7.0.
    ///
    /// ```
    /// use omg_vuln::{Cvss, Severity};
    ///
    /// let worst = Cvss::from_vector("AV:N/AC:L/Au:N/C:C/I:C/A:C")?;
    /// assert_eq!((worst.score(), worst.severity()), (10.0, Severity::High));
    /// # Ok::<(), omg_vuln::CvssError>(())
    /// ```
    #[must_use]
    pub fn severity(&self) -> Severity {
        match (self.version, self.tenths) {
            (CvssVersion::V2, 0..=39) | (_, 1..=39) => Severity::Low,
            (CvssVersion::V2, 70..) | (_, 70..=89) => Severity::High,
            (_, 40..=69) => Severity::Medium,
            (_, 0) => Severity::None,
            (_, 90..) => Severity::Critical,
        }
    }
}

impl FromStr for Cvss {
    type Err = CvssError;

    fn from_str(vector: &str) -> Result<Self, CvssError> {
        Self::from_vector(vector)
    }
}

impl TryFrom<String> for Cvss {
    type Error = CvssError;

    fn try_from(vector: String) -> Result<Self, CvssError> {
        Self::from_vector(&vector)
    }
}

impl From<Cvss> for String {
    fn from(cvss: Cvss) -> Self {
        cvss.vector
    }
}

impl fmt::Display for Cvss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.vector)
    }
}

/// Why a CVSS vector could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CvssError {
    /// The vector is longer than [`Cvss::MAX_BYTES`].
    #[error("CVSS vector of {bytes} bytes is over the limit of {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The vector is of no supported version, or breaks the grammar of its version.
    #[error("invalid CVSS vector: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
}

/// CVSS v3.1 section 6: all base metrics are mandatory. The parser takes an absent one as
/// "no impact", which would turn a cut vector into the severity `None`.
fn is_complete(base: &cvss::v3::Vector) -> bool {
    base.av.is_some()
        && base.ac.is_some()
        && base.pr.is_some()
        && base.ui.is_some()
        && base.s.is_some()
        && base.c.is_some()
        && base.i.is_some()
        && base.a.is_some()
}

/// The scores have one decimal, so each is nearest to exactly one of 101 values.
fn to_tenths(score: f64) -> Option<u8> {
    (0..=100_u8).find(|tenths| (score * 10.0 - f64::from(*tenths)).abs() < 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_is_no_score_is_refused() {
        assert_eq!(to_tenths(f64::NAN), None);
        assert_eq!(to_tenths(-0.1), None);
        assert_eq!(to_tenths(10.1), None);
        assert_eq!(to_tenths(0.0), Some(0));
        assert_eq!(to_tenths(4.1), Some(41));
        assert_eq!(to_tenths(10.0), Some(100));
    }

    #[test]
    fn unknown_has_no_place_on_the_scale() {
        for threshold in Severity::ALL {
            assert_eq!(Severity::Unknown.at_least(threshold), None);
            assert_eq!(threshold.at_least(Severity::Unknown), None);
        }
    }
}
