//! Alpine's order of versions, `digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits]`.
//!
//! The rules are those of apk-tools' `src/version.c`, version 3, documented in
//! apk-package(5). Two strings that version 3 calls invalid are read as version 2 read
//! them, because packages carry them: digits behind the letter (`9.3p1`) are one more
//! number, and `-r` without digits is `-r0`. The order is total.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions as apk does.
///
/// Allocates nothing; the time is linear in the length of the strings.
///
/// - The first number compares by value. A later one does so unless one of the two has
///   a leading zero: then both compare as text, so `1.05 < 1.1`.
/// - Suffixes rank `alpha`, `beta`, `pre`, `rc`, *none*, `cvs`, `svn`, `git`, `hg`, `p`.
/// - What goes on is newer than what ends, except for a suffix below *none*.
/// - A version that is invalid from some place on is older than any that is valid there,
///   except for a suffix below *none*. Two that are invalid at the same place compare
///   the rest as text, unless the fault is in the revision (`-rx`): then they are equal.
///
/// # Examples
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::apk::compare;
///
/// assert_eq!(compare("1.2.3-r10", "1.2.3-r9"), Ordering::Greater);
/// assert_eq!(compare("1.2_rc1", "1.2"), Ordering::Less);
/// assert_eq!(compare("9.3p1-r0", "9.3p2-r0"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Reader::new(a), Reader::new(b));
    loop {
        let (token_a, token_b) = (a.next(), b.next());
        let order = token_a.compare(token_b);
        if order.is_ne() || token_a.is_last() {
            return order;
        }
    }
}

/// Tells whether a text is a version of apk-package(5), or one that only version 2 of apk-tools
/// accepts (see the module).
///
/// # Examples
///
/// ```
/// use omg_vuln::version::apk::is_version;
///
/// assert!(is_version("3.1.4-r5"));
/// assert!(is_version("1.36.1_git20240101-r0"));
/// assert!(!is_version("latest"));
/// assert!(!is_version("4.x"));
/// ```
#[must_use]
pub fn is_version(text: &str) -> bool {
    let mut reader = Reader::new(text);
    loop {
        let token = reader.next();
        if token.is_last() {
            return !matches!(token, Token::Invalid(_));
        }
    }
}

