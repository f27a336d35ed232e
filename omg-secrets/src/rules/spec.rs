//! The built-in form of a rule, and the short forms in which the tables state it.

use super::rank::{Confidence, Group, Precedence, Severity};

/// Where a rule's own judge looks beyond the shape.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    None,
    GithubCrc,
    GitlabRoutable,
    AtlassianCrc,
    CloudflareCrc,
    Jwt,
    Macaroon(&'static [u8]),
    Base64Len(usize),
    Bech32,
    AwsAccount,
    Snowflake,
    JsonKeys(&'static [&'static str]),
    Base64Colon,
    Base64Starts(&'static [u8]),
    Crypt,
    UuidVersion,
    Pem,
    Clamped,
    Hex,
    Arn,
    Assigned,
}

/// The built-in form of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub id: &'static str,
    pub title: &'static str,
    pub provider: &'static str,
    pub severity: Severity,
    pub confidence: Confidence,
    pub group: Group,
    pub precedence: Precedence,
    pub docs: &'static str,
    /// Shape before a literal, literals of which one must stand, shape after it.
    pub head: &'static str,
    pub literals: &'static [&'static str],
    pub tail: &'static str,
    /// A word of which one must stand near, in lower case; empty if none is needed.
    pub words: &'static [&'static str],
    pub check: Check,
    /// Templates in the language of `pattern` for values that the shape does not generate.
    pub examples: &'static [&'static str],
    pub counter_examples: &'static [&'static str],
}

/// A rule with a shape of its own.
pub(crate) const fn shape(
    id: &'static str,
    title: &'static str,
    severity: Severity,
    literals: &'static [&'static str],
    tail: &'static str,
    docs: &'static str,
) -> Spec {
    Spec {
        id,
        title,
        provider: "",
        severity,
        confidence: Confidence::High,
        group: Group::Shape,
        precedence: Precedence::Specific,
        docs,
        head: "",
        literals,
        tail,
        words: &[],
        check: Check::None,
        examples: &[],
        counter_examples: &[],
    }
}

/// A rule for a random-looking word beside one of `words`.
pub(crate) const fn keyword(
    id: &'static str,
    title: &'static str,
    severity: Severity,
    words: &'static [&'static str],
    tail: &'static str,
    docs: &'static str,
) -> Spec {
    let mut spec = shape(id, title, severity, &[], tail, docs);
    spec.group = Group::Keyword;
    spec.confidence = Confidence::Medium;
    spec.words = words;
    spec
}

/// A rule whose finder is code of its own.
pub(crate) const fn special(
    id: &'static str,
    title: &'static str,
    severity: Severity,
    docs: &'static str,
    examples: &'static [&'static str],
    counter_examples: &'static [&'static str],
) -> Spec {
    let mut spec = shape(id, title, severity, &[], "", docs);
    spec.examples = examples;
    spec.counter_examples = counter_examples;
    spec
}

impl Spec {
    pub(crate) const fn head(mut self, head: &'static str) -> Self {
        self.head = head;
        self
    }

    pub(crate) const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    pub(crate) const fn near(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    pub(crate) const fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub(crate) const fn group(mut self, group: Group) -> Self {
        self.group = group;
        self
    }

    pub(crate) const fn precedence(mut self, precedence: Precedence) -> Self {
        self.precedence = precedence;
        self
    }

    pub(crate) const fn not(mut self, counter_examples: &'static [&'static str]) -> Self {
        self.counter_examples = counter_examples;
        self
    }

    pub(crate) const fn like(mut self, examples: &'static [&'static str]) -> Self {
        self.examples = examples;
        self
    }
}
