//! The order of RubyGems (`Gem::Version`, lib/rubygems/version.rb).
//!
//! A version is a row of numbers and words. A hyphen reads as `.pre.`, a word makes a pre-release,
//! and zeros at the end of the numbers, and at the end of what follows the first word, say nothing.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions of gems. The time is linear in the length of the strings.
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::rubygems::compare;
///
/// assert_eq!(compare("1.0.0", "1"), Ordering::Equal);
/// assert_eq!(compare("1.0.rc1", "1.0"), Ordering::Less);
/// assert_eq!(compare("1.0-1", "1.0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (segments(a), segments(b));
    for at in 0..a.len().max(b.len()) {
        let zero = Segment::Number(b"");
        let (a, b) = (a.get(at).unwrap_or(&zero), b.get(at).unwrap_or(&zero));
        let order = match (a, b) {
            (Segment::Number(a), Segment::Number(b)) => digits::compare(a, b),
            (Segment::Word(a), Segment::Word(b)) => a.cmp(b),
            (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
            (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

enum Segment<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
}

/// `Gem::Version#canonical_segments`.
fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut numbers = Vec::new();
    let mut rest = Vec::new();
    let mut text = text.trim().as_bytes();
    while let [first, after @ ..] = text {
        let segment = if first.is_ascii_digit() {
            let (number, after) = digits::take(text);
            text = after;
            Segment::Number(number)
        } else if first.is_ascii_alphabetic() {
            let (word, after) = digits::take_while(text, u8::is_ascii_alphabetic);
            text = after;
            Segment::Word(word)
        } else {
            text = after;
            match first {
                b'-' => Segment::Word(b"pre"),
                _ => continue,
            }
        };
        match segment {
            Segment::Number(_) if rest.is_empty() => numbers.push(segment),
            _ => rest.push(segment),
        }
    }
    drop_zeros(&mut numbers);
    drop_zeros(&mut rest);
    numbers.extend(rest);
    numbers
}

fn drop_zeros(segments: &mut Vec<Segment<'_>>) {
    let is_zero = |segment: &Segment<'_>| matches!(segment, Segment::Number(number) if digits::compare(number, b"0").is_eq());
    while segments.last().is_some_and(is_zero) {
        segments.pop();
    }
}
