//! Values with a shape of their own: does the text around a literal have it?

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::rules::edges::{left_edge, right_edge};
use crate::rules::pattern::{self, Piece};
use crate::rules::{Custom, Group, Spec};

/// The shape of a built-in rule. The expression is compiled at its first use.
pub(crate) struct Shape {
    pub(crate) spec: &'static Spec,
    regex: OnceLock<Option<Regex>>,
    pieces: Vec<Piece<'static>>,
    /// Bytes before and after a literal's start that a match can cover.
    before: usize,
    after: usize,
    last: Option<char>,
}

/// A text of the shape, and the literal in it.
pub(crate) struct Token {
    pub(crate) span: Range<usize>,
    literal: Range<usize>,
}

impl Token {
    /// The token without its literal.
    pub(crate) fn body(&self, bytes: &[u8]) -> Vec<u8> {
        let mut body = bytes[self.span.start..self.literal.start].to_vec();
        let behind = bytes.get(self.literal.end..self.span.end);
        body.extend_from_slice(behind.unwrap_or_default());
        body
    }

    /// Whether the token begins with its literal.
    pub(crate) fn begins_with_literal(&self) -> bool {
        self.span.start == self.literal.start
    }
}

impl Shape {
    pub(crate) fn new(spec: &'static Spec) -> Self {
        let longest = spec.literals.iter().map(|l| l.len()).max();
        Self {
            spec,
            regex: OnceLock::new(),
            pieces: pattern::pieces(spec.tail),
            before: pattern::length(spec.head).1,
            after: longest.unwrap_or_default() + pattern::length(spec.tail).1,
            last: pattern::last_class(spec.tail),
        }
    }

    /// The token around the rule's literal at `at`, where the rest of its shape is there too and
    /// no longer word goes on.
    pub(crate) fn around(&self, bytes: &[u8], at: usize) -> Option<Token> {
        let span = self.find(bytes, at)?;
        if !left_edge(bytes, span.start)
            || is_host(self.spec) && matches!(bytes[..span.start], [.., b'.' | b'-'])
            || !right_edge(bytes, span.end, self.last)
        {
            return None;
        }
        let literals = self.spec.literals.iter();
        let literal = literals
            .filter(|l| bytes[at..].starts_with(l.as_bytes()))
            .map(|l| l.len())
            .max()
            .unwrap_or_default();
        Some(Token {
            span,
            literal: at..at + literal,
        })
    }

    /// The first match that covers `at`.
    fn find(&self, bytes: &[u8], at: usize) -> Option<Range<usize>> {
        let here = &bytes[at..];
        let may_begin = |literal: &&str| {
            let behind = here.strip_prefix(literal.as_bytes());
            behind.is_some_and(|behind| pattern::may_begin(&self.pieces, behind))
        };
        if !self.spec.literals.iter().any(may_begin) {
            return None;
        }
        let regex = self.regex.get_or_init(|| build(self.spec)).as_ref()?;
        let low = at.saturating_sub(self.before);
        let high = bytes.len().min(at + self.after);
        let window = &bytes[low..high];
        let mut from = 0;
        while let Some(found) = regex.find_at(window, from) {
            if low + found.start() > at {
                return None;
            }
            if low + found.end() > at {
                return Some(low + found.start()..low + found.end());
            }
            from = found.start() + 1;
        }
        None
    }
}

fn build(spec: &Spec) -> Option<Regex> {
    let literals: Vec<String> = spec.literals.iter().map(|l| regex::escape(l)).collect();
    let anchor = if spec.head.is_empty() { "^" } else { "" };
    let pattern = format!(
        "{anchor}{}(?:{}){}",
        pattern::regex(spec.head),
        literals.join("|"),
        pattern::regex(spec.tail)
    );
    RegexBuilder::new(&pattern)
        .unicode(false)
        .dfa_size_limit(1 << 18)
        .build()
        .ok()
}

/// Whether the shape is the whole name of a host, which begins behind no further label.
fn is_host(spec: &Spec) -> bool {
    spec.group == Group::Identifier && spec.literals.iter().all(|l| l.contains('.'))
}

/// The secrets of an own rule whose match covers its literal at `at`.
pub(crate) fn own(custom: &Custom, bytes: &[u8], at: usize) -> impl Iterator<Item = Range<usize>> {
    let low = at.saturating_sub(256);
    let window = &bytes[low..bytes.len().min(at + 1024)];
    custom
        .regex
        .captures_iter(window)
        .filter_map(|captures| {
            let whole = captures.get(0)?;
            Some((whole, captures.get(1).unwrap_or(whole)))
        })
        .take_while(move |(whole, _)| low + whole.start() <= at)
        .filter(move |(whole, secret)| low + whole.end() > at && !secret.is_empty())
        .map(move |(_, secret)| low + secret.start()..low + secret.end())
}
