//! What is looked for: a rule, and the words in which its result is ranked.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::rules::pattern;

/// How much harm a leaked credential of a kind does. Ordered: `None < Low < Critical`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Severity {
    /// No credential: a name that says whose one is.
    None,
    /// A test key, or a value that may well be none.
    Low,
    /// Access to little, or a value that only its surroundings make a credential.
    Medium,
    /// Access to a service.
    High,
    /// Access to money, code, infrastructure or identities.
    Critical,
}

impl Severity {
    /// The lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub(crate) const fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
            Self::None => Self::None,
        }
    }

    /// The severity of this lower-case name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::None,
            Self::Low,
            Self::Medium,
            Self::High,
            Self::Critical,
        ]
        .into_iter()
        .find(|severity| severity.as_str() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How sure it is that a value is a credential. Ordered: `Low < High`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Confidence {
    /// The surroundings say so, or a check that real values pass has failed.
    Low,
    /// The shape says so.
    Medium,
    /// A distinctive shape with a check that passed, or one that nothing else has.
    High,
}

impl Confidence {
    /// The lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Families of rules that are switched on and off together.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Group {
    /// A value with a distinctive shape of its own. On by default.
    Shape,
    /// A random-looking word beside the name of a provider. On by default.
    Keyword,
    /// A value that its name and its own looks make a credential. On by default.
    Generic,
    /// Names that are no credentials themselves, such as an OAuth client id or a bucket: a
    /// reader learns whose the credential beside them is. On by default, and always of the
    /// severity `None`.
    Identifier,
}

impl Group {
    /// The lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Keyword => "keyword",
            Self::Generic => "generic",
            Self::Identifier => "identifier",
        }
    }
}

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
    pub docs: &'static str,
    /// Shape before a literal, literals of which one must stand, shape after it.
    pub head: &'static str,
    pub literals: &'static [&'static str],
    pub tail: &'static str,
    /// A word of which one must stand near, in lower case; empty if none is needed.
    pub words: &'static [&'static str],
    pub check: Check,
    /// Templates in the language of `shape` for values that the shape does not generate.
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

    pub(crate) const fn not(mut self, counter_examples: &'static [&'static str]) -> Self {
        self.counter_examples = counter_examples;
        self
    }

    pub(crate) const fn like(mut self, examples: &'static [&'static str]) -> Self {
        self.examples = examples;
        self
    }
}

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
            Inner::Builtin(spec) => pattern::examples(spec, seed),
            Inner::Custom(_) => Vec::new(),
        }
    }

    /// Texts close to an example, in which this rule finds nothing; made up likewise.
    #[must_use]
    pub fn counter_examples(&self, seed: u64) -> Vec<String> {
        match &self.0 {
            Inner::Builtin(spec) => pattern::counter_examples(spec, seed),
            Inner::Custom(_) => Vec::new(),
        }
    }
}
