//! The little language in which the built-in rules state a shape: text stands for itself,
//! `{a:36}` for 36 characters of the class `a`, `{a:24-99}` for 24 to 99 of them, `{uuid}` for
//! a UUID. One statement gives the regular expression and the examples, so that no rule needs
//! a whole token in the source.

use std::fmt::Write as _;

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
