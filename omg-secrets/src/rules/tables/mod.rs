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

use crate::rules::spec::Spec;

/// All tables. The order is that of preference where two rules match the same bytes.
pub(super) fn all() -> impl Iterator<Item = &'static Spec> {
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
