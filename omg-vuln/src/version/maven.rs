//! Maven's order (Maven documentation, "POM Reference", "Version Order Specification";
//! `org.apache.maven.artifact.versioning.ComparableVersion`).
//!
//! A version is a row of tokens, each a number or a qualifier after a dot or a hyphen; a change
//! between digits and letters is a hyphen. Tokens that say nothing (`0`, `ga`, `final`, `release`) are
//! dropped at the end and before each hyphen.

use std::cmp::Ordering;

use super::digits;

/// Compares two versions of Maven artifacts. The time is linear in the length of the strings.
///
/// ```
/// use std::cmp::Ordering;
/// use omg_vuln::version::maven::compare;
///
/// assert_eq!(compare("1.0-SNAPSHOT", "1.0"), Ordering::Less);
/// assert_eq!(compare("1.0.0", "1.0-ga"), Ordering::Equal);
/// assert_eq!(compare("2.0-1", "2.0.1"), Ordering::Less);
/// ```
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (tokens(a), tokens(b));
    for at in 0..a.len().max(b.len()) {
        // The shorter is padded with what says nothing, after the separator of the other.
        let order = match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => compare_token(a, b),
            (Some(a), None) => compare_token(a, &a.padding()),
            (None, Some(b)) => compare_token(&b.padding(), b),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

struct Token {
    hyphen: bool,
    /// Lower case.
    text: Vec<u8>,
    number: bool,
}

impl Token {
    fn padding(&self) -> Self {
        Self {
            hyphen: self.hyphen,
            text: Vec::new(),
            number: self.number,
        }
    }

    fn says_nothing(&self) -> bool {
        match self.number {
            true => digits::compare(&self.text, b"0").is_eq(),
            false => matches!(&self.text[..], b"" | b"ga" | b"final" | b"release"),
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::new();
    let mut hyphen = false;
    let mut rest = text.as_bytes();
    loop {
        let is_number = rest.first().is_some_and(u8::is_ascii_digit);
        let (token, after) = match is_number {
            true => digits::take(rest),
            false => digits::take_while(rest, |byte| {
                !byte.is_ascii_digit() && !matches!(byte, b'.' | b'-')
            }),
        };
        // Between letters and a number that follows at once, `a`, `b` and `m` are short forms.
        let before_digit = after.first().is_some_and(u8::is_ascii_digit);
        let text = match (is_number, token.to_ascii_lowercase().as_slice()) {
            (false, b"a") if before_digit => b"alpha".to_vec(),
            (false, b"b") if before_digit => b"beta".to_vec(),
            (false, b"m") if before_digit => b"milestone".to_vec(),
            (false, b"cr") => b"rc".to_vec(),
            (_, text) => text.to_vec(),
        };
        // An empty token reads as a zero.
        let number = is_number || text.is_empty();
        push(
            &mut kept,
            Token {
                hyphen,
                text,
                number,
            },
        );
        match after {
            [] => break,
            [b'.', next @ ..] => (hyphen, rest) = (false, next),
            [b'-', next @ ..] => (hyphen, rest) = (true, next),
            _ => (hyphen, rest) = (true, after),
        }
    }
    trim(&mut kept);
    kept
}

/// Adds a token; before a hyphen what says nothing is dropped.
fn push(kept: &mut Vec<Token>, token: Token) {
    if token.hyphen {
        trim(kept);
    }
    kept.push(token);
}

/// Drops the tokens at the end that say nothing; the first one stays.
fn trim(kept: &mut Vec<Token>) {
    while kept.len() > 1 && kept.last().is_some_and(Token::says_nothing) {
        kept.pop();
    }
}

fn compare_token(a: &Token, b: &Token) -> Ordering {
    match (a.number, b.number) {
        (true, true) if a.hyphen == b.hyphen => digits::compare(&a.text, &b.text),
        // A number after a hyphen comes before one after a dot.
        (true, true) => b.hyphen.cmp(&a.hyphen),
        // A qualifier after a dot comes before one after a hyphen, whatever they are.
        (false, false) if a.hyphen != b.hyphen => a.hyphen.cmp(&b.hyphen),
        (false, false) => compare_qualifier(&a.text, &b.text),
        (a, b) => a.cmp(&b),
    }
}

fn compare_qualifier(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |text: &[u8]| match text {
        b"alpha" => 0,
        b"beta" => 1,
        b"milestone" => 2,
        b"rc" => 3,
        b"snapshot" => 4,
        b"" | b"ga" | b"final" | b"release" => 5,
        b"sp" => 6,
        _ => 7,
    };
    match (rank(a), rank(b)) {
        (7, 7) => a.cmp(b),
        (a, b) => a.cmp(&b),
    }
}
