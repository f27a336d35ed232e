//! Composer's order of versions, for what Packagist holds.
//!
//! The rules are those of Composer's documentation, "Versions and constraints", sections
//! "Stability Constraints" and "Tags", and of PHP's `version_compare`, to which Composer gives
//! versions in its normal form: four numbers, a stability, `dev`. Any other string is
//! read by the same rule, so the order is total. Two differences follow from that, both for
//! strings that Composer refuses: `version_compare` alone holds `1.0` older than `1.0.0`, and
//! `1.2.3.#` equal to each of `1.2.3` and `1.2.3.1`.

use std::cmp::Ordering;

use super::{digits, shape};

/// Compares two versions as Composer does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// - A leading `v`, metadata behind a `+`, and the word `stable` with all that
///   follows do not count.
/// - Numbers come first, an absent one counting as `0`.
/// - The words that follow are older or newer than the end in this order, without regard to case:
///   words that are not known, `dev`, `alpha` or `a`, `beta` or `b`, `RC`, the end, `patch`,
///   `pl` or `p`, numbers.
/// - Branches, `dev-` and a name, are older than all versions, by their names. Composer does
///   not order them at all; see [`is_version`].
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::packagist::compare;
///
/// assert_eq!(compare("v5.4.0-RC1", "5.4.0"), Ordering::Less);
/// assert_eq!(compare("1.0", "1.0.0"), Ordering::Equal);
/// assert_eq!(compare("1.0.0-p1", "1.0.0"), Ordering::Greater);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    match (branch(a), branch(b)) {
        (None, None) => compare_versions(normal(a), normal(b)),
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Tells whether a text can be a version: numbers with dots between them, or a date, then a
/// stability, its numbers, and `dev` (`VersionParser::normalize` of Composer).
///
/// A branch is none, be it `dev-main` or `1.x-dev`: its commits come and go.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::packagist::is_version;
///
/// assert!(is_version("v2.0.0-beta.3"));
/// assert!(!is_version("dev-main"));
/// assert!(!is_version("2.x-dev"));
/// assert!(!is_version("^2.0"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let (version, metadata) = match text.split_once('+') {
        Some((version, metadata)) => (version, Some(metadata)),
        None => (text, None),
    };
    let metadata_allowed =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    metadata.is_none_or(metadata_allowed) && is_plain_version(shape::without_v(version).as_bytes())
}

fn is_plain_version(text: &[u8]) -> bool {
    let (first, mut rest) = digits::take(text);
    if first.is_empty() {
        return false;
    }
    while let [b'.' | b'-' | b':', b'0'..=b'9', ..] = rest {
        (_, rest) = digits::take(rest.get(1..).unwrap_or_default());
    }
    let (word, after) = take_word(skip(rest, b"._-"));
    let known = is_stability(word);
    if known {
        rest = after;
        loop {
            let (number, after) = digits::take(skip(rest, b".-"));
            if number.is_empty() {
                break;
            }
            rest = after;
        }
    }
    // The pattern has a separator for the stability that is not there, and one for `dev`.
    let rest = if known { rest } else { skip(rest, b"._-") };
    rest.is_empty() || skip(rest, b".-").eq_ignore_ascii_case(b"dev")
}

fn skip<'a>(text: &'a [u8], separators: &[u8]) -> &'a [u8] {
    match text {
        [first, rest @ ..] if separators.contains(first) => rest,
        _ => text,
    }
}

/// The letters in front; `dev` behind a word that is known is a word of its own.
fn take_word(text: &[u8]) -> (&[u8], &[u8]) {
    let (word, rest) = digits::take_while(text, u8::is_ascii_alphabetic);
    let front = word.len().saturating_sub(3);
    match word.split_at_checked(front) {
        Some((front, dev)) if is_stability(front) && dev.eq_ignore_ascii_case(b"dev") => {
            text.split_at(front.len())
        }
        _ => (word, rest),
    }
}

fn is_stability(word: &[u8]) -> bool {
    matches!(rank(word), Some(rank) if rank != Rank::Dev) || word.eq_ignore_ascii_case(b"stable")
}

/// The name of a branch.
fn branch(text: &str) -> Option<&str> {
    let (head, name) = text.split_at_checked(4)?;
    head.eq_ignore_ascii_case("dev-").then_some(name)
}

/// The version without the `v` in front and the metadata behind.
fn normal(text: &str) -> &[u8] {
    let text = shape::without_v(text);
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    text.as_bytes()
}