/// A part of a version, in ascending order of rank.
#[derive(Clone, Copy)]
enum Token<'a> {
    /// A suffix below *none*, by its place in [`SUFFIXES`].
    PreSuffix(usize),
    /// The rest of the string, which follows no rule.
    Invalid(&'a [u8]),
    End,
    Revision(&'a [u8]),
    Hash(&'a [u8]),
    SuffixNumber(&'a [u8]),
    PostSuffix(usize),
    Letter(u8),
    Number(&'a [u8]),
    FirstNumber(&'a [u8]),
}

impl Token<'_> {
    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::PreSuffix(a), Self::PreSuffix(b)) => a.cmp(&b),
            (Self::PostSuffix(a), Self::PostSuffix(b)) => a.cmp(&b),
            (Self::Invalid(a), Self::Invalid(b)) => compare_invalid(a, b),
            (Self::Hash(a), Self::Hash(b)) => a.cmp(b),
            (Self::Letter(a), Self::Letter(b)) => a.cmp(&b),
            (Self::Number(a), Self::Number(b)) if a.starts_with(b"0") || b.starts_with(b"0") => {
                a.cmp(b)
            }
            (Self::Number(a), Self::Number(b))
            | (Self::FirstNumber(a), Self::FirstNumber(b))
            | (Self::SuffixNumber(a), Self::SuffixNumber(b))
            | (Self::Revision(a), Self::Revision(b)) => digits::compare(a, b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::PreSuffix(_) => 0,
            Self::Invalid(_) => 1,
            Self::End => 2,
            Self::Revision(_) => 3,
            Self::Hash(_) => 4,
            Self::SuffixNumber(_) => 5,
            Self::PostSuffix(_) => 6,
            Self::Letter(_) => 7,
            Self::Number(_) => 8,
            Self::FirstNumber(_) => 9,
        }
    }

    fn is_last(self) -> bool {
        matches!(self, Self::End | Self::Invalid(_) | Self::Revision(_))
    }
}

fn compare_invalid(a: &[u8], b: &[u8]) -> Ordering {
    if a.starts_with(b"-") && b.starts_with(b"-") {
        return Ordering::Equal;
    }
    a.cmp(b)
}

/// The suffixes in ascending order; those from [`FIRST_POST_SUFFIX`] on rank above none.
const SUFFIXES: [&[u8]; 9] = [
    b"alpha", b"beta", b"pre", b"rc", b"cvs", b"svn", b"git", b"hg", b"p",
];
const FIRST_POST_SUFFIX: usize = 4;

/// What the last token was, which decides what may follow.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum State {
    Start,
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
}

struct Reader<'a> {
    rest: &'a [u8],
    state: State,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
            state: State::Start,
        }
    }

    fn next(&mut self) -> Token<'a> {
        let rest = self.rest;
        let token = match (self.state, rest) {
            (State::Start, [b'0'..=b'9', ..]) => {
                Some(Token::FirstNumber(self.digits(rest, State::Number)))
            }
            (State::Start, _) => None,
            (_, []) => Some(Token::End),
            (State::Number, [b'.', b'0'..=b'9', ..]) => {
                Some(Token::Number(self.digits(&rest[1..], State::Number)))
            }
            (State::Letter, [b'0'..=b'9', ..]) => {
                Some(Token::Number(self.digits(rest, State::Number)))
            }
            (State::Number, [letter @ b'a'..=b'z', ..]) => {
                self.advance(1, State::Letter);
                Some(Token::Letter(*letter))
            }
            (State::Suffix, [b'0'..=b'9', ..]) => {
                Some(Token::SuffixNumber(self.digits(rest, State::SuffixNumber)))
            }
            (state, [b'_', name @ ..]) if state <= State::SuffixNumber => self.suffix(name),
            (state, [b'~', hash @ ..]) if state <= State::SuffixNumber => self.hash(hash),
            (_, [b'-', b'r', revision @ ..]) if revision.iter().all(u8::is_ascii_digit) => {
                Some(Token::Revision(revision))
            }
            _ => None,
        };
        token.unwrap_or(Token::Invalid(rest))
    }

    fn digits(&mut self, text: &'a [u8], state: State) -> &'a [u8] {
        let (number, rest) = digits::take(text);
        (self.rest, self.state) = (rest, state);
        number
    }

    fn suffix(&mut self, text: &'a [u8]) -> Option<Token<'a>> {
        let (name, rest) = digits::take_while(text, u8::is_ascii_lowercase);
        let place = SUFFIXES.iter().position(|suffix| *suffix == name)?;
        (self.rest, self.state) = (rest, State::Suffix);
        Some(if place < FIRST_POST_SUFFIX {
            Token::PreSuffix(place)
        } else {
            Token::PostSuffix(place)
        })
    }

    fn hash(&mut self, text: &'a [u8]) -> Option<Token<'a>> {
        let (hash, rest) = digits::take_while(text, u8::is_ascii_hexdigit);
        if hash.is_empty() {
            return None;
        }
        (self.rest, self.state) = (rest, State::Hash);
        Some(Token::Hash(hash))
    }

    fn advance(&mut self, bytes: usize, state: State) {
        (self.rest, self.state) = (&self.rest[bytes..], state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascending(versions: &[&str]) {
        for pair in versions.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn suffixes_rank_around_none() {
        ascending(&[
            "1_alpha", "1_alpha1", "1_beta", "1_pre", "1_rc", "1", "1-r0", "1_cvs", "1_svn",
            "1_git", "1_hg", "1_p", "1_p1", "1a", "1.0",
        ]);
    }

    #[test]
    fn a_leading_zero_makes_a_later_number_text() {
        ascending(&["1.0", "1.05", "1.050", "1.1", "1.5", "1.10", "2", "10"]);
        assert_eq!(compare("01", "1"), Ordering::Equal);
    }

    #[test]
    fn commit_hashes_stand_before_the_revision() {
        ascending(&["1-r1", "1~ab", "1~ab-r1", "1~ac", "1_git"]);
        assert_eq!(compare("1~xy", "1~xz"), Ordering::Less); // Invalid, so as text.
    }

    #[test]
    fn what_is_invalid_is_older_than_what_is_valid() {
        ascending(&["1_alpha", "1_blah", "1", "1_p"]);
        ascending(&["x", "y", "1"]);
        ascending(&["1.0-rx", "1.0"]);
        assert_eq!(compare("1-rx", "1-ry"), Ordering::Equal);
    }

    #[test]
    fn version_two_leniences() {
        assert_eq!(compare("1-r", "1-r0"), Ordering::Equal);
        ascending(&["9.9p1-r0", "9.9p1-r1", "9.9p2-r0", "9.9p10-r0", "9.10p1-r0"]);
    }
}
