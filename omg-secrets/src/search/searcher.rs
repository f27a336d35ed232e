//! By which bytes a rule is found: the head of a run of token characters, the text before it, its
//! length, or a literal anywhere.

use memchr::memmem::Finder;

use super::index::Index;
use super::prefilter::{MIN_RUN, Prefilter, kinds};
use crate::rules::pattern::{self, Piece};
use crate::rules::{Group, Inner, Rule, Spec};
use crate::text::is_token;

/// The longest run that is looked up by its length.
const MAX_WHOLE: usize = 128;

/// The owner of a literal outside of the runs.
#[derive(Clone, Copy)]
pub(super) enum Literal {
    /// One of the rule of this number.
    Rule(u32),
    /// The caller's one of this number.
    Given(u32),
}

/// A rule with its literal inside of a run.
pub(super) struct Inside {
    pub(super) rule: u32,
    /// Its literals, and the kinds of bytes that each has.
    pub(super) finders: Vec<(u8, Finder<'static>)>,
}

/// Finds where the rules' literals stand, in one pass.
pub(crate) struct Searcher {
    pub(super) prefilter: Prefilter,
    /// Those of the prefilter by their number.
    pub(super) literals: Vec<Literal>,
    /// Rules whose literal begins a run, by its first four bytes.
    pub(super) starts: Index,
    /// The same for shorter literals, by the first three.
    pub(super) short_starts: Index,
    /// Rules whose literal is the first byte of a run that a dot ends.
    pub(super) dotted: Vec<(u8, u32)>,
    /// Rules whose literal stands before a run, by its last two bytes.
    pub(super) leads: Index,
    /// Those of them whose shape begins before their literal.
    pub(super) begin_earlier: Vec<u32>,
    /// Rules whose shape is a whole run.
    pub(super) insides: Vec<Inside>,
    /// Their places in `insides` by the length of the run.
    pub(super) wholes: Vec<Vec<usize>>,
}

impl Searcher {
    /// A search for the rules, and for the caller's literals.
    pub(crate) fn new<'a>(rules: &[Rule], given: impl Iterator<Item = &'a str>) -> Self {
        let mut searcher = Self {
            prefilter: Prefilter::new(&[]),
            literals: Vec::new(),
            starts: Index::default(),
            short_starts: Index::default(),
            dotted: Vec::new(),
            leads: Index::default(),
            begin_earlier: Vec::new(),
            insides: Vec::new(),
            wholes: vec![Vec::new(); MAX_WHOLE + 1],
        };
        let mut anywhere = Vec::new();
        for (number, rule) in (0..).zip(rules) {
            match &rule.0 {
                Inner::Builtin(spec) => searcher.add(number, spec, &mut anywhere),
                Inner::Custom(custom) => {
                    let literals = custom
                        .literals
                        .iter()
                        .map(|literal| literal.as_bytes().to_vec());
                    anywhere.extend(literals.map(|literal| (literal, Literal::Rule(number))));
                }
            }
        }
        let given = (0..).zip(given);
        anywhere.extend(
            given.map(|(number, literal)| (literal.as_bytes().to_vec(), Literal::Given(number))),
        );
        let (texts, literals): (Vec<_>, Vec<_>) = anywhere.into_iter().unzip();
        let numbered: Vec<_> = texts.into_iter().zip(0..).collect();
        searcher.prefilter = Prefilter::new(&numbered);
        searcher.literals = literals;
        searcher
    }

    /// Adds a built-in rule; `anywhere` takes its literals that are in no run.
    fn add(&mut self, rule: u32, spec: &Spec, anywhere: &mut Vec<(Vec<u8>, Literal)>) {
        // A value without a literal is found as a random run.
        if spec.group == Group::Keyword {
            return;
        }
        let head_in_run = spec.head.is_empty()
            || pattern::last_class(spec.head).is_none()
                && !spec.head.bytes().last().is_some_and(is_token);
        let lead = leading_run(spec.tail);
        let mut finders = Vec::new();
        for literal in spec.literals {
            let bytes = literal.as_bytes();
            let token = bytes.iter().all(|b| is_token(*b));
            let last = bytes.last().copied().unwrap_or_default();
            if token && head_in_run && bytes.len() + lead >= MIN_RUN {
                self.begins(rule, literal);
            } else if !is_token(last) && lead >= MIN_RUN && bytes.len() >= 2 {
                self.leads
                    .insert(pair([bytes[bytes.len() - 2], last]), literal, rule);
            } else if token && all_token(spec.head) && all_token(spec.tail) {
                self.whole(spec, bytes.len());
                finders.push((kinds::of(bytes), Finder::new(bytes)));
            } else {
                anywhere.push((bytes.to_vec(), Literal::Rule(rule)));
            }
        }
        if pattern::length(spec.head).1 > 0 {
            self.begin_earlier.push(rule);
        }
        if !finders.is_empty() {
            self.insides.push(Inside { rule, finders });
        }
    }

    /// A literal begins a run.
    fn begins(&mut self, rule: u32, literal: &'static str) {
        let bytes = literal.as_bytes();
        if let [one] = bytes {
            self.dotted.push((*one, rule));
        } else if let Some(head) = bytes.first_chunk() {
            self.starts.insert(u32::from_be_bytes(*head), literal, rule);
        } else {
            for head in continued(bytes) {
                self.short_starts.insert(head, literal, rule);
            }
        }
    }

    /// The shape with a literal of this length is a whole run.
    fn whole(&mut self, spec: &Spec, literal: usize) {
        let next = self.insides.len();
        let (low, high) = pattern::length(spec.head);
        let (tail_low, tail_high) = pattern::length(spec.tail);
        for length in low + literal + tail_low..=(high + literal + tail_high).min(MAX_WHOLE) {
            if !self.wholes[length].contains(&next) {
                self.wholes[length].push(next);
            }
        }
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
