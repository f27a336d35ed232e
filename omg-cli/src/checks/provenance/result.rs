//! The result of checking provenance.

use std::path::PathBuf;

use omg_slsa::{Check, Digests, Domain, Error, Findings, Level, Provenance, Refusal, Rejection};

use crate::session::exit::Exit;

/// The outcome of the check.
pub enum Outcome {
    Verified(Box<Provenance>),
    Unmet(Box<Refusal>),
    /// Another verifier's verdict or others' rebuilds, and whether it is as expected.
    Summary(Vec<Check>, bool),
    /// Good evidence, and nothing says who must have signed.
    Unasked(Box<Findings>),
    Invalid(Rejection, String),
    /// There is no evidence, or no digest that it needs.
    Missing(String),
}

/// The state of provenance, as results name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProvenanceStatus {
    Verified,
    Unmet,
    Invalid,
    Missing,
}

impl ProvenanceStatus {
    /// The word in documents and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unmet => "unmet",
            Self::Invalid => "invalid",
            Self::Missing => "missing",
        }
    }

    pub fn exit(self) -> Exit {
        match self {
            Self::Verified => Exit::Ok,
            Self::Unmet => Exit::Findings,
            Self::Invalid => Exit::Integrity,
            Self::Missing => Exit::Incomplete,
        }
    }
}

/// A checked artifact with its evidence.
pub struct ProvenanceResult {
    pub artifact: String,
    pub digests: Option<Digests>,
    pub bundle: Option<PathBuf>,
    pub domain: Domain,
    pub outcome: Outcome,
    /// Other bundles of the same file, which do not count.
    pub others: Vec<(Rejection, String)>,
}

impl ProvenanceResult {
    pub fn status(&self) -> ProvenanceStatus {
        match &self.outcome {
            Outcome::Verified(_) | Outcome::Summary(_, true) => ProvenanceStatus::Verified,
            Outcome::Unmet(_) | Outcome::Summary(_, false) => ProvenanceStatus::Unmet,
            Outcome::Invalid(..) => ProvenanceStatus::Invalid,
            Outcome::Unasked(_) | Outcome::Missing(_) => ProvenanceStatus::Missing,
        }
    }

    pub fn exit(&self) -> Exit {
        self.status().exit()
    }

    /// The SLSA build level that was computed, if there is one.
    pub fn level(&self) -> Option<u8> {
        let assessment = self.findings().map(Findings::assessment);
        assessment.and_then(|found| found.level).map(Level::number)
    }

    /// Everything that was expected.
    pub fn checks(&self) -> &[Check] {
        match &self.outcome {
            Outcome::Summary(checks, _) => checks,
            _ => self.findings().map_or(&[], Findings::checks),
        }
    }

    pub fn findings(&self) -> Option<&Findings> {
        match &self.outcome {
            Outcome::Verified(provenance) => Some(provenance.findings()),
            Outcome::Unmet(refusal) => Some(refusal.findings()),
            Outcome::Unasked(findings) => Some(findings),
            _ => None,
        }
    }
}

impl From<Result<Outcome, Error>> for Outcome {
    fn from(result: Result<Outcome, Error>) -> Self {
        match result {
            Ok(outcome) => outcome,
            Err(Error::Unmet(refusal)) => Outcome::Unmet(refusal),
            Err(Error::Rejected { reason, detail }) => Outcome::Invalid(reason, detail),
            Err(Error::MissingDigest { needed }) => {
                Outcome::Missing(format!("the artifact's {needed} digest is needed"))
            }
            Err(other) => Outcome::Invalid(Rejection::TrustRoot, other.to_string()),
        }
    }
}
