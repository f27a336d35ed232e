//! The rules: the words in which they are stated, and the built-in ones.

pub(crate) mod pattern;
mod rule;
mod tables;

pub(crate) use self::rule::{Check, Custom, Inner, Spec, keyword, shape, special};
pub use self::rule::{Confidence, Group, Rule, Severity};

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
