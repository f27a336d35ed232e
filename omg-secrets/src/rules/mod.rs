//! The rules: the words in which they are stated, and the built-in ones.

pub(crate) mod edges;
mod examples;
pub(crate) mod pattern;
mod rank;
mod rule;
mod spec;
mod tables;

pub use self::rank::{Confidence, Group, Severity};
pub use self::rule::Rule;
pub(crate) use self::rule::{Custom, Inner};
pub(crate) use self::spec::{Check, Spec};

/// Every built-in rule, in the order of preference.
///
/// # Examples
///
/// ```
/// let rules: Vec<_> = omg_secrets::builtin_rules().collect();
/// assert!(rules.len() >= 300);
/// assert!(rules.iter().any(|rule| rule.id() == "github-personal-access-token"));
/// ```
pub fn builtin_rules() -> impl Iterator<Item = Rule> {
    tables::all().map(|spec| Rule(Inner::Builtin(spec)))
}
