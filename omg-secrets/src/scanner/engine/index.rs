//! By which bytes a built-in rule is found: the head of a run of token characters, what
//! stands before it, its length, or a literal anywhere.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use memchr::memmem::Finder;

use super::{Engine, Keyword, Sign};
use crate::rules::pattern::{self, Piece};
use crate::rules::{Group, Inner};
use crate::search::prefilter::{MIN_RUN, is_token, kinds};
use crate::text::letters;

impl Engine {
    pub(super) fn index(&mut self, at: usize, literals: &mut Vec<(Vec<u8>, u32)>) {
        let number = u32::try_from(at).unwrap_or(u32::MAX);
        if let Inner::Custom(custom) = &self.rules[at].0 {
            for literal in custom.literals.clone() {
                self.sign(literal.as_bytes(), Sign::Rule(number), literals);
            }
            return;
        }
        let Inner::Builtin(spec) = self.rules[at].0 else {
            return;
        };
        self.ids.insert(spec.id, at);
        if spec.group == Group::Keyword {
            let class = match pattern::pieces(spec.tail)[..] {
                [Piece::Class { class, .. }] => pattern::class_bit(class),
                _ => 0,
            };
            let (low, high) = pattern::length(spec.tail);
            for length in low..=high.min(128) {
                self.keywords[length].extend(spec.words.iter().map(|word| Keyword {
                    rule: number,
                    class,
                    word,
                    letters: letters(word.as_bytes()),
                }));
            }
            return;
        }
        let head_in_run = spec.head.is_empty()
            || pattern::last_class(spec.head).is_none()
                && !spec.head.bytes().last().is_some_and(is_token);
        let lead = leading_run(spec.tail);
        for literal in spec.literals {
            let bytes = literal.as_bytes();
            let token = bytes.iter().all(|b| is_token(*b));
            let last = bytes.last().copied().unwrap_or_default();
            if token && head_in_run && bytes.len() + lead >= MIN_RUN {
                if let [one] = bytes {
                    self.dotted.push((*one, number));
                } else if let Some(head) = bytes.first_chunk() {
                    self.starts
                        .insert(u32::from_be_bytes(*head), literal, number);
                } else {
                    for head in continued(bytes) {
                        self.short_starts.insert(head, literal, number);
                    }
                }
            } else if !is_token(last) && lead >= MIN_RUN && bytes.len() >= 2 {
                self.leads
                    .insert(pair([bytes[bytes.len() - 2], last]), literal, number);
            } else if token && all_token(spec.head) && all_token(spec.tail) {
                let (low, high) = pattern::length(spec.head);
                let (tail_low, tail_high) = pattern::length(spec.tail);
                for length in
                    low + bytes.len() + tail_low..=(high + bytes.len() + tail_high).min(128)
                {
                    if !self.wholes[length].contains(&number) {
                        self.wholes[length].push(number);
                    }
                }
                let finder = (kinds::of(bytes), Finder::new(bytes));
                self.compiled[at].finders.push(finder);
            } else {
                self.sign(bytes, Sign::Rule(number), literals);
            }
        }
    }
}

/// Bits of a hash: so many that few bytes are taken for those of a rule.
const HASH_BITS: u32 = 16;

/// Rules by the first two to four bytes of a literal, or by the last two.
pub(super) struct Index {
    /// One bit for every hash.
    bits: Box<[u64; 1 << (HASH_BITS - 6)]>,
    rules: HashMap<u32, Vec<Entry>, BuildHasherDefault<Multiplied>>,
}

/// A literal and its rule.
type Entry = (&'static [u8], u32);

impl Default for Index {
    fn default() -> Self {
        Self {
            bits: Box::new([0; 1 << (HASH_BITS - 6)]),
            rules: HashMap::default(),
        }
    }
}

impl Index {
    fn insert(&mut self, key: u32, literal: &'static str, rule: u32) {
        let (word, bit) = Self::bit(key);
        self.bits[word] |= bit;
        let entry = (literal.as_bytes(), rule);
        self.rules.entry(key).or_default().push(entry);
    }

    fn bit(key: u32) -> (usize, u64) {
        let hash = multiplied(key.into()) >> (u64::BITS - HASH_BITS);
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// Whether there may be rules by these bytes.
    #[inline(always)]
    pub(super) fn may_have(&self, key: u32) -> bool {
        let (word, bit) = Self::bit(key);
        self.bits[word] & bit != 0
    }

    #[inline(always)]
    pub(super) fn get(&self, key: u32) -> &[Entry] {
        if self.may_have(key) {
            self.look_up(key)
        } else {
            &[]
        }
    }

    #[cold]
    fn look_up(&self, key: u32) -> &[Entry] {
        self.rules.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// A multiplicative hash (Knuth, volume 3, section 6.4), of which the highest bits are the best.
/// The keys are those of the built-in rules, so that nobody can choose them to collide.
fn multiplied(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// [`multiplied`] for a map, which looks at the lowest bits first.
#[derive(Default)]
struct Multiplied(u64);

impl Hasher for Multiplied {
    fn write_u32(&mut self, key: u32) {
        self.0 = multiplied(key.into()).rotate_left(32);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = multiplied(self.0 ^ u64::from(*byte)).rotate_left(32);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) fn pair(bytes: [u8; 2]) -> u32 {
    u32::from(u16::from_be_bytes(bytes))
}

/// The literal's bytes, and behind them whatever a run may go on with, up to three.
fn continued(literal: &[u8]) -> Vec<u32> {
    let start = literal
        .iter()
        .fold(0, |head, byte| head << 8 | u32::from(*byte));
    (literal.len()..3).fold(vec![start], |heads, _| {
        let tokens = || (0..=255).filter(|byte| is_token(*byte));
        let longer = |head: u32| tokens().map(move |byte| head << 8 | u32::from(byte));
        heads.into_iter().flat_map(longer).collect()
    })
}

/// How many token characters a text of this shape begins with, at least.
fn leading_run(tail: &str) -> usize {
    let mut sum = 0;
    for piece in pattern::pieces(tail) {
        match piece {
            Piece::Text(text) => {
                let run = text.bytes().take_while(|b| is_token(*b)).count();
                sum += run;
                if run < text.len() {
                    return sum;
                }
            }
            Piece::Class { class, min, .. } if token_class(class) => sum += min,
            Piece::Uuid => sum += 36,
            Piece::Class { .. } => return sum,
        }
    }
    sum
}

fn token_class(class: char) -> bool {
    // The `=` of `s` stands at the end only.
    !matches!(class, 'b' | 'p' | 'c' | 'e' | 'j' | 'v' | 'z')
}

fn all_token(text: &str) -> bool {
    pattern::pieces(text).iter().all(|piece| match piece {
        Piece::Text(text) => text.bytes().all(is_token),
        Piece::Class { class, .. } => token_class(*class),
        Piece::Uuid => true,
    })
}
