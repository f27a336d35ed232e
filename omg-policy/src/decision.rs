//! What was decided, and why.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize};

use crate::engine::Found;
use crate::evidence::Subject;
use crate::explain::{self, Ground};
use crate::facts::Facts;
use crate::grade::Grade;
use crate::layer::{Layer, LayerKind};
use crate::rule::Rule;

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
///
/// Deciding notes which rules are violated by what, and no more: reasons are put into words by the
/// methods that give them, each time they are called. As JSON it is an object with `subject`,
/// `simulated`, `verdict`, `grade`, `reasons`, `excepted` and `trace`.
#[derive(Clone)]
#[must_use]
#[non_exhaustive]
pub struct Decision {
    /// The package that the evidence is about.
    pub(crate) subject: Arc<Subject>,
    pub(crate) is_simulated: bool,
    /// Whether the package is allowed: the greatest of the reasons' verdicts.
    pub verdict: Verdict,
    /// How much was proved about it.
    pub grade: Grade,
    /// The rules that were looked at.
    pub(crate) layers: Arc<[Layer]>,
    /// What was violated, and by what; absent if nothing was.
    pub(crate) basis: Option<Arc<Basis>>,
    /// What other languages than that of the rules say.
    pub(crate) added: Vec<Added>,
}

/// What reasons are made of.
#[derive(Debug)]
pub(crate) struct Basis {
    pub(crate) facts: Facts,
    pub(crate) now: DateTime<Utc>,
    /// In the order of layers and rules.
    pub(crate) violations: Vec<Violation>,
    /// What findings make of the grade, by layer; empty where no reason speaks of it.
    pub(crate) finding_caps: Vec<Grade>,
}

/// One rule that is violated by one thing, by place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Violation {
    pub(crate) layer: usize,
    pub(crate) rule: usize,
    pub(crate) found: Found,
    /// The exception that covers it.
    pub(crate) exception: Option<(usize, usize)>,
}

/// One judgement from elsewhere: a step, and the reasons that it gave.
#[derive(Clone, Debug)]
pub(crate) struct Added {
    pub(crate) step: Step,
    pub(crate) reasons: Vec<Reason>,
}

impl Decision {
    /// The package that was decided about, with the digest of its bytes where there are any.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether the evidence was [simulated](crate::Evidence::simulated): the decision is then about
    /// no package that exists.
    pub fn is_simulated(&self) -> bool {
        self.is_simulated
    }

    /// The rules that are violated, each with what follows, in the order of layers and rules. The
    /// same as [`Decision::reasons`], without words and without allocation.
    pub fn violated(&self) -> impl Iterator<Item = (&'static str, Verdict)> {
        let own = self.violations().filter(|v| v.exception.is_none());
        let own = own.map(|violation| {
            let rule = self.rule(violation);
            (rule.id(), rule.action)
        });
        let added = self.added.iter().flat_map(|added| &added.reasons);
        own.chain(added.map(|reason| (reason.rule, reason.verdict)))
    }

    /// Every rule that is violated, not only the first, in the order of layers and rules. Empty
    /// exactly if the verdict is `Allow`.
    pub fn reasons(&self) -> Vec<Reason> {
        let own = self.violations().filter(|v| v.exception.is_none());
        let own = own.filter_map(|violation| self.put(violation));
        let added = self.added.iter().flat_map(|added| &added.reasons);
        own.chain(added.cloned()).collect()
    }

    /// Violations that an exception covers.
    pub fn excepted(&self) -> Vec<Excepted> {
        let excepted = |violation: &Violation| {
            let (layer, place) = violation.exception?;
            let exception = &self.layers[layer].exceptions[place];
            Some(Excepted {
                reason: self.put(violation)?,
                because: exception.reason.clone(),
                owner: exception.owner.clone(),
                until: exception.until,
                origin: exception.place.clone(),
            })
        };
        self.violations().filter_map(excepted).collect()
    }

    /// Every rule that was looked at, in order, and how it ended.
    pub fn trace(&self) -> Vec<Step> {
        let mut violations = self.violations().peekable();
        let mut steps = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            for (place, rule) in layer.rules.iter().enumerate() {
                let mut result = StepResult::Holds;
                let here = |v: &&Violation| (v.layer, v.rule) == (number, place);
                while let Some(violation) = violations.next_if(here) {
                    result = match (violation.exception, result) {
                        (None, _) => StepResult::Violated,
                        (Some(_), StepResult::Holds) => StepResult::Excepted,
                        (Some(_), result) => result,
                    };
                }
                steps.push(Step {
                    rule: rule.id(),
                    origin: rule.place.clone(),
                    asks: rule.text(),
                    result,
                });
            }
        }
        steps.extend(self.added.iter().map(|added| added.step.clone()));
        steps
    }

    /// The exceptions that cover something, by place.
    pub(crate) fn exceptions_used(&self) -> impl Iterator<Item = (usize, usize)> {
        self.violations()
            .filter_map(|violation| violation.exception)
    }

    fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.basis.iter().flat_map(|basis| &basis.violations)
    }

    fn rule(&self, violation: &Violation) -> &Rule {
        &self.layers[violation.layer].rules[violation.rule]
    }

    fn put(&self, violation: &Violation) -> Option<Reason> {
        let basis = self.basis.as_deref()?;
        let ground = Ground::new(&self.layers, basis, self.grade);
        Some(explain::reason(
            &ground,
            self.rule(violation),
            violation.found,
        ))
    }
}

impl PartialEq for Decision {
    /// Whether both say the same of the same package, of whatever rules it is said.
    fn eq(&self, other: &Self) -> bool {
        (&self.subject, self.is_simulated) == (&other.subject, other.is_simulated)
            && (self.verdict, self.grade) == (other.verdict, other.grade)
            && self.reasons() == other.reasons()
            && self.excepted() == other.excepted()
            && self.trace() == other.trace()
    }
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision")
            .field("subject", &self.subject())
            .field("is_simulated", &self.is_simulated)
            .field("verdict", &self.verdict)
            .field("grade", &self.grade)
            .field("reasons", &self.reasons())
            .field("excepted", &self.excepted())
            .field("trace", &self.trace())
            .finish()
    }
}

impl Serialize for Decision {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Decision", 7)?;
        object.serialize_field("subject", self.subject())?;
        object.serialize_field("simulated", &self.is_simulated)?;
        object.serialize_field("verdict", &self.verdict)?;
        object.serialize_field("grade", &self.grade)?;
        object.serialize_field("reasons", &self.reasons())?;
        object.serialize_field("excepted", &self.excepted())?;
        object.serialize_field("trace", &self.trace())?;
        object.end()
    }
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
    /// `Facts::name`, `pkgbase` and `provides`.
    Name,
    /// `Facts::version`.
    Version,
    /// `Facts::origin`.
    Origin,
    /// One of `Facts::findings`, by its place from 0.
    Finding(usize),
    /// `Facts::coverage`.
    Coverage,
    /// `Facts::signature`.
    Signature,
    /// `Facts::provenance`.
    Provenance,
    /// `Facts::rebuilds`.
    Rebuilds,
    /// `Facts::checksum`.
    Checksum,
    /// `Facts::licences`.
    Licences,
    /// `Facts::inspection`.
    Inspection,
    /// `Facts::released`.
    Released,
    /// `Facts::security_fix`.
    SecurityFix,
    /// Any of it: what a policy in Rego looks at is not known.
    Whole,
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
