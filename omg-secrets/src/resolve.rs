//! From hits to findings: which of two that overlap stays, where it is, what allows it.

use std::cmp::Reverse;
use std::ops::Range;

use crate::allow;
use crate::finding::{Finding, Fingerprint, Secret};
use crate::rules::{Confidence, Group, Rule, Severity};

/// Something found, before it is compared with its neighbours.
pub(crate) struct Hit {
    /// The number of its rule.
    pub rule: usize,
    pub span: Range<usize>,
    pub confidence: Confidence,
    /// Whether its severity is lowered.
    pub weak: bool,
    /// Whether the value stands in for a secret: reported only on request.
    pub stand_in: bool,
    /// The answer of a structure inside the value, if it has one.
    pub valid: Option<bool>,
    /// The secret, where the text holds an encoding of it.
    pub decoded: Option<Vec<u8>>,
}

impl Hit {
    pub(crate) fn new(rule: usize, span: Range<usize>, confidence: Confidence) -> Self {
        Self {
            rule,
            span,
            confidence,
            weak: false,
            stand_in: false,
            valid: None,
            decoded: None,
        }
    }
}

pub(crate) fn findings(rules: &[Rule], bytes: &[u8], mut hits: Vec<Hit>) -> Vec<Finding> {
    // The best of those that overlap first: own shape before keyword before generic, a specific
    // rule before one of the context, then the longer, then the order of the tables.
    let rank = |hit: &Hit| {
        let rule = &rules[hit.rule];
        (
            rule.group(),
            rule.precedence(),
            hit.stand_in,
            hit.valid == Some(false),
            Reverse(hit.span.len()),
            hit.rule,
        )
    };
    hits.sort_by_cached_key(|hit| (hit.span.start, rank(hit)));
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        let mut beaten = false;
        // Hits are short and sorted by start, so that only the last few can overlap.
        while let Some(last) = kept.last() {
            if last.span.end <= hit.span.start {
                break;
            }
            if rank(last) <= rank(&hit) {
                beaten = true;
                break;
            }
            kept.pop();
        }
        if !beaten {
            kept.push(hit);
        }
    }
    let mut position = Position::default();
    kept.into_iter()
        .map(|hit| finding(rules, bytes, hit, &mut position))
        .collect()
}

fn finding(rules: &[Rule], bytes: &[u8], hit: Hit, position: &mut Position) -> Finding {
    let rule = rules[hit.rule].clone();
    let (line, column) = position.of(bytes, hit.span.start);
    let text = hit.decoded.as_deref().unwrap_or(&bytes[hit.span.clone()]);
    let secret = Secret::new(text);
    let severity = if hit.stand_in {
        Severity::Low
    } else if hit.weak && (rule.group() != Group::Shape || hit.confidence == Confidence::Low) {
        rule.severity().lowered()
    } else {
        rule.severity()
    };
    Finding {
        fingerprint: Fingerprint::new(rule.id(), secret.expose()),
        allowed: allow::reason(bytes, hit.span.start, rule.id()),
        severity,
        confidence: if hit.stand_in {
            Confidence::Low
        } else {
            hit.confidence
        },
        span: hit.span,
        line,
        column,
        checksum_valid: hit.valid,
        rule,
        secret,
    }
}

/// Counts lines from one finding to the next, so that the whole is linear.
#[derive(Default)]
struct Position {
    at: usize,
    line: usize,
    line_start: usize,
    column_at: usize,
    column: usize,
}

impl Position {
    fn of(&mut self, bytes: &[u8], at: usize) -> (usize, usize) {
        let between = &bytes[self.at.min(at)..at];
        self.line += memchr::memchr_iter(b'\n', between).count();
        if let Some(last) = memchr::memrchr(b'\n', between) {
            self.line_start = self.at + last + 1;
            self.column_at = self.line_start;
            self.column = 0;
        }
        self.at = at;
        // Characters, not bytes: the continuation bytes of UTF-8 do not count.
        self.column += bytes[self.column_at.min(at)..at]
            .iter()
            .filter(|&&b| b & 0xC0 != 0x80)
            .count();
        self.column_at = at;
        (self.line + 1, self.column + 1)
    }
}
