//! Maven's order of versions.
//!
//! The rules are those of the POM reference, section "Version Order Specification", as
//! `ComparableVersion` of Maven 3.8.7 carries them out where the two differ: a word behind a
//! dot is read as one behind a hyphen (`1.0.rc1` equals `1-rc1`), and a list that a hyphen
//! begins keeps its place when nothing remains in front (`1-ga-1` is older than `1-1`).
//!
//! **This is not a total order.** A word and a list compare with what is absent by their own
//! worth, and with a number by their kind, so that some versions compare in a circle:
//! `1.0.rc.0 < 1 < 1-2 < 1.0.rc.0`. So compare pairwise, and do not sort.

use std::cmp::Ordering;

use super::{digits, shape};

/// Compares two versions as Maven does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// - Items are numbers and words, divided by `.`, by `-` and where digits and letters meet.
///   A `-` and such a meeting begin a list within the list.
/// - Zeros, `ga`, `final` and `release` at the end of a list do not count.
/// - A list is older than a number and newer than a word; with nothing it compares by its
///   first item that counts.
/// - Words, without regard to case: `alpha` or `a`, `beta` or `b`, `milestone` or `m`, `rc`
///   or `cr`, `snapshot`, none, `sp`, then all others by their codes. One letter stands for
///   the word only in front of a digit.
///
/// Only ASCII digits and letters count as such; Java's other digits are words here.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::maven::compare;
///
/// assert_eq!(compare("2.17.0", "2.9.1"), Ordering::Greater);
/// assert_eq!(compare("1.0-alpha-1", "1.0"), Ordering::Less);
/// assert_eq!(compare("5.3.0.Final", "5.3"), Ordering::Equal);
/// assert_eq!(compare("31.1-jre", "31.1"), Ordering::Greater);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Lists::of(a), Lists::of(b));
    loop {
        let order = match (a.next(), b.next()) {
            (Element::End, Element::End) => return Ordering::Equal,
            (Element::List, Element::List) => {
                a.descend();
                b.descend();
                Ordering::Equal
            }
            (Element::List, Element::End) => return a.compare_with_nothing(),
            (Element::End, Element::List) => return b.compare_with_nothing().reverse(),
            (a, b) => a.compare(b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Tells whether a text can be a version. Maven takes any text; a version has a digit, and of
/// other characters only what the POM reference and the repositories' layout allow.
///
/// # Examples
///
/// ```
/// use omg_vuln::version::maven::is_version;
///
/// assert!(is_version("Finchley.SR2"));
/// assert!(!is_version("RELEASE"));
/// assert!(!is_version("${project.version}"));
/// assert!(!is_version("[1.0,2.0)"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    shape::may_be(text, b"._+~-")
}

/// An element at a place in a list.
#[derive(Clone, Copy)]
enum Element<'a> {
    Number(&'a [u8]),
    Word(Word<'a>),
    /// The list that ends the list.
    List,
    End,
}

impl Element<'_> {
    /// Neither both lists nor both ends nor one of each.
    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => digits::compare(a, b),
            (Self::Number(a), Self::End) => digits::compare(a, &[]),
            (Self::End, Self::Number(b)) => digits::compare(&[], b),
            (Self::Word(a), Self::Word(b)) => a.compare(b),
            (Self::Word(a), Self::End) => a.compare(RELEASE),
            (Self::End, Self::Word(b)) => RELEASE.compare(b),
            (a, b) => a.kind().cmp(&b.kind()),
        }
    }

    fn kind(self) -> u8 {
        match self {
            Self::End => 0,
            Self::Word(_) => 1,
            Self::List => 2,
            Self::Number(_) => 3,
        }
    }

    /// Whether the element does not count at the end of a list.
    fn is_nothing(self) -> bool {
        match self {
            Self::Number(number) => digits::are_zero(number),
            Self::Word(word) => word.compare(RELEASE).is_eq(),
            Self::List | Self::End => true,
        }
    }
}

/// A word by its place among those that are known, or as it is written.
#[derive(Clone, Copy)]
struct Word<'a> {
    rank: usize,
    text: &'a [u8],
}

/// The words that are known, with their ranks.
const WORDS: [(&[u8], usize); 10] = [
    (b"alpha", 0),
    (b"beta", 1),
    (b"milestone", 2),
    (b"rc", 3),
    (b"cr", 3),
    (b"snapshot", 4),
    (b"ga", 5),
    (b"final", 5),
    (b"release", 5),
    (b"sp", 6),
];
/// The words that one letter in front of a digit stands for.
const LETTERS: [(&[u8], usize); 3] = [(b"a", 0), (b"b", 1), (b"m", 2)];
const RELEASE: Word<'_> = Word { rank: 5, text: &[] };
const UNKNOWN: usize = 7;

impl<'a> Word<'a> {
    fn new(text: &'a [u8], before_digit: bool) -> Self {
        let letters = before_digit.then_some(LETTERS).into_iter().flatten();
        let known = letters
            .chain(WORDS)
            .find(|(word, _)| text.eq_ignore_ascii_case(word));
        match known {
            Some((_, rank)) => Self { rank, text: &[] },
            None => Self {
                rank: UNKNOWN,
                text,
            },
        }
    }

    fn compare(self, other: Self) -> Ordering {
        let lower = |word: Self| word.text.iter().map(u8::to_ascii_lowercase);
        self.rank
            .cmp(&other.rank)
            .then_with(|| lower(self).cmp(lower(other)))
    }
}

