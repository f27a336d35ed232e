//! Values with a shape of their own: does what stands at a literal have it?

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::Hit;
use super::search::Search;
use crate::classify::entropy::{Makeup, shannon, wordy};
use crate::classify::placeholder;
use crate::classify::structure;
use crate::rules::pattern;
use crate::rules::{Check, Confidence, Group, Spec};
use crate::text::holds;

/// How far around a value a word of its rule may stand.
const NEAR: usize = 200;

impl Search<'_> {
    /// The rule's literal stands at `at`: does the rest of its shape?
    pub(super) fn shape(&mut self, rule: u32, at: usize) {
        let number = rule as usize;
        let compiled = &self.engine.compiled[number];
        let Some(spec) = compiled.spec else {
            return self.own(number, at);
        };
        let here = &self.bytes[at..];
        let may_begin = |literal: &&str| {
            let behind = here.strip_prefix(literal.as_bytes());
            behind.is_some_and(|behind| pattern::may_begin(&compiled.pieces, behind))
        };
        if !spec.literals.iter().any(may_begin) {
            return;
        }
        let regex = compiled.regex.get_or_init(|| build(spec));
        let Some(regex) = regex else {
            return;
        };
        let low = at.saturating_sub(compiled.before);
        let high = self.bytes.len().min(at + compiled.after);
        let window = &self.bytes[low..high];
        let mut from = 0;
        while let Some(found) = regex.find_at(window, from) {
            if low + found.start() > at {
                return;
            }
            if low + found.end() > at {
                return self.matched(number, spec, low + found.start()..low + found.end(), at);
            }
            from = found.start() + 1;
        }
    }

    /// A whole run that may be of a shape with its literal inside.
    pub(super) fn whole(&mut self, rule: u32, start: usize, end: usize, kinds: u8) {
        let compiled = &self.engine.compiled[rule as usize];
        for (needed, finder) in &compiled.finders {
            if kinds & needed != *needed {
                continue;
            }
            for found in finder.find_iter(&self.bytes[start..end]) {
                self.shape(rule, start + found);
            }
        }
    }

    pub(super) fn matched(
        &mut self,
        number: usize,
        spec: &'static Spec,
        span: Range<usize>,
        at: usize,
    ) {
        let bytes = self.bytes;
        let last = self.engine.compiled[number].last;
        if !left_edge(bytes, span.start)
            || is_host(spec) && matches!(bytes[..span.start], [.., b'.' | b'-'])
            || !right_edge(bytes, span.end, last)
        {
            return;
        }
        let token = &bytes[span.clone()];
        let literal = spec
            .literals
            .iter()
            .filter(|l| bytes[at..].starts_with(l.as_bytes()))
            .map(|l| l.len())
            .max()
            .unwrap_or_default();
        let mut body = bytes[span.start..at].to_vec();
        body.extend_from_slice(bytes.get(at + literal..span.end).unwrap_or_default());
        if spec.id.starts_with("aws-") && span.start == at && span.len() == 20 {
            self.aws_pair(span.end);
        }
        let judged = spec.group != Group::Identifier && body.len() >= 8;
        let stand_in = judged && (placeholder::token(&body) || made_of_words(&body, spec));
        if stand_in && !self.engine.stand_ins
            || !spec.words.is_empty() && !self.near(&span, spec.words)
        {
            return;
        }
        self.push_checked(number, spec, span.clone(), token, stand_in);
    }

    /// The secret behind an access key id that ends at `end`: `id:secret`, `id,secret`.
    pub(super) fn aws_pair(&mut self, end: usize) {
        let bytes = self.bytes;
        let rest = &bytes[end..bytes.len().min(end + 60)];
        let gap = rest.iter().take_while(|b| b"\"':,;|=\t ".contains(b));
        let start = gap.count();
        let value = rest[start..].iter();
        let length = value
            .take_while(|b| b.is_ascii_alphanumeric() || b"+/".contains(b))
            .count();
        let Some(value) = rest.get(start..start + 40).filter(|_| length == 40) else {
            return;
        };
        let makeup = Makeup::of(value);
        let random = makeup.digit > 0 && makeup.lower + makeup.upper > 0 && shannon(value) > 3.0;
        if (1..12).contains(&start) && random && !placeholder::token(value) {
            let span = end + start..end + start + 40;
            self.push("aws-secret-access-key", span, Confidence::High, false, None);
        }
    }

    pub(super) fn near(&self, span: &Range<usize>, words: &[&str]) -> bool {
        let low = span.start.saturating_sub(NEAR);
        let high = self.bytes.len().min(span.end + NEAR / 2);
        words.iter().any(|word| {
            holds(&self.bytes[low..span.start], word) || holds(&self.bytes[span.end..high], word)
        })
    }

    pub(super) fn push_checked(
        &mut self,
        number: usize,
        spec: &Spec,
        span: Range<usize>,
        token: &[u8],
        stand_in: bool,
    ) {
        let valid = structure::judge(spec.check, token);
        // What only a structure makes a token is none without it.
        if matches!(spec.check, Check::Jwt | Check::Arn | Check::Assigned) && valid == Some(false) {
            return;
        }
        let confidence = match valid {
            Some(true) => Confidence::High,
            Some(false) if spec.confidence == Confidence::High => Confidence::Medium,
            Some(false) => Confidence::Low,
            None => spec.confidence,
        };
        self.hits.push(Hit {
            rule: number,
            span,
            confidence,
            weak: false,
            stand_in,
            valid,
            decoded: None,
        });
    }

    pub(super) fn own(&mut self, number: usize, at: usize) {
        let Some(custom) = &self.engine.compiled[number].custom else {
            return;
        };
        let low = at.saturating_sub(256);
        let window = &self.bytes[low..self.bytes.len().min(at + 1024)];
        for captures in custom.regex.captures_iter(window) {
            let Some(whole) = captures.get(0) else {
                continue;
            };
            if low + whole.start() > at {
                return;
            }
            let secret = captures.get(1).unwrap_or(whole);
            let random = shannon(secret.as_bytes()) >= custom.min_entropy;
            if low + whole.end() > at && random && !secret.is_empty() {
                let span = low + secret.start()..low + secret.end();
                self.hits.push(Hit {
                    rule: number,
                    span,
                    confidence: Confidence::Medium,
                    weak: false,
                    stand_in: false,
                    valid: None,
                    decoded: None,
                });
                return;
            }
        }
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

pub(super) fn left_edge(bytes: &[u8], start: usize) -> bool {
    let first = bytes.get(start).copied().unwrap_or_default();
    let Some(before) = start.checked_sub(1).map(|at| bytes[at]) else {
        return true;
    };
    if !(before.is_ascii_alphanumeric() || before == b'_')
        || !(first.is_ascii_alphanumeric() || first == b'_')
    {
        return true;
    }
    // An escape, a percent encoding, or the word `bot` in the path of a request.
    let two = start.checked_sub(2).map(|at| bytes[at]);
    let three = start.checked_sub(3).map(|at| bytes[at]);
    matches!(before, b'n' | b'r' | b't') && two == Some(b'\\')
        || before.is_ascii_hexdigit() && three == Some(b'%')
        || bytes[..start].ends_with(b"/bot")
}

pub(super) fn right_edge(bytes: &[u8], end: usize, last: Option<char>) -> bool {
    let Some(&next) = bytes.get(end) else {
        return true;
    };
    match last {
        None => !next.is_ascii_alphanumeric(),
        Some('v') => true,
        Some('w' | 's' | 'j' | 'e' | 'z') => {
            !(next.is_ascii_alphanumeric() || next == b'_' || next == b'-')
        }
        Some('b' | 'p' | 'c') => !(next.is_ascii_alphanumeric() || next == b'/' || next == b'+'),
        Some(_) => !(next.is_ascii_alphanumeric() || next == b'_'),
    }
}

/// Letters only, and words: the name of something that happens to have the right length.
fn made_of_words(body: &[u8], spec: &Spec) -> bool {
    let makeup = Makeup::of(body);
    let short = spec.literals.iter().all(|literal| literal.len() < 6);
    short && makeup.digit == 0 && makeup.lower > 0 && wordy(body)
}
