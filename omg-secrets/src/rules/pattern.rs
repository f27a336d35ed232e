//! The little language in which the built-in rules state a shape: text stands for itself,
//! `{a:36}` for 36 characters of the class `a`, `{a:24-99}` for 24 to 99 of them, `{uuid}` for
//! a UUID. One statement gives the regular expression and the examples, so that no rule needs
//! a whole token in the source.

use std::fmt::Write as _;

use crate::rules::{Check, Spec};

/// Maxima over this are left to the window that is searched.
const LONG: usize = 150;

/// A piece of a shape.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Class { class: char, min: usize, max: usize },
    Uuid,
}

pub(crate) fn pieces(shape: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut text, mut at) = (0, 0);
    while let Some(open) = shape[at..].find('{').map(|found| at + found) {
        let Some(close) = shape[open..].find('}').map(|found| open + found) else {
            break;
        };
        // A brace that opens no class is text, as in JSON.
        let Some(piece) = piece(&shape[open + 1..close]) else {
            at = open + 1;
            continue;
        };
        if text < open {
            out.push(Piece::Text(&shape[text..open]));
        }
        out.push(piece);
        at = close + 1;
        text = at;
    }
    if text < shape.len() {
        out.push(Piece::Text(&shape[text..]));
    }
    out
}

fn piece(inner: &str) -> Option<Piece<'_>> {
    if inner == "uuid" {
        return Some(Piece::Uuid);
    }
    let (class, count) = inner.split_once(':')?;
    let (min, max) = count.split_once('-').unwrap_or((count, count));
    let mut chars = class.chars();
    let class = chars.next().filter(|_| chars.next().is_none())?;
    let (min, max) = (min.parse().ok()?, max.parse().ok()?);
    Some(Piece::Class { class, min, max })
}

