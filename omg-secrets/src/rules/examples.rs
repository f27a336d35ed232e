//! Texts for and against a rule, made up from its pattern, so that no whole token is in the source.

use super::pattern::{Piece, length, members, pieces};
use super::spec::{Check, Spec};

/// Texts in which the rule finds something, the same for the same seed.
pub(super) fn matching(spec: &Spec, seed: u64) -> Vec<String> {
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

/// Texts close to them in which it finds nothing.
pub(super) fn close(spec: &Spec, seed: u64) -> Vec<String> {
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