fn compare_versions(mut a: &[u8], mut b: &[u8]) -> Ordering {
    // The numbers in front, as many as Composer's normal form has or more.
    loop {
        let (number_a, rest_a) = take_number(a);
        let (number_b, rest_b) = take_number(b);
        if number_a.is_none() && number_b.is_none() {
            break;
        }
        let order = digits::compare(number_a.unwrap_or_default(), number_b.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    loop {
        let (element_a, rest_a) = Element::take(a);
        let (element_b, rest_b) = Element::take(b);
        let order = element_a.compare(element_b);
        if order.is_ne() || element_a == Element::End {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

/// The number behind the separators, if one comes next.
fn take_number(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let (_, rest) = digits::take_while(text, |byte| !byte.is_ascii_alphanumeric());
    match digits::take(rest) {
        ([], _) => (None, text),
        (number, rest) => (Some(number), rest),
    }
}

#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Rank {
    Unknown,
    Dev,
    Alpha,
    Beta,
    Candidate,
    End,
    Patch,
    Number,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Element<'a> {
    Unknown(&'a [u8]),
    Known(Rank),
    End,
    Number(&'a [u8]),
}

impl<'a> Element<'a> {
    fn take(text: &'a [u8]) -> (Self, &'a [u8]) {
        let (_, text) = digits::take_while(text, |byte| !byte.is_ascii_alphanumeric());
        match text {
            [] => (Self::End, text),
            [first, ..] if first.is_ascii_digit() => {
                let (number, rest) = digits::take(text);
                (Self::Number(number), rest)
            }
            _ => {
                let (word, rest) = take_word(text);
                // Composer's normal form ends in front of the word.
                if word.eq_ignore_ascii_case(b"stable") {
                    return (Self::End, &[]);
                }
                let element = rank_in_front(word).map_or(Self::Unknown(word), Self::Known);
                (element, rest)
            }
        }
    }

    fn rank(self) -> Rank {
        match self {
            Self::Unknown(_) => Rank::Unknown,
            Self::Known(rank) => rank,
            Self::End => Rank::End,
            Self::Number(_) => Rank::Number,
        }
    }

    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => digits::compare(a, b),
            (Self::Unknown(a), Self::Unknown(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

/// The words that Composer knows, with their places.
const WORDS: [(&[u8], Rank); 9] = [
    (b"dev", Rank::Dev),
    (b"alpha", Rank::Alpha),
    (b"a", Rank::Alpha),
    (b"beta", Rank::Beta),
    (b"b", Rank::Beta),
    (b"rc", Rank::Candidate),
    (b"patch", Rank::Patch),
    (b"pl", Rank::Patch),
    (b"p", Rank::Patch),
];

/// The place of a word that Composer knows.
fn rank(word: &[u8]) -> Option<Rank> {
    let known = WORDS
        .into_iter()
        .find(|(known, _)| word.eq_ignore_ascii_case(known));
    known.map(|(_, rank)| rank)
}

/// The place of any word: `version_compare` looks no further than the known word in front.
fn rank_in_front(word: &[u8]) -> Option<Rank> {
    let starts = |known: &[u8]| {
        word.get(..known.len())
            .is_some_and(|front| front.eq_ignore_ascii_case(known))
    };
    let known = WORDS.into_iter().find(|(known, _)| starts(known));
    known.map(|(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stabilities_rank_around_the_release() {
        let ascending = [
            "dev-a",
            "dev-main",
            "1.0-foo",
            "1.0-dev",
            "1.0-alpha-dev",
            "1.0a",
            "1.0-alpha1",
            "1.0b",
            "1.0.0-RC",
            "1.0-rc.1",
            "1.0",
            "1.0-p",
            "1.0.0.0-patch2",
            "1.0.0.1",
            "1.0.1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn what_composer_drops_does_not_count() {
        for (a, b) in [
            ("1", "v1.0.0.0"),
            ("1.0-stable", "1.0"),
            ("1.0+x", "1.0"),
            ("1.0.beta.1", "1-B1"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    #[test]
    fn what_composer_refuses_is_no_version() {
        for text in [
            "1.0-foo",
            "1.0beta-foo",
            "1.0beta-",
            "1.0---dev",
            "1.0.x",
            "1.x-dev",
            "dev",
            "1.0@dev",
            "1.0+",
        ] {
            assert!(!is_version(text), "{text}");
        }
        for text in [
            "1.0-dev",
            "1.0_dev",
            "1.0--dev",
            "1.0b2.1-dev",
            "2012-01-02",
            "1.0.0.0",
            "1-stable",
            "1.",
        ] {
            assert!(is_version(text), "{text}");
        }
    }
}
