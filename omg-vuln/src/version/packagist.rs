//! The order of Composer's packages: PHP's `version_compare` (ext/standard/versioning.c), as OSV
//! compares them. Composer pads versions to four numbers first; here `1.0` is older than `1.0.0`.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions of PHP packages. The time is linear in the length of the strings.
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::packagist::compare;
///
/// assert_eq!(compare("v5.0.0-RC1", "5.0.0"), Ordering::Less);
/// assert_eq!(compare("1.0", "1.0.0"), Ordering::Less);
/// assert_eq!(compare("1.0.0-dev", "1.0.0-alpha"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => compare_part(a, b),
            // What is left over makes a version newer if it is a number, and counts against the
            // end of a release otherwise.
            (Some(left), None) => compare_part(left, &Part::End),
            (None, Some(left)) => compare_part(&Part::End, left),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

enum Part<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
    End,
}

/// The numbers and words of a version.
fn parts(text: &str) -> Vec<Part<'_>> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    // Metadata after a plus says nothing (Composer, `normalize`).
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let mut parts = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if first.is_ascii_digit() {
            let (number, after) = digits::take(rest);
            parts.push(Part::Number(number));
            rest = after;
        } else if matches!(first, b'.' | b'-' | b'_' | b'+') {
            rest = after;
        } else {
            let is_word = |byte: &u8| !byte.is_ascii_digit() && !b".-_+".contains(byte);
            let (word, after) = digits::take_while(rest, is_word);
            parts.push(Part::Word(word));
            rest = after;
        }
    }
    parts
}

fn compare_part(a: &Part<'_>, b: &Part<'_>) -> Ordering {
    match (a, b) {
        (Part::Number(a), Part::Number(b)) => digits::compare(a, b),
        (Part::Number(_), Part::End) => Ordering::Greater,
        (Part::End, Part::Number(_)) => Ordering::Less,
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// `compare_special_version_forms`: a word by the form that it begins with; others come first.
fn rank(part: &Part<'_>) -> i8 {
    let word = match part {
        Part::Number(_) | Part::End => return 4,
        Part::Word(word) => word.to_ascii_lowercase(),
    };
    const FORMS: [(&[u8], i8); 10] = [
        (b"dev", 0),
        (b"alpha", 1),
        (b"a", 1),
        (b"beta", 2),
        (b"b", 2),
        (b"rc", 3),
        (b"#", 4),
        (b"patch", 5),
        (b"pl", 5),
        (b"p", 5),
    ];
    let form = FORMS.iter().find(|(form, _)| word.starts_with(form));
    form.map_or(-1, |(_, rank)| *rank)
}
