//! The built-in rules: tables, one file for each kind of provider.

mod ai;
mod chat;
mod cloud;
mod data;
mod forge;
mod generic;
mod identifier;
mod keys;
mod keyword;
mod money;
mod special;

use crate::rule::{Inner, Rule, Spec};

/// All tables. The order is that of preference where two rules match the same bytes.
pub(crate) fn tables() -> impl Iterator<Item = &'static Spec> {
    [
        special::RULES,
        cloud::RULES,
        forge::RULES,
        ai::RULES,
        chat::RULES,
        money::RULES,
        data::RULES,
        keys::RULES,
        keyword::RULES,
        generic::RULES,
        identifier::RULES,
    ]
    .into_iter()
    .flatten()
}

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
    tables().map(|spec| Rule(Inner::Builtin(spec)))
}
