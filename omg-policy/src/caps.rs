//! What keeps a grade down: caps, each of which looks at one kind of facts.

use chrono::{DateTime, Duration, Utc};

use crate::facts::{Anchor, Checksum, Coverage, Facts, Inspection, Origin, Provenance, Signature};
use crate::grade::Grade;
use crate::layer::{Grading, LockedNeeds};

pub(crate) fn tamper_cap(facts: &Facts) -> Grade {
    if is_tampered(facts) {
        Grade::Risk
    } else {
        Grade::Locked
    }
}

pub(crate) fn is_tampered(facts: &Facts) -> bool {
    facts.signature == Signature::Invalid
        || facts.checksum == Checksum::Mismatch
        || facts.provenance == Provenance::Invalid
}

pub(crate) fn authenticity_cap(facts: &Facts) -> Grade {
    let proved = facts.signature == Signature::Trusted
        || facts.checksum == Checksum::Match(Anchor::SignedMetadata);
    if proved {
        Grade::Locked
    } else {
        Grade::Community
    }
}

pub(crate) fn locked_cap(facts: &Facts, needs: LockedNeeds) -> Grade {
    let level = match facts.provenance {
        Provenance::Verified { level } => needs.level.is_some_and(|least| level >= least),
        _ => false,
    };
    let rebuilt = match (needs.rebuilds, facts.rebuilds) {
        (Some(least), Some(count)) => count >= least,
        _ => false,
    };
    if facts.signature == Signature::Trusted && (level || rebuilt) {
        Grade::Locked
    } else {
        Grade::Verified
    }
}

pub(crate) fn origin_cap(facts: &Facts) -> Grade {
    match facts.origin {
        Origin::Unknown | Origin::Aur(_) => Grade::Community,
        Origin::Official { .. } | Origin::ThirdParty { .. } | Origin::LocalFile => Grade::Locked,
    }
}

pub(crate) fn inspection_cap(facts: &Facts) -> Grade {
    match &facts.inspection {
        Inspection::Done(findings) if !findings.is_empty() => Grade::Risk,
        Inspection::Done(_) | Inspection::Unknown => Grade::Locked,
    }
}

/// `age` is that of the scan's database, in milliseconds.
pub(crate) fn coverage_cap(facts: &Facts, age: i64, grading: &Grading) -> Grade {
    match facts.coverage {
        Coverage::NotScanned => Grade::Community,
        Coverage::Stale => Grade::Verified,
        Coverage::Fresh { .. } if is_stale(age, grading.stale_after) => Grade::Verified,
        Coverage::Fresh { .. } => Grade::Locked,
    }
}

/// A database of the future shows a clock that was set back; a day is left for time zones.
pub(crate) fn is_stale(age: i64, limit: Option<Duration>) -> bool {
    age < -MILLISECONDS_A_DAY || limit.is_some_and(|limit| age > limit.num_milliseconds())
}

const MILLISECONDS_A_DAY: i64 = 24 * 60 * 60 * 1000;

/// Milliseconds from one moment to another; as numbers, because decisions are made by the million.
pub(crate) fn elapsed(now: DateTime<Utc>, since: DateTime<Utc>) -> i64 {
    now.timestamp_millis()
        .saturating_sub(since.timestamp_millis())
}
