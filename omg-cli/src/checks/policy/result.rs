//! Results of questions to the policy.

use omg_policy::{CaseResult, Comparison, Decision, Review, Verdict};

use crate::session::exit::Exit;

/// The result of a question to the policy.
pub enum PolicyResult {
    Rules,
    /// The decisions; with every rule, for one package.
    Decisions {
        packages: Vec<PackageDecision>,
        review: Review,
        problems: Vec<String>,
        whole: bool,
    },
    Diff(Comparison),
    Cases(Vec<CaseResult>),
}

/// The decision about a package.
#[derive(Clone)]
pub struct PackageDecision {
    pub decision: Decision,
}

impl PackageDecision {
    pub fn of(decision: Decision) -> Self {
        Self { decision }
    }

    pub fn name(&self) -> &str {
        &self.decision.subject().name
    }

    /// The package URL, where every part of it is known.
    pub fn purl(&self) -> Option<&str> {
        self.decision.subject().purl.as_deref()
    }

    pub fn version(&self) -> &str {
        &self.decision.subject().version
    }
}

impl PolicyResult {
    pub fn exit(&self) -> Exit {
        match self {
            Self::Rules => Exit::Ok,
            Self::Decisions {
                packages, problems, ..
            } => {
                let rejected = packages
                    .iter()
                    .any(|p| p.decision.verdict == Verdict::Reject);
                let found = if rejected { Exit::Findings } else { Exit::Ok };
                if problems.is_empty() {
                    found
                } else {
                    Exit::Incomplete
                }
            }
            Self::Diff(Comparison::Equal | Comparison::Stricter { .. }) => Exit::Ok,
            Self::Diff(_) => Exit::Findings,
            Self::Cases(cases) if cases.iter().all(|case| case.failures.is_empty()) => Exit::Ok,
            Self::Cases(_) => Exit::Findings,
        }
    }
}