/// Whether the whole text is of the shape, each class taking as much as it can.
pub(crate) fn matches(pieces: &[Piece<'_>], text: &[u8]) -> bool {
    let mut rest = text;
    for piece in pieces {
        let taken = match piece {
            Piece::Text(text) if rest.starts_with(text.as_bytes()) => text.len(),
            Piece::Text(_) => return false,
            Piece::Class { class, min, max } => {
                let bit = class_bit(*class);
                let fits = |b: &u8| MEMBERS[usize::from(*b)] & bit != 0;
                let count = rest.iter().take(*max).take_while(|b| fits(b)).count();
                if count < *min {
                    return false;
                }
                count
            }
            Piece::Uuid if is_uuid(rest) => 36,
            Piece::Uuid => return false,
        };
        rest = &rest[taken..];
    }
    rest.is_empty()
}

/// Whether the text may begin with the shape: as far as its length is certain, which costs less
/// than a regular expression and tells most of them.
pub(crate) fn may_begin(pieces: &[Piece<'_>], text: &[u8]) -> bool {
    let mut rest = text;
    for piece in pieces {
        let taken = match *piece {
            Piece::Text(text) if rest.starts_with(text.as_bytes()) => text.len(),
            Piece::Text(_) => return false,
            Piece::Class { class, .. } if !CLASSES.contains(&class) => return true,
            Piece::Class { class, min, max } => {
                let Some(least) = rest.get(..min) else {
                    return false;
                };
                if classes(least) & class_bit(class) == 0 {
                    return false;
                }
                if max > min {
                    return true;
                }
                min
            }
            Piece::Uuid if is_uuid(rest) => 36,
            Piece::Uuid => return false,
        };
        rest = &rest[taken..];
    }
    true
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() >= 36
        && text[..36].iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// The classes of token characters, each a bit.
const CLASSES: [char; 10] = ['d', 'x', 'X', 'h', 'l', 'u', 'L', '3', 'w', 'a'];

/// The classes that each byte is in.
const MEMBERS: [u16; 256] = {
    let mut members = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < CLASSES.len() {
            #[expect(clippy::cast_possible_truncation, reason = "below 256")]
            let is_member = is_member(CLASSES[bit], byte as u8);
            members[byte] |= (is_member as u16) << bit;
            bit += 1;
        }
        byte += 1;
    }
    members
};

const fn is_member(class: char, byte: u8) -> bool {
    match class {
        'd' => byte.is_ascii_digit(),
        'x' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        'X' => matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        'h' => byte.is_ascii_hexdigit(),
        'l' => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
        'u' => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        'L' => byte.is_ascii_lowercase(),
        '3' => matches!(byte, b'a'..=b'z' | b'2'..=b'7'),
        'w' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        _ => byte.is_ascii_alphanumeric(),
    }
}

/// The bit of a class; of one that is none of [`CLASSES`], that of letters and digits.
pub(crate) fn class_bit(class: char) -> u16 {
    let known = CLASSES.iter().position(|known| *known == class);
    1 << known.unwrap_or(CLASSES.len() - 1)
}

/// The bits of the classes that all of the text is in.
pub(crate) fn classes(text: &[u8]) -> u16 {
    text.iter()
        .fold(u16::MAX, |all, byte| all & MEMBERS[usize::from(*byte)])
}

/// The class as the inside of a bracket expression.
pub(crate) fn members(class: char) -> &'static str {
    match class {
        'd' => "0-9",
        'x' => "0-9a-f",
        'X' => "0-9A-F",
        'h' => "0-9a-fA-F",
        'l' => "0-9a-z",
        'u' => "0-9A-Z",
        'L' => "a-z",
        'U' => "A-Z",
        'A' => "a-zA-Z",
        'k' => "0-9A-Za-z_",
        'w' => "0-9A-Za-z_-",
        'b' => "0-9A-Za-z+/",
        'p' => "0-9A-Za-z+/=",
        's' => "0-9A-Za-z_=-",
        'c' => "./0-9A-Za-z",
        'e' => "0-9A-Za-z_.~-",
        'z' => "0-9A-Za-z%_.~-",
        'j' => "0-9A-Za-z_.=-",
        '2' => "A-Z2-7",
        '3' => "a-z2-7",
        'B' => "1-9A-HJ-NP-Za-km-z",
        'q' => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        'v' => "^\\s\"'`<>&;,",
        _ => "0-9A-Za-z",
    }
}

/// The regular expression of a shape.
pub(crate) fn regex(shape: &str) -> String {
    let mut out = String::new();
    for piece in pieces(shape) {
        match piece {
            Piece::Text(text) => out.push_str(&regex::escape(text)),
            // A great maximum would make a great automaton; the window keeps the length.
            Piece::Class { class, min, max } if max > LONG => {
                let _ = write!(out, "[{}]{{{min},}}", members(class));
            }
            Piece::Class { class, min, max } => {
                let _ = write!(out, "[{}]{{{min},{max}}}", members(class));
            }
            Piece::Uuid => {
                out.push_str(
                    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
                );
            }
        }
    }
    out
}

/// The least and greatest number of bytes that a shape matches.
pub(crate) fn length(shape: &str) -> (usize, usize) {
    pieces(shape)
        .iter()
        .fold((0, 0), |(low, high), piece| match piece {
            Piece::Text(text) => (low + text.len(), high + text.len()),
            Piece::Class { min, max, .. } => (low + min, high + max),
            Piece::Uuid => (low + 36, high + 36),
        })
}

/// Whether a further character of the last class would prolong a match.
pub(crate) fn last_class(shape: &str) -> Option<char> {
    match pieces(shape).last() {
        Some(Piece::Class { class, .. }) => Some(*class),
        Some(Piece::Uuid) => Some('x'),
        _ => None,
    }
}

/// splitmix64 (Steele, Lea, Flood 2014): enough for examples.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap_or_default() % limit.max(1)
    }
}

