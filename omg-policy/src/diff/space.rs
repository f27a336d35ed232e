//! The packages that two policies are compared on.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::marks::Marks;
use crate::decision::Verdict;
use crate::effective::Policy;
use crate::facts::{
    Anchor, Aur, Checksum, Coverage, Facts, Finding, Inspection, MaintainerChanged, Origin,
    Provenance, Signature,
};
use crate::licence::Licences;

/// Everything that either policy distinguishes.
pub(super) struct Space {
    pub(super) times: Vec<DateTime<Utc>>,
    pub(super) identities: Vec<Identity>,
    findings: Vec<Finding>,
    coverage_ages: Vec<Duration>,
    authentic: Vec<Facts>,
    origins: Vec<(Origin, OriginAges)>,
    ages: Vec<Duration>,
    licences: Vec<Licences>,
    inspections: Vec<Inspection>,
}

/// Who a package is.
pub(super) struct Identity {
    pub(super) evidence: Facts,
    /// Whether an exception is about it.
    pub(super) excepted: bool,
    /// Whether no rule names it.
    pub(super) generic: bool,
}

/// Whether an origin has times.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum OriginAges {
    None,
    Aur,
}

impl Space {
    pub(super) fn new(first: &Policy, second: &Policy, now: DateTime<Utc>) -> Self {
        let mut marks = Marks::default();
        marks.policy(first);
        marks.policy(second);
        let mut times = vec![now];
        times.extend(marks.ends.iter().copied().filter(|end| *end > now));
        times.sort();
        times.dedup();
        Self {
            times,
            identities: marks.identities(),
            findings: marks.findings(),
            coverage_ages: around(&marks.stale),
            authentic: marks.authentic(),
            origins: marks.origins(),
            ages: around(&marks.waits),
            licences: marks.licences(),
            inspections: marks.inspections(),
        }
    }

    /// The package of this identity at its best, in the eyes of one policy.
    pub(super) fn best(
        &self,
        identity: &Facts,
        at: DateTime<Utc>,
        verdict: &dyn Fn(&Facts) -> Verdict,
    ) -> Facts {
        let mut best = identity.clone();
        best.coverage = Coverage::Fresh { as_of: at };
        best.signature = Signature::Trusted;
        best.provenance = Provenance::Verified { level: 3 };
        best.rebuilds = Some(u32::MAX);
        best.checksum = Checksum::Match(Anchor::SignedMetadata);
        best.inspection = Inspection::Done(Vec::new());
        best.released = Some(at - Duration::days(40_000));
        best.security_fix = Some(true);
        // These two have no order: what is best is what this policy likes most.
        let mut lowest: Option<(Verdict, Facts)> = None;
        for (origin, ages) in self.origins.iter().rev() {
            for licences in self.licences.iter().rev() {
                best.origin = match ages {
                    OriginAges::None => origin.clone(),
                    OriginAges::Aur => old_recipe(at),
                };
                best.licences = licences.clone();
                let value = verdict(&best);
                if value == Verdict::Allow {
                    return best;
                }
                if lowest.as_ref().is_none_or(|(known, _)| value < *known) {
                    lowest = Some((value, best.clone()));
                }
            }
        }
        lowest.map_or(best, |(_, evidence)| evidence)
    }

    /// Every package in which one kind of evidence is not that of `base`.
    pub(super) fn each(&self, base: &Facts, at: DateTime<Utc>, look: &mut dyn FnMut(&Facts)) {
        let mut evidence = base.clone();
        for finding in &self.findings {
            evidence.findings = vec![finding.clone()];
            look(&evidence);
        }
        evidence.findings.clear();
        for coverage in [Coverage::NotScanned, Coverage::Stale] {
            evidence.coverage = coverage;
            look(&evidence);
        }
        for age in &self.coverage_ages {
            evidence.coverage = Coverage::Fresh { as_of: at - *age };
            look(&evidence);
        }
        evidence.coverage = base.coverage;
        for part in &self.authentic {
            evidence.signature = part.signature;
            evidence.provenance = part.provenance;
            evidence.rebuilds = part.rebuilds;
            evidence.checksum = part.checksum;
            look(&evidence);
        }
        (evidence.signature, evidence.provenance) = (base.signature, base.provenance);
        (evidence.rebuilds, evidence.checksum) = (base.rebuilds, base.checksum);
        for licences in &self.licences {
            evidence.licences = licences.clone();
            look(&evidence);
        }
        evidence.licences = base.licences.clone();
        for inspection in &self.inspections {
            evidence.inspection = inspection.clone();
            look(&evidence);
        }
        evidence.inspection = base.inspection.clone();
        for fix in [Some(true), None] {
            evidence.security_fix = fix;
            self.each_age(&mut evidence, at, look);
        }
    }

    /// Where a package comes from, and how old it is.
    fn each_age(&self, evidence: &mut Facts, at: DateTime<Utc>, look: &mut dyn FnMut(&Facts)) {
        let (origin, released) = (evidence.origin.clone(), evidence.released);
        let moments = || std::iter::once(None).chain(self.ages.iter().map(|age| Some(at - *age)));
        for moment in moments() {
            evidence.released = moment;
            look(evidence);
        }
        evidence.released = released;
        for (place, ages) in &self.origins {
            evidence.origin = place.clone();
            look(evidence);
            if *ages == OriginAges::None {
                continue;
            }
            // Each of the three on its own: the rules about them are.
            let mut recipe = |aur: Aur| {
                evidence.origin = Origin::Aur(aur);
                look(evidence);
            };
            let old = || match old_recipe(at) {
                Origin::Aur(aur) => aur,
                _ => Aur::default(),
            };
            for moment in moments() {
                recipe(Aur {
                    last_change: moment,
                    ..old()
                });
                let changed = moment.map_or(MaintainerChanged::Unknown, MaintainerChanged::At);
                recipe(Aur {
                    maintainer_changed: changed,
                    ..old()
                });
            }
            for script in [None, Some(true)] {
                recipe(Aur {
                    new_install_script: script,
                    ..old()
                });
            }
        }
        evidence.origin = origin;
    }
}

/// A recipe that nobody can object to.
fn old_recipe(at: DateTime<Utc>) -> Origin {
    Origin::Aur(Aur {
        maintainer: Some("somebody".to_owned()),
        last_change: Some(at - Duration::days(40_000)),
        maintainer_changed: MaintainerChanged::Never,
        new_install_script: Some(false),
    })
}

/// Times around each limit: the limit, a moment less and a moment more.
fn around(limits: &BTreeSet<Duration>) -> Vec<Duration> {
    let mut ages: BTreeSet<Duration> = BTreeSet::from([Duration::zero(), Duration::days(40_000)]);
    for limit in limits {
        let moment = Duration::seconds(1);
        ages.extend([*limit - moment, *limit, *limit + moment]);
    }
    // What lies in the future shows a clock that was set back.
    ages.insert(Duration::days(-2));
    ages.into_iter().collect()
}
