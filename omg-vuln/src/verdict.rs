//! What one rule says of one installed version.

use crate::advisory::{Criteria, Event, Tracker, TrackerStatus};
use crate::osv::{Evaluation, Why, evaluate};
use crate::package::Package;
use crate::scan::State;
use crate::version::alpm;

/// That a rule speaks of the version, and how.
pub(crate) struct Verdict {
    pub(crate) state: State,
    /// The rule could not be applied: whether the version is affected is not known.
    pub(crate) undecided: bool,
    pub(crate) fixed_in: Option<String>,
    pub(crate) reason: String,
}

/// `None` where the rule clears the version.
pub(crate) fn verdict<S: AsRef<str>>(criteria: &Criteria<S>, package: &Package) -> Option<Verdict> {
    let version = &package.version;
    match criteria {
        Criteria::Tracker(tracker) => by_tracker(tracker, version),
        Criteria::Osv(versions) => match evaluate(&package.ecosystem, version, versions) {
            Evaluation::NotAffected => None,
            Evaluation::Undecided(reason) => Some(Verdict {
                state: State::UnderReview,
                undecided: true,
                fixed_in: None,
                reason: reason.to_owned(),
            }),
            Evaluation::Affected { fixed_in, why } => Some(Verdict {
                state: State::Affected,
                undecided: false,
                fixed_in: fixed_in.map(str::to_owned),
                reason: explain(version, &why),
            }),
        },
    }
}

/// A group names one version, the one that was in the repositories when it was filed. Without
/// a fix, only that version and older ones are known to be affected.
fn by_tracker<S: AsRef<str>>(tracker: &Tracker<S>, installed: &str) -> Option<Verdict> {
    if tracker.status == TrackerStatus::NotAffected {
        return None;
    }
    let (examined, fixed) = (
        tracker.examined.as_ref().map(AsRef::as_ref),
        tracker.fixed.as_ref().map(AsRef::as_ref),
    );
    if let Some(reason) = unplaced(installed, examined, fixed) {
        return Some(Verdict {
            state: State::UnderReview,
            undecided: true,
            fixed_in: None,
            reason,
        });
    }
    if let Some(fixed) = fixed {
        return alpm::compare(installed, fixed).is_lt().then(|| Verdict {
            state: State::Affected,
            undecided: false,
            fixed_in: Some(fixed.to_owned()),
            reason: format!("installed {installed} is older than the fixed {fixed}"),
        });
    }
    let (state, reason) = match (examined, tracker.status) {
        (_, TrackerStatus::Unknown) => (
            State::UnderReview,
            "the tracker has not decided whether it is affected".to_owned(),
        ),
        (None, _) => (
            State::UnderReview,
            "the tracker names no version".to_owned(),
        ),
        (Some(examined), _) if alpm::compare(installed, examined).is_le() => (
            State::Affected,
            format!("no fix is known, and {examined} is affected"),
        ),
        (Some(examined), _) => (
            State::LikelyStale,
            format!(
                "no fix is recorded, and installed {installed} is newer than {examined}, \
                 the version that was examined"
            ),
        ),
    };
    Some(Verdict {
        state,
        undecided: false,
        fixed_in: None,
        reason,
    })
}

/// Why the versions that decide cannot be compared. The text that was examined is affected,
/// whatever the text.
fn unplaced(installed: &str, examined: Option<&str>, fixed: Option<&str>) -> Option<String> {
    if fixed.is_none() && examined == Some(installed) {
        return None;
    }
    let decides = [Some(installed), fixed.or(examined)];
    let odd = decides
        .into_iter()
        .flatten()
        .find(|text| !alpm::is_version(text))?;
    Some(format!("`{odd}` is not a version of Arch Linux"))
}

fn explain(version: &str, why: &Why<'_>) -> String {
    match why {
        Why::Listed => format!("{version} is listed as affected"),
        Why::Range { from, until } => {
            let from = match *from {
                "0" | "0.0.0-0" => "all versions".to_owned(),
                from => format!("{from} and later"),
            };
            match until {
                Some(Event::Fixed(at)) => format!("{from} before {at} are affected"),
                Some(Event::LastAffected(at)) => format!("{from} up to {at} are affected"),
                _ => format!("{from} are affected, and no fix is recorded"),
            }
        }
    }
}
