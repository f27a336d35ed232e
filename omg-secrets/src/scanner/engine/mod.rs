//! The engine: from bytes to hits, every step linear and bounded.

mod index;
mod named;
mod search;
mod shapes;
mod signs;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use self::index::Index;
use self::search::Search;
use self::signs::Sign;
use crate::rules::pattern::{self, Piece};
use crate::rules::{Confidence, Custom, Group, Inner, Rule, Spec};
use crate::search::prefilter::Prefilter;

/// The rule for the name of a user beside a password.
const USER_NAME: &str = "user-name-beside-password";

/// Something found, before it is compared with its neighbours.
pub(crate) struct Hit {
    pub rule: usize,
    pub span: Range<usize>,
    pub confidence: Confidence,
    pub weak: bool,
    /// It stands where a secret would be: reported only on request.
    pub stand_in: bool,
    pub valid: Option<bool>,
    /// The secret, where the text holds an encoding of it.
    pub decoded: Option<Vec<u8>>,
}

pub(crate) struct Engine {
    rules: Vec<Rule>,
    compiled: Vec<Compiled>,
    ids: HashMap<&'static str, usize>,
    /// Rules whose literal begins a run, by its first four bytes.
    starts: Index,
    /// The same for shorter literals, by the first three.
    short_starts: Index,
    /// Rules whose literal is the first byte of a run that a dot ends.
    dotted: Vec<(u8, u32)>,
    /// Rules whose literal stands before a run, by its last two bytes.
    leads: Index,
    /// Rules whose shape is a whole run of some length.
    wholes: Vec<Vec<u32>>,
    /// Keyword rules by the length of their value.
    keywords: Vec<Vec<Keyword>>,
    prefilter: Prefilter,
    signs: Vec<Sign>,
    generic: bool,
    /// Whether the names of users beside passwords are looked for.
    users: bool,
    /// Whether names of secrets are looked for.
    names: bool,
    /// Whether values that stand where a secret would be are reported.
    stand_ins: bool,
}

impl Engine {
    pub(super) fn new(rules: Vec<Rule>, stand_ins: bool) -> Self {
        let mut engine = Self {
            ids: HashMap::new(),
            compiled: rules.iter().map(compile).collect(),
            starts: Index::default(),
            short_starts: Index::default(),
            dotted: Vec::new(),
            leads: Index::default(),
            wholes: vec![Vec::new(); 129],
            keywords: vec![Vec::new(); 129],
            prefilter: Prefilter::new(&[]),
            signs: Vec::new(),
            users: false,
            names: false,
            stand_ins,
            generic: rules.iter().any(|rule| rule.group() == Group::Generic),
            rules,
        };
        let mut literals = Vec::new();
        for at in 0..engine.rules.len() {
            engine.index(at, &mut literals);
        }
        engine.special_signs(&mut literals);
        engine.prefilter = Prefilter::new(&literals);
        engine
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Everything found in `bytes`, in no order, with overlaps.
    pub(crate) fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut search = Search {
            engine: self,
            bytes,
            hits: Vec::new(),
            nested: false,
            last_name: usize::MAX,
            document_to: 0,
            encoded_to: 0,
        };
        search.run();
        search.hits
    }
}

/// What mostly tells that a keyword rule has nothing to say of a value.
#[derive(Clone, Copy)]
struct Keyword {
    rule: u32,
    /// The class that all of the value is in, or zero for another shape.
    class: u16,
    /// One of its words, and the letters of it.
    word: &'static str,
    letters: u32,
}

struct Compiled {
    spec: Option<&'static Spec>,
    custom: Option<std::sync::Arc<Custom>>,
    regex: OnceLock<Option<Regex>>,
    pieces: Vec<Piece<'static>>,
    /// Bytes before and after a literal's start that a match can cover.
    before: usize,
    after: usize,
    last: Option<char>,
    /// Its literals, where they stand inside of a run, and the kinds of bytes that each has.
    finders: Vec<(u8, Finder<'static>)>,
}

fn compile(rule: &Rule) -> Compiled {
    let (spec, custom) = match &rule.0 {
        Inner::Builtin(spec) => (Some(*spec), None),
        Inner::Custom(custom) => (None, Some(custom.clone())),
    };
    let longest = spec.map_or(0, |s| {
        s.literals.iter().map(|l| l.len()).max().unwrap_or_default()
    });
    let (head, tail) = spec.map_or(("", ""), |spec| (spec.head, spec.tail));
    Compiled {
        spec,
        custom,
        regex: OnceLock::new(),
        pieces: pattern::pieces(tail),
        before: pattern::length(head).1,
        after: longest + pattern::length(tail).1,
        last: pattern::last_class(tail),
        finders: Vec::new(),
    }
}
