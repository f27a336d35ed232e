//! What packages say of their licence, as SPDX expressions.

pub(crate) mod debian;
pub(crate) mod expression;
pub(crate) mod meaning;
pub(crate) mod recorded;
mod reference;
mod table;
