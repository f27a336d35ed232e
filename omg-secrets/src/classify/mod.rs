//! Judges of a value in its context: is it random, well formed, or does it stand in for a secret?
//! Every judge is a pure function of the bytes and of what `extract` found in them.

pub(crate) mod access;
pub(crate) mod checksum;
pub(crate) mod document;
pub(crate) mod entropy;
pub(crate) mod named;
pub(crate) mod naming;
pub(crate) mod placeholder;
pub(crate) mod private_key;
pub(crate) mod provider;
pub(crate) mod structure;
pub(crate) mod token;
pub(crate) mod user;

use std::ops::Range;

use crate::rules::Confidence;

/// A value that a judge takes for a credential.
pub(crate) struct Found {
    /// The id of its rule.
    pub rule: &'static str,
    pub span: Range<usize>,
    pub confidence: Confidence,
    /// Whether its severity is lowered.
    pub weak: bool,
    /// The answer of a structure inside the value, if it has one.
    pub valid: Option<bool>,
}

impl Found {
    pub(crate) fn new(rule: &'static str, span: Range<usize>, confidence: Confidence) -> Self {
        Self {
            rule,
            span,
            confidence,
            weak: false,
            valid: None,
        }
    }
}
