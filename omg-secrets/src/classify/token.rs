//! Whether a token with the shape of a rule is one of it.

use std::ops::Range;

use super::entropy::{Makeup, wordy};
use super::{placeholder, structure};
use crate::rules::{Check, Confidence, Group, Spec};
use crate::text::holds;

/// How far around a value a word of its rule may stand.
const NEAR: usize = 200;

/// Whether the token, without the rule's literal, stands where a secret would be. Names, and what
/// is too short to tell, never do.
pub(crate) fn stands_in(spec: &Spec, body: &[u8]) -> bool {
    let judged = spec.group != Group::Identifier && body.len() >= 8;
    judged && (placeholder::token(body) || made_of_words(body, spec))
}

/// Whether one of the rule's words stands near the token, if it needs one.
pub(crate) fn is_near_a_word(spec: &Spec, bytes: &[u8], span: &Range<usize>) -> bool {
    let low = span.start.saturating_sub(NEAR);
    let high = bytes.len().min(span.end + NEAR / 2);
    let near =
        |word: &&str| holds(&bytes[low..span.start], word) || holds(&bytes[span.end..high], word);
    spec.words.is_empty() || spec.words.iter().any(near)
}

/// How sure it is that the token is one of the rule's, and the answer of the rule's check. `None`
/// if only a structure makes it a token, and it has another.
pub(crate) fn checked(spec: &Spec, token: &[u8]) -> Option<(Confidence, Option<bool>)> {
    let valid = structure::judge(spec.check, token);
    if matches!(spec.check, Check::Jwt | Check::Arn | Check::Assigned) && valid == Some(false) {
        return None;
    }
    let confidence = match valid {
        Some(true) => Confidence::High,
        Some(false) if spec.confidence == Confidence::High => Confidence::Medium,
        Some(false) => Confidence::Low,
        None => spec.confidence,
    };
    Some((confidence, valid))
}

/// Letters only, and words: the name of something that happens to have the right length.
fn made_of_words(body: &[u8], spec: &Spec) -> bool {
    let makeup = Makeup::of(body);
    let short = spec.literals.iter().all(|literal| literal.len() < 6);
    short && makeup.digit == 0 && makeup.lower > 0 && wordy(body)
}