/// A version as lists, each within the one before, without the ends that do not count.
struct Lists<'a> {
    steps: Steps<'a>,
    /// How many elements of this list are to come.
    remaining: usize,
    /// How many lists with elements that count are within this one.
    deeper: usize,
}

impl<'a> Lists<'a> {
    fn of(text: &'a str) -> Self {
        let steps = Steps {
            rest: text.as_bytes(),
            is_empty: true,
            pending: None,
        };
        let (mut depth, mut deeper) = (0, 0);
        for element in steps {
            match element {
                Element::List => depth += 1,
                element if element.is_nothing() => {}
                _ => deeper = depth,
            }
        }
        let mut lists = Self {
            steps,
            remaining: 0,
            deeper,
        };
        lists.count();
        lists
    }

    /// Counts the elements of the list up to the last that counts.
    fn count(&mut self) {
        self.remaining = 0;
        let elements = self
            .steps
            .take_while(|element| !matches!(element, Element::List));
        for (place, element) in elements.enumerate() {
            if !element.is_nothing() {
                self.remaining = place + 1;
            }
        }
    }

    /// The next element; a list is met again and again until [`Lists::descend`].
    fn next(&mut self) -> Element<'a> {
        if self.remaining > 0 {
            self.remaining -= 1;
            return self.steps.next().unwrap_or(Element::End);
        }
        match self.deeper {
            0 => Element::End,
            _ => Element::List,
        }
    }

    /// Goes on with the list that ends this one.
    fn descend(&mut self) {
        self.deeper = self.deeper.saturating_sub(1);
        for element in self.steps.by_ref() {
            if matches!(element, Element::List) {
                break;
            }
        }
        self.count();
    }

    /// Compares the list that ends this one with nothing.
    fn compare_with_nothing(&mut self) -> Ordering {
        loop {
            let order = match self.next() {
                Element::End => return Ordering::Equal,
                Element::List => {
                    self.descend();
                    Ordering::Equal
                }
                element => element.compare(Element::End),
            };
            if order.is_ne() {
                return order;
            }
        }
    }
}

/// The elements in the order in which they are written, and where a list begins.
#[derive(Clone, Copy)]
struct Steps<'a> {
    rest: &'a [u8],
    /// Whether nothing stands in the list yet.
    is_empty: bool,
    /// Elements that come before the rest is read on.
    pending: Option<Pending<'a>>,
}

#[derive(Clone, Copy)]
enum Pending<'a> {
    List,
    /// A word in a list of its own, and whether one more list begins behind it.
    Word(Word<'a>, bool),
}

impl<'a> Iterator for Steps<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        match self.pending.take() {
            Some(Pending::List) => {
                self.is_empty = true;
                return Some(Element::List);
            }
            Some(Pending::Word(word, list)) => {
                self.is_empty = false;
                self.pending = list.then_some(Pending::List);
                return Some(Element::Word(word));
            }
            None => {}
        }
        let (run, rest) = match self.rest {
            [] => return None,
            [first, ..] if first.is_ascii_digit() => digits::take(self.rest),
            text => digits::take_while(text, |byte| {
                !byte.is_ascii_digit() && !matches!(byte, b'.' | b'-')
            }),
        };
        let numeric = run.first().is_none_or(u8::is_ascii_digit);
        let (rest, begins_list) = match rest {
            [b'.', rest @ ..] => (rest, false),
            [b'-', rest @ ..] => (rest, true),
            [] if numeric => (rest, false),
            _ if numeric => (rest, true),
            // A word at the end, or in front of a digit, goes in a list of its own.
            rest => return Some(self.own_list(run, rest)),
        };
        self.rest = rest;
        self.is_empty = false;
        self.pending = begins_list.then_some(Pending::List);
        Some(match numeric {
            true => Element::Number(run),
            false => Element::Word(Word::new(run, false)),
        })
    }
}

impl<'a> Steps<'a> {
    fn own_list(&mut self, run: &'a [u8], rest: &'a [u8]) -> Element<'a> {
        let before_digit = !rest.is_empty();
        let word = Word::new(run, before_digit);
        self.rest = rest;
        if self.is_empty {
            self.is_empty = false;
            self.pending = before_digit.then_some(Pending::List);
            return Element::Word(word);
        }
        self.pending = Some(Pending::Word(word, before_digit));
        Element::List
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_not_transitive() {
        assert_eq!(compare("1.0.rc.0", "1"), Ordering::Less);
        assert_eq!(compare("1", "1-2"), Ordering::Less);
        assert_eq!(compare("1-2", "1.0.rc.0"), Ordering::Less);
    }

    #[test]
    fn the_words_in_their_order() {
        let ascending = [
            "1-a1",
            "1-alpha-2",
            "1b1",
            "1-beta-2",
            "1-m1",
            "1-cr1",
            "1-RC2",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-abc",
            "1-b",
            "1-1",
            "1.1",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn what_does_not_count() {
        let same = [
            ("1", "1.0.0"),
            ("1", "1-ga"),
            ("1", "1.0-final-0"),
            ("1.rc", "1-rc"),
            ("0", ""),
            ("1-foo", "1.0.0-foo.0.0"),
            ("1..1", "1.0.1"),
            ("1a1", "1-ALPHA-1"),
        ];
        for (a, b) in same {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
    }
}
