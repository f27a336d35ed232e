//! One rule, built in or of the user.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::examples;
use super::rank::{Confidence, Group, Precedence, Severity};
use super::spec::Spec;

/// A rule that the user wrote.
#[derive(Debug)]
pub(crate) struct Custom {
    pub id: String,
    pub title: String,
    pub severity: Severity,
    pub docs: String,
    pub literals: Vec<String>,
    pub regex: regex::bytes::Regex,
    pub min_entropy: f64,
}

#[derive(Clone, Debug)]
pub(crate) enum Inner {
    Builtin(&'static Spec),
    Custom(Arc<Custom>),
}

/// One kind of credential: what it is called, how bad a leak is, where it is documented.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Rule(pub(crate) Inner);

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.id())
    }
}

impl Rule {
    /// The stable name, such as `github-personal-access-token`.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.0 {
            Inner::Builtin(spec) => spec.id,
            Inner::Custom(custom) => &custom.id,
        }
    }

    /// A short description for people.
    #[must_use]
    pub fn title(&self) -> &str {
        match &self.0 {
            Inner::Builtin(spec) => spec.title,
            Inner::Custom(custom) => &custom.title,
        }
    }

    /// Who issues such credentials; the first word of the id where nothing better is known.
    #[must_use]
    pub fn provider(&self) -> &str {
        match &self.0 {
            Inner::Builtin(spec) if !spec.provider.is_empty() => spec.provider,
            _ => self.id().split('-').next().unwrap_or_default(),
        }
    }

    /// The severity of a finding of this rule that nothing raised or lowered.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match &self.0 {
            Inner::Builtin(spec) => spec.severity,
            Inner::Custom(custom) => custom.severity,
        }
    }

    /// The confidence of a finding of this rule that nothing raised or lowered.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        match &self.0 {
            Inner::Builtin(spec) => spec.confidence,
            Inner::Custom(_) => Confidence::Medium,
        }
    }

    /// The family of the rule. Own rules are of the group `Shape`.
    #[must_use]
    pub fn group(&self) -> Group {
        match &self.0 {
            Inner::Builtin(spec) => spec.group,
            Inner::Custom(_) => Group::Shape,
        }
    }

    /// The place of the rule among those that match the same bytes. An own rule is specific: a
    /// literal of its own is in the value.
    pub(crate) fn precedence(&self) -> Precedence {
        match &self.0 {
            Inner::Builtin(spec) => spec.precedence,
            Inner::Custom(_) => Precedence::Specific,
        }
    }

    /// Where the provider documents the credential and how it is revoked; may be empty for an
    /// own rule.
    #[must_use]
    pub fn documentation(&self) -> &str {
        match &self.0 {
            Inner::Builtin(spec) => spec.docs,
            Inner::Custom(custom) => &custom.docs,
        }
    }

    /// What to do about a leak, in one sentence.
    #[must_use]
    pub fn advice(&self) -> Cow<'static, str> {
        match self.group() {
            Group::Identifier => "not a secret by itself: look for one beside it".into(),
            Group::Generic => {
                "change it where it is used, then load it from a secret store or the environment"
                    .into()
            }
            _ if self.id().starts_with("private-key") => {
                "replace the pair wherever its public key is trusted, and destroy this one".into()
            }
            _ if self.id().ends_with("-hash") => {
                "change the password that it guards: a hash can be guessed offline".into()
            }
            _ if self.id().contains("password") || self.id().starts_with("http-") => {
                "change it where it is used, then load it from a secret store or the environment"
                    .into()
            }
            _ => "revoke it with its provider, issue a new one, and look for its use meanwhile"
                .into(),
        }
    }

    /// Texts in which this rule finds something, made up on the spot: random, but the same
    /// for the same `seed`. Empty for an own rule.
    #[must_use]
    pub fn examples(&self, seed: u64) -> Vec<String> {
        match &self.0 {
            Inner::Builtin(spec) => examples::matching(spec, seed),
            Inner::Custom(_) => Vec::new(),
        }
    }

    /// Texts close to an example, in which this rule finds nothing; made up likewise.
    #[must_use]
    pub fn counter_examples(&self, seed: u64) -> Vec<String> {
        match &self.0 {
            Inner::Builtin(spec) => examples::close(spec, seed),
            Inner::Custom(_) => Vec::new(),
        }
    }
}
