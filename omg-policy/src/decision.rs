//! What was decided, and why.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::grade::Grade;
use crate::layer::LayerKind;

/// Whether a package is allowed.
///
/// Closed by definition: the lattice of a decision, where the greater wins.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Allow,
    /// It is, and somebody should look at it.
    Warn,
    /// It is not.
    Reject,
}

impl Verdict {
    /// The name that policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The verdict and the grade alone; what `Policy::verdict` gives without any allocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// Whether the package is allowed.
    pub verdict: Verdict,
    /// How much was proved about it.
    pub grade: Grade,
}

/// What was decided about a package.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct Decision {
    /// Whether the package is allowed: the greatest of the reasons' verdicts.
    pub verdict: Verdict,
    /// How much was proved about it.
    pub grade: Grade,
    /// Every rule that is violated, not only the first, in the order of layers and rules. Empty
    /// exactly if the verdict is `Allow`.
    pub reasons: Vec<Reason>,
    /// Violations that an exception covers.
    pub excepted: Vec<Excepted>,
    /// Every rule that was looked at, in order, and how it ended.
    pub trace: Vec<Step>,
}

/// A rule that is violated.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reason {
    /// The rule's name, such as `signature.require`.
    pub rule: &'static str,
    /// What follows from the violation.
    pub verdict: Verdict,
    /// Where the rule stands.
    pub origin: Place,
    /// What the rule says, and what was found.
    pub detail: String,
    /// The evidence that violates it.
    pub evidence: String,
    /// What would make it pass.
    pub passes_if: String,
    /// Which parts of the evidence the violation rests on: putting these right removes it, and
    /// no other part can.
    pub facts: Vec<Fact>,
}

/// A part of the evidence.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// `Evidence::name`, `pkgbase` and `provides`.
    Name,
    /// `Evidence::version`.
    Version,
    /// `Evidence::origin`.
    Origin,
    /// One of `Evidence::findings`, by its place from 0.
    Finding(usize),
    /// `Evidence::coverage`.
    Coverage,
    /// `Evidence::signature`.
    Signature,
    /// `Evidence::provenance`.
    Provenance,
    /// `Evidence::rebuilds`.
    Rebuilds,
    /// `Evidence::checksum`.
    Checksum,
    /// `Evidence::licences`.
    Licences,
    /// `Evidence::inspection`.
    Inspection,
    /// `Evidence::released`.
    Released,
    /// `Evidence::security_fix`.
    SecurityFix,
}

/// A violation that an exception covers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Excepted {
    /// What was violated.
    pub reason: Reason,
    /// Why it is tolerated.
    pub because: String,
    /// Who answers for that.
    pub owner: String,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Where the exception stands.
    pub origin: Place,
    /// The exception, for `Policy::review`.
    #[serde(skip)]
    pub(crate) exception: (usize, usize),
}

/// One rule that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// The rule's name.
    pub rule: &'static str,
    /// Where it stands.
    pub origin: Place,
    /// What the rule says.
    pub asks: String,
    /// How it ended: `holds`, `violated` or `excepted`.
    pub result: StepResult,
}

/// How a rule ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StepResult {
    /// The evidence fulfils it.
    Holds,
    /// It does not.
    Violated,
    /// It does not, and exceptions cover all of that.
    Excepted,
}

/// Where a rule stands.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The kind of layer.
    pub layer: LayerKind,
    /// The file, as the caller named it; `built-in` for what holds in every policy.
    #[serde(serialize_with = "as_str")]
    pub file: Arc<str>,
    /// The line in it, from 1; 0 for a default that stands in no line.
    pub line: u32,
}

fn as_str<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 if self.layer == LayerKind::BuiltIn => f.write_str("built-in"),
            0 => write!(f, "{}, by default", self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}
