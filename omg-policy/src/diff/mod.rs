//! Which of two policies is stricter, with a package for which they differ.
//!
//! A verdict is the greatest of what the rules about each kind of evidence say, and the cap of
//! each kind on the grade likewise counts for itself. So two policies differ on some package only
//! if they differ on one where a single kind of evidence is not at its best. That makes the
//! space small enough to look at all of it, without a solver.

mod marks;
mod space;

use chrono::{DateTime, Utc};
use serde::Serialize;

use self::space::Space;
use crate::decision::Verdict;
use crate::effective::Policy;
use crate::evidence::Evidence;
use crate::facts::Facts;
use crate::matcher::Order;

/// How a second policy compares with a first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "relation")]
#[non_exhaustive]
pub enum Comparison {
    /// They say the same of every package.
    Equal,
    /// The second allows nothing that the first does not, and something less.
    Stricter {
        /// What it no longer allows.
        tightened: Box<Witness>,
    },
    /// The second allows all that the first does, and something more.
    Looser {
        /// What it allows now.
        loosened: Box<Witness>,
    },
    /// Each allows something that the other does not.
    Incomparable {
        /// What the second no longer allows.
        tightened: Box<Witness>,
        /// What it allows now.
        loosened: Box<Witness>,
    },
}

/// A package on which two policies differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Witness {
    /// The package.
    pub evidence: Facts,
    /// The time of both decisions.
    pub at: DateTime<Utc>,
    /// What the first says.
    pub first: Verdict,
    /// What the second says.
    pub second: Verdict,
    /// The rules that make the difference, of the policy that says more, with what violates them.
    pub rules: Vec<String>,
}

impl Comparison {
    /// Compares `second` with `first`, at `now` and at the end of every exception after it.
    ///
    /// Names, repositories and licences are represented by those that either policy mentions and
    /// by others; times by those around every limit; versions by the bounds of every range and
    /// what is next to them. What layers below could still except by delegation is not compared,
    /// and neither are grades that lead to no verdict.
    pub fn of(first: &Policy, second: &Policy, now: DateTime<Utc>, order: Order<'_>) -> Self {
        let space = Space::new(first, second, now);
        let find = |strict: &Policy, loose: &Policy| search(&space, strict, loose, order);
        let witness = |found: Option<Found>, swap: bool| {
            found.map(|found| Box::new(found.witness(first, second, swap, order)))
        };
        let loosened = witness(find(first, second), false);
        let tightened = witness(find(second, first), true);
        match (tightened, loosened) {
            (None, None) => Self::Equal,
            (Some(tightened), None) => Self::Stricter { tightened },
            (None, Some(loosened)) => Self::Looser { loosened },
            (Some(tightened), Some(loosened)) => Self::Incomparable {
                tightened,
                loosened,
            },
        }
    }
}

struct Found {
    evidence: Facts,
    at: DateTime<Utc>,
}

impl Found {
    fn witness(self, first: &Policy, second: &Policy, swap: bool, order: Order<'_>) -> Witness {
        let evidence = Evidence::simulated(self.evidence);
        let [one, two] = [first, second].map(|p| p.decide(&evidence, self.at, order));
        let strict = if swap { &two } else { &one };
        let mut rules: Vec<String> = strict
            .reasons()
            .iter()
            .filter(|reason| reason.verdict == strict.verdict)
            .map(|reason| format!("{} ({}): {}", reason.detail, reason.origin, reason.evidence))
            .collect();
        rules.dedup();
        Witness {
            first: one.verdict,
            second: two.verdict,
            at: self.at,
            evidence: evidence.facts().clone(),
            rules,
        }
    }
}

/// A package of which `loose` says less than `strict`.
fn search(space: &Space, strict: &Policy, loose: &Policy, order: Order<'_>) -> Option<Found> {
    let verdict = |policy: &Policy, evidence: &Facts, at| policy.verdict_of(evidence, at, order);
    let differs = |evidence: &Facts, at: DateTime<Utc>| {
        let strict = verdict(strict, evidence, at).verdict;
        strict > Verdict::Allow && verdict(loose, evidence, at).verdict < strict
    };
    for (number, &at) in space.times.iter().enumerate() {
        // Later times differ for packages with exceptions only.
        let identities = space
            .identities
            .iter()
            .filter(|i| number == 0 || i.excepted);
        for identity in identities {
            let best = |evidence: &Facts| verdict(loose, evidence, at).verdict;
            let base = space.best(&identity.evidence, at, &best);
            if differs(&base, at) {
                return Some(Found { evidence: base, at });
            }
            if !identity.excepted && !identity.generic {
                continue;
            }
            let mut found = None;
            space.each(&base, at, &mut |evidence| {
                if found.is_none() && differs(evidence, at) {
                    found = Some(evidence.clone());
                }
            });
            if let Some(evidence) = found {
                return Some(Found { evidence, at });
            }
        }
    }
    None
}
