//! The words in which a rule and its findings are ranked.

use std::fmt;

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

/// Which of two findings over the same bytes is kept, where their groups are the same: the one of
/// the earlier precedence.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Precedence {
    /// The value itself says of which kind it is.
    Specific,
    /// Only the text around the value says so, and the value may be one of a specific rule.
    Context,
}
