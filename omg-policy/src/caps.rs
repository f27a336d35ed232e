//! What keeps a grade down: caps, each of which looks at one kind of evidence.

use chrono::{DateTime, Duration, Utc};

use crate::evidence::{
    Anchor, Checksum, Coverage, Evidence, Inspection, Origin, Provenance, Signature,
};
use crate::grade::Grade;
use crate::layer::{Grading, LockedNeeds};

pub(crate) fn tamper_cap(evidence: &Evidence) -> Grade {
    if is_tampered(evidence) {
        Grade::Risk
    } else {
        Grade::Locked
    }
}

pub(crate) fn is_tampered(evidence: &Evidence) -> bool {
    evidence.signature == Signature::Invalid
        || evidence.checksum == Checksum::Mismatch
        || evidence.provenance == Provenance::Invalid
}

pub(crate) fn authenticity_cap(evidence: &Evidence) -> Grade {
    let proved = evidence.signature == Signature::Trusted
        || evidence.checksum == Checksum::Match(Anchor::SignedMetadata);
    if proved {
        Grade::Locked
    } else {
        Grade::Community
    }
}

pub(crate) fn locked_cap(evidence: &Evidence, needs: LockedNeeds) -> Grade {
    let level = match evidence.provenance {
        Provenance::Verified { level } => needs.level.is_some_and(|least| level >= least),
        _ => false,
    };
    let rebuilt = match (needs.rebuilds, evidence.rebuilds) {
        (Some(least), Some(count)) => count >= least,
        _ => false,
    };
    if evidence.signature == Signature::Trusted && (level || rebuilt) {
        Grade::Locked
    } else {
        Grade::Verified
    }
}

pub(crate) fn origin_cap(evidence: &Evidence) -> Grade {
    match evidence.origin {
        Origin::Unknown | Origin::Aur(_) => Grade::Community,
        Origin::Official { .. } | Origin::ThirdParty { .. } | Origin::LocalFile => Grade::Locked,
    }
}

pub(crate) fn inspection_cap(evidence: &Evidence) -> Grade {
    match &evidence.inspection {
        Inspection::Done(findings) if !findings.is_empty() => Grade::Risk,
        Inspection::Done(_) | Inspection::Unknown => Grade::Locked,
    }
}

/// `age` is that of the scan's database, in milliseconds.
pub(crate) fn coverage_cap(evidence: &Evidence, age: i64, grading: &Grading) -> Grade {
    match evidence.coverage {
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
