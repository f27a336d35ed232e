//! Random words that the name of a provider before them makes its credentials.

use std::ops::Range;

use super::entropy::{Makeup, shannon, wordy};
use super::{Found, placeholder};
use crate::rules::edges::right_edge;
use crate::rules::pattern::{self, Piece};
use crate::rules::{Confidence, Spec};
use crate::text::{holds, letters};

/// What stands before a value in lines of this length holds nearly every letter.
const LONG_LINE: usize = 64;

/// The longest value of a keyword rule.
const MAX_VALUE: usize = 128;

/// The rule of AWS's secrets, which have no shape of their own.
pub(crate) const AWS_SECRET: &str = "aws-secret-access-key";

/// The keyword rules by the length of their value.
pub(crate) struct Providers {
    keywords: Vec<Vec<Keyword>>,
    /// The shapes of values that are not of one class.
    shapes: Vec<Vec<Piece<'static>>>,
}

/// A word of a rule, with the cheap signs that the rule has nothing to say of a value.
#[derive(Clone, Copy)]
struct Keyword {
    rule: usize,
    shape: Shape,
    word: &'static str,
    /// The letters of the word.
    letters: u32,
}

#[derive(Clone, Copy)]
enum Shape {
    /// All of the value is in the class of this bit.
    Class(u16),
    /// Another one, by its number.
    Other(usize),
}

/// A value beside the name of a provider.
pub(crate) struct Named {
    pub rule: usize,
    /// Whether the value stands where a secret would be.
    pub stand_in: bool,
}

impl Default for Providers {
    fn default() -> Self {
        Self {
            keywords: vec![Vec::new(); MAX_VALUE + 1],
            shapes: Vec::new(),
        }
    }
}

impl Providers {
    /// Adds a keyword rule with its number.
    pub(crate) fn add(&mut self, rule: usize, spec: &'static Spec) {
        let pieces = pattern::pieces(spec.tail);
        let shape = if let [Piece::Class { class, .. }] = pieces[..] {
            Shape::Class(pattern::class_bit(class))
        } else {
            self.shapes.push(pieces);
            Shape::Other(self.shapes.len() - 1)
        };
        let (low, high) = pattern::length(spec.tail);
        for length in low..=high.min(MAX_VALUE) {
            self.keywords[length].extend(spec.words.iter().map(|word| Keyword {
                rule,
                shape,
                word,
                letters: letters(word.as_bytes()),
            }));
        }
    }

    /// The rule whose word stands in `context`, before the value, if the value has its shape and
    /// looks random.
    pub(crate) fn of(&self, bytes: &[u8], span: &Range<usize>, context: &[u8]) -> Option<Named> {
        let keywords = self.keywords.get(span.len())?;
        if keywords.is_empty() || context.len() < 3 {
            return None;
        }
        let value = &bytes[span.clone()];
        // In a long line stands many a word, and most values are names.
        if context.len() > LONG_LINE && wordy(value) {
            return None;
        }
        let rule = self.first(keywords, value, context)?;
        let fits = is_assigned(context)
            && (shannon(value) >= 2.5 || value.len() >= 30)
            && right_edge(bytes, span.end, Some('w'))
            && !wordy(value);
        fits.then(|| Named {
            rule,
            stand_in: placeholder::token(value),
        })
    }

    fn first(&self, keywords: &[Keyword], value: &[u8], context: &[u8]) -> Option<usize> {
        // Most words have a letter that stands nowhere before the value, and most shapes are one
        // class of characters: the length fits already.
        let missing = !letters(context);
        let mut classes = None;
        let mut is_shaped = |shape| match shape {
            Shape::Class(bit) => *classes.get_or_insert_with(|| pattern::classes(value)) & bit != 0,
            Shape::Other(number) => pattern::matches(&self.shapes[number], value),
        };
        keywords
            .iter()
            .find(|keyword| {
                keyword.letters & missing == 0
                    && is_shaped(keyword.shape)
                    && holds(context, keyword.word)
            })
            .map(|keyword| keyword.rule)
    }
}

/// Whether the text before a value ties it to a name: an operator, a quote or an option.
fn is_assigned(context: &[u8]) -> bool {
    let tail = &context[context.len().saturating_sub(40)..];
    let operator = tail.iter().any(|b| b"=:,(\"'>".contains(b)) || tail.ends_with(b" ");
    let secretive = [
        "key",
        "token",
        "secret",
        "pass",
        "pw",
        "auth",
        "api",
        "cred",
        "login",
        "crumb",
        "id",
        "hash",
        "license",
        "provision",
        "twilio",
        "clou",
        "postmark",
        "twitter",
        "uuid",
        "reporter",
        "ado_",
        "devops",
    ];
    operator && secretive.iter().any(|word| holds(context, word))
}

/// The secret behind the id of an AWS access key.
pub(crate) fn aws_pair(bytes: &[u8], span: Range<usize>) -> Option<Found> {
    let value = &bytes[span.clone()];
    let makeup = Makeup::of(value);
    let random = makeup.digit > 0 && makeup.lower + makeup.upper > 0 && shannon(value) > 3.0;
    (random && !placeholder::token(value)).then(|| Found::new(AWS_SECRET, span, Confidence::High))
}

/// `Some(true)` if the value has the length and characters of an AWS secret access key and
/// its name says that it is one.
pub(crate) fn aws_secret(name: &[u8], text: &[u8]) -> Option<bool> {
    if text.len() != 40 {
        return None;
    }
    let named = holds(name, "secret")
        && holds(name, "key")
        && (holds(name, "aws") || holds(name, "access"))
        || holds(name, "aws") && (holds(name, "key") || holds(name, "secret"));
    if !named {
        return None;
    }
    let makeup = Makeup::of(text);
    let alphabet = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b));
    Some(alphabet && (makeup.upper > 0 || makeup.digit > 0) && shannon(text) > 3.0)
}
