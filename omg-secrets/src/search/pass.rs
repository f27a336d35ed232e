//! One pass over bytes: the runs and the literals of the prefilter, and the rules that each leads to.

use std::ops::Range;

use super::prefilter;
use super::prefilter::kinds::{DASH, DIGIT, LOWER, UNDERSCORE, UPPER};
use super::searcher::{Literal, Searcher, pair};
use crate::rules::edges::left_edge;

/// A run longer than this is data: only its start is looked at.
const MAX_RUN: usize = 4096;

/// The receiver of the candidates of a pass.
pub(crate) trait Candidates {
    /// A literal of the rule stands at `at`, where its shape may begin or be within.
    fn literal(&mut self, rule: usize, at: usize);

    /// A run of token characters that may be random; with or without a digit.
    fn random(&mut self, run: Range<usize>, has_digit: bool);

    /// The caller's literal of this number stands at `at`.
    fn given(&mut self, number: usize, at: usize);
}

/// Whether runs that look like names of programs are candidates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Names {
    Passed,
    Told,
}

impl Searcher {
    /// Tells `candidates` of all that is found in `bytes`.
    pub(crate) fn pass(&self, bytes: &[u8], names: Names, candidates: &mut impl Candidates) {
        let mut pass = Pass {
            searcher: self,
            bytes,
            wanted: match names {
                Names::Passed => !NAMES,
                Names::Told => u32::MAX,
            },
            candidates,
        };
        self.prefilter.pass(bytes, &mut pass);
    }
}

struct Pass<'a, C> {
    searcher: &'a Searcher,
    bytes: &'a [u8],
    wanted: u32,
    candidates: &'a mut C,
}

impl<C: Candidates> prefilter::Visit for Pass<'_, C> {
    fn wanted(&self) -> u32 {
        self.wanted
    }

    fn run(&mut self, start: usize, end: usize, kinds: u8) {
        self.candidate(start, end, kinds);
    }

    fn literal(&mut self, number: u32, at: usize) {
        match self.searcher.literals.get(number as usize) {
            Some(Literal::Rule(rule)) => self.literal_of(*rule, at),
            Some(Literal::Given(number)) => self.candidates.given(*number as usize, at),
            None => {}
        }
    }
}

impl<C: Candidates> Pass<'_, C> {
    /// A run of token characters of these kinds.
    #[inline(never)]
    fn candidate(&mut self, start: usize, end: usize, kinds: u8) {
        let bytes = self.bytes;
        let run = &bytes[start..end.min(start + MAX_RUN)];
        self.prefixes(start);
        // After an escape the run begins one or two characters later.
        let before = start.checked_sub(1).map(|at| bytes[at]);
        match before {
            Some(b'\\') if matches!(run[0], b'n' | b'r' | b't') => self.prefixes(start + 1),
            Some(b'%') => self.prefixes(start + 2),
            _ => {}
        }
        if kinds & DASH != 0 {
            for dash in memchr::memchr_iter(b'-', &run[..run.len().min(64)]) {
                self.prefixes(start + dash + 1);
            }
        }
        if bytes.get(end) == Some(&b'.') {
            for (first, rule) in &self.searcher.dotted {
                if run[0] == *first {
                    self.literal_of(*rule, start);
                }
            }
        }
        self.leads(start);
        let length = end - start;
        if length > MAX_RUN {
            return;
        }
        if kinds & DIGIT != 0
            && let Some(insides) = self.searcher.wholes.get(length)
        {
            for inside in insides {
                self.whole(*inside, start, end, kinds);
            }
        }
        let is_member = before == Some(b'.') && kinds & DIGIT == 0;
        let is_called = bytes.get(end) == Some(&b'(');
        if mixed(kinds, length) && !is_name(kinds, before) && !is_member && !is_called {
            self.candidates.random(start..end, kinds & DIGIT != 0);
        }
    }

    fn literal_of(&mut self, rule: u32, at: usize) {
        self.candidates.literal(rule as usize, at);
    }

    /// The rules whose literal stands before a run.
    #[inline(always)]
    fn leads(&mut self, start: usize) {
        let bytes = self.bytes;
        if start < 2 {
            return;
        }
        let lead = pair([bytes[start - 2], bytes[start - 1]]);
        for (literal, rule) in self.searcher.leads.get(lead) {
            // The last two are those of the key.
            let more = &literal[..literal.len() - 2];
            if bytes[..start - 2].ends_with(more) {
                self.lead(*rule, start - literal.len());
            }
        }
    }

    /// A literal that stands before a run, and is no part of a longer word, unless the shape has
    /// more before it.
    #[inline(never)]
    fn lead(&mut self, rule: u32, at: usize) {
        if self.searcher.begin_earlier.contains(&rule) || left_edge(self.bytes, at) {
            self.literal_of(rule, at);
        }
    }

    /// A whole run that may be of a shape with its literal inside.
    fn whole(&mut self, inside: usize, start: usize, end: usize, kinds: u8) {
        let searcher = self.searcher;
        let Some(inside) = searcher.insides.get(inside) else {
            return;
        };
        for (needed, finder) in &inside.finders {
            if kinds & needed != *needed {
                continue;
            }
            for found in finder.find_iter(&self.bytes[start..end]) {
                self.literal_of(inside.rule, start + found);
            }
        }
    }

    /// The rules whose literal stands at `at`, where a token may begin.
    #[inline(always)]
    fn prefixes(&mut self, at: usize) {
        let searcher = self.searcher;
        let Some(first) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            return;
        };
        let four = u32::from_be_bytes(*first);
        if searcher.starts.may_have(four) | searcher.short_starts.may_have(four >> 8) {
            self.known_prefixes(at, four);
        }
    }

    #[cold]
    fn known_prefixes(&mut self, at: usize, four: u32) {
        let searcher = self.searcher;
        let rules = searcher.starts.get(four).iter();
        for (literal, rule) in rules.chain(searcher.short_starts.get(four >> 8)) {
            if self.bytes[at..].starts_with(literal) {
                self.literal_of(*rule, at);
            }
        }
    }
}

/// The sets of kinds that names of programs have: letters in one case, no digit, and marks between
/// words. Most runs are such. Random characters that have marks have both cases.
const NAMES: u32 = {
    let mut names = 0;
    let mut kinds = 0;
    while kinds < 32 {
        let one_case = kinds & (LOWER | UPPER) != LOWER | UPPER;
        if one_case && kinds & DIGIT == 0 && kinds & (UNDERSCORE | DASH) != 0 {
            names |= 1 << kinds;
        }
        kinds += 1;
    }
    names
};

/// Letters and digits, or so many letters that they may be random.
fn mixed(kinds: u8, length: usize) -> bool {
    kinds & (LOWER | UPPER) != 0 && (kinds & DIGIT != 0 || length >= 24 && kinds & UNDERSCORE == 0)
}

/// Written in one case and with underscores, and not in quotes: the name of something.
fn is_name(kinds: u8, before: Option<u8>) -> bool {
    kinds & UNDERSCORE != 0
        && kinds & (LOWER | UPPER) != LOWER | UPPER
        && !matches!(before, Some(b'"' | b'\'' | b'`'))
}