fn alphabet(class: char) -> Vec<char> {
    if class == 'v' {
        return alphabet('k');
    }
    let members: Vec<char> = members(class).chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < members.len() {
        if members.get(at + 1) == Some(&'-') && at + 2 < members.len() {
            out.extend(members[at]..=members[at + 2]);
            at += 3;
        } else {
            out.push(members[at]);
            at += 1;
        }
    }
    out
}

fn fill(shape: &str, random: &mut Random, longest: bool) -> String {
    let mut out = String::new();
    for piece in pieces(shape) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Class { class, min, max } => {
                let alphabet = alphabet(class);
                let count = if longest { max.min(min + 200) } else { min };
                for at in 0..count {
                    let mut c = alphabet[random.below(alphabet.len())];
                    // A base64 text has no padding inside, and a word begins and ends with
                    // a letter or digit.
                    while !c.is_ascii_alphanumeric() && (at == 0 || at + 1 == count || c == '=') {
                        c = alphabet[random.below(alphabet.len())];
                    }
                    // One digit in five, so that no example is without one by chance.
                    if at % 5 == 2 && alphabet.contains(&'7') {
                        c = char::from(b'2' + u8::try_from(random.below(6)).unwrap_or_default());
                    }
                    out.push(c);
                }
            }
            Piece::Uuid => out.push_str(&fill("{x:8}-{x:4}-4{x:3}-a{x:3}-{x:12}", random, false)),
        }
    }
    out
}

fn within_words(spec: &Spec, token: &str) -> String {
    match spec.words.first() {
        Some(word) => format!("{}_key = \"{token}\"", word.replace(['-', ' ', '.'], "_")),
        None => token.to_owned(),
    }
}

pub(crate) fn examples(spec: &Spec, seed: u64) -> Vec<String> {
    let mut random = Random(seed ^ 0x5EED);
    let mut out: Vec<String> = spec
        .examples
        .iter()
        .map(|template| fill(template, &mut random, false))
        .collect();
    if !out.is_empty() || (spec.tail.is_empty() && spec.literals.is_empty()) {
        return out;
    }
    let none: &[&str] = &[""];
    let literals = if spec.literals.is_empty() {
        none
    } else {
        spec.literals
    };
    for literal in literals {
        for longest in [false, true] {
            let head = fill(spec.head, &mut random, longest);
            let tail = fill(spec.tail, &mut random, longest);
            out.push(within_words(spec, &format!("{head}{literal}{tail}")));
        }
    }
    out
}

pub(crate) fn counter_examples(spec: &Spec, seed: u64) -> Vec<String> {
    let mut random = Random(seed ^ 0xC0DE);
    let mut out: Vec<String> = spec
        .counter_examples
        .iter()
        .map(|template| fill(template, &mut random, false))
        .collect();
    if !(spec.tail.is_empty() && spec.literals.is_empty()) {
        let literal = spec.literals.first().copied().unwrap_or_default();
        if length(spec.tail).0 == 0 {
            // The literal alone is enough, but not without its last character.
            out.push(literal[..literal.len().saturating_sub(1)].to_owned());
            return out;
        }
        // Long enough, but of characters that no shape has.
        let tail: String = fill(spec.tail, &mut random, false)
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { ' ' } else { c })
            .collect();
        out.push(within_words(spec, &format!("{literal}{tail}")));
        out.push(within_words(spec, literal));
    }
    if spec.check == Check::Jwt {
        out.push(format!("eyJ{}", fill("{w:40}", &mut random, false)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_a_regular_expression_and_a_length() {
        assert_eq!(
            regex("ab_{x:4}.{a:2-3}"),
            "ab_[0-9a-f]{4,4}\\.[0-9A-Za-z]{2,3}"
        );
        assert_eq!(length("ab_{x:4}.{a:2-3}{uuid}"), (46, 47));
        assert_eq!(last_class("x{w:2}"), Some('w'));
        assert_eq!(last_class("{w:2}x"), None);
    }
}
