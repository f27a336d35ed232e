//! Lists of dotted identifiers, which several orders compare in the same way.

use std::cmp::Ordering;
use std::str::Split;

use super::digits;

/// How text compares that is no number.
pub(super) type Text = fn(&str, &str) -> Ordering;

/// Compares text by its ASCII codes (Semantic Versioning 2.0.0, section 11.4.2).
pub(super) fn by_code(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

/// Compares text by its ASCII codes, without regard to case.
pub(super) fn without_case(a: &str, b: &str) -> Ordering {
    a.bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Compares the components of versions, an absent or empty one counting as `0`.
pub(super) fn padded(mut a: Split<'_, char>, mut b: Split<'_, char>, text: Text) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => identifier(a.unwrap_or_default(), b.unwrap_or_default(), text),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares lists of which the longer is newer where the shorter begins it
/// (Semantic Versioning 2.0.0, section 11.4.4).
pub(super) fn by_prefix<'a>(
    mut a: impl Iterator<Item = &'a str>,
    mut b: impl Iterator<Item = &'a str>,
    text: Text,
) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => identifier(a, b, text),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares numbers by value and before all text (Semantic Versioning 2.0.0, sections 11.4.1
/// to 11.4.3). The empty identifier counts as the number zero.
fn identifier(a: &str, b: &str, text: Text) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => digits::compare(a.as_bytes(), b.as_bytes()),
        (false, false) => text(a, b),
        (a, b) => b.cmp(&a),
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether the text is one or more numbers with single dots between them.
pub(super) fn are_numbers(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && is_number(part))
}

/// Tells whether the text is one or more identifiers of letters, digits and hyphens with
/// single dots between them (Semantic Versioning 2.0.0, sections 9 and 10).
pub(super) fn are_identifiers(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(allowed))
}
