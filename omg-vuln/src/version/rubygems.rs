//! RubyGems' order of versions: numbers and words, of which a word makes a pre-release.
//!
//! The rules are those of the documentation of `Gem::Version`: a version is read as segments,
//! runs of digits or of letters; words are older than numbers; a `-` is read as `.pre.`. The
//! order is total.

use std::cmp::Ordering;

use super::{digits, dotted, shape};

/// Compares two versions as RubyGems does.
///
/// Allocates nothing; the time is linear in the length of the strings. An absent segment
/// counts as `0`, and zeros in front of the first word do not count where no other number
/// follows them: `1.0.a` equals `1.a`. Characters other than ASCII letters and digits
/// only separate.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::rubygems::compare;
///
/// assert_eq!(compare("1.0.0.rc1", "1.0.0"), Ordering::Less);
/// assert_eq!(compare("1.0", "1"), Ordering::Equal);
/// assert_eq!(compare("1.0.0-x", "1.0.0.pre.x"), Ordering::Equal);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Segments::of(a), Segments::of(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => a.unwrap_or(ABSENT).compare(b.unwrap_or(ABSENT)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Tells whether a text is a version, by `Gem::Version::VERSION_PATTERN`: numbers and words with
/// single dots between them, a number first, then a pre-release behind a hyphen.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::rubygems::is_version;
///
/// assert!(is_version("7.0.0.beta2"));
/// assert!(!is_version("~> 2.0"));
/// assert!(!is_version("4.x"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let (release, prerelease) = match text.split_once('-') {
        Some((release, prerelease)) => (release, Some(prerelease)),
        None => (text, None),
    };
    let first = release.split('.').next().unwrap_or_default();
    dotted::are_numbers(first)
        && !release.contains('-')
        && dotted::are_identifiers(release)
        && prerelease.is_none_or(dotted::are_identifiers)
        && !shape::is_wildcard(text)
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Word(&'a [u8]),
    Number(&'a [u8]),
}

const ABSENT: Segment<'_> = Segment::Number(&[]);

impl Segment<'_> {
    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Word(a), Self::Word(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => digits::compare(a, b),
            (Self::Word(_), Self::Number(_)) => Ordering::Less,
            (Self::Number(_), Self::Word(_)) => Ordering::Greater,
        }
    }
}

/// The segments of a version, without the zeros that do not count.
struct Segments<'a> {
    /// The numbers in front of the first word, up to the last that is not zero.
    numbers: &'a [u8],
    /// From the first word on.
    words: &'a [u8],
}

impl<'a> Segments<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.as_bytes();
        let starts_word = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'-';
        let (numbers, words) = digits::take_while(text, |byte| !starts_word(byte));
        let last = numbers
            .iter()
            .rposition(|byte| (b'1'..=b'9').contains(byte));
        let end = last.map_or(0, |last| {
            let (rest, _) = digits::take(numbers.get(last..).unwrap_or_default());
            last + rest.len()
        });
        Self {
            numbers: numbers.get(..end).unwrap_or_default(),
            words,
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (_, numbers) = digits::take_while(self.numbers, |byte| !byte.is_ascii_digit());
        if !numbers.is_empty() {
            let (number, rest) = digits::take(numbers);
            self.numbers = rest;
            return Some(Segment::Number(number));
        }
        self.numbers = numbers;
        let separates = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'-';
        let (_, words) = digits::take_while(self.words, separates);
        let (segment, rest) = match words {
            [] => return None,
            [b'-', rest @ ..] => (Segment::Word(b"pre"), rest),
            [b'0'..=b'9', ..] => {
                let (number, rest) = digits::take(words);
                (Segment::Number(number), rest)
            }
            _ => {
                let (word, rest) = digits::take_while(words, u8::is_ascii_alphabetic);
                (Segment::Word(word), rest)
            }
        };
        self.words = rest;
        Some(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_older_than_numbers() {
        let ascending = [
            "1.0.0.a", "1.a.1", "1.b", "1-a", "1.pre", "1", "1.0.1", "1.10", "2.0.rc", "2",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn zeros_in_front_of_a_word_and_at_the_end_do_not_count() {
        for (a, b) in [
            ("1.0.0.a.1", "1.a1"),
            ("1.a.0", "1.a"),
            ("0", ""),
            ("10.0", "10"),
            ("1-", "1.pre"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }
}
