//! From hits to findings: which of two that overlap stays, where it is, what allows it.

use crate::finding::{Finding, Fingerprint, Secret};
use crate::rules::{Confidence, Group, Severity};
use crate::scanner::engine::{Engine, Hit};

pub(crate) fn findings(engine: &Engine, bytes: &[u8], mut hits: Vec<Hit>) -> Vec<Finding> {
    // The best of those that overlap first: own shape before keyword before generic, then
    // the longer, then the order of the tables.
    let rank = |hit: &Hit| {
        let rule = &engine.rules()[hit.rule];
        let loose = matches!(
            rule.id(),
            "uri-password"
                | "http-bearer-token"
                | "http-basic-credentials"
                | "command-line-password"
                | "connection-string-password"
                | "kubernetes-secret"
                | "netrc-password"
                | "npm-legacy-token"
                | "aws-secret-access-key"
        );
        (
            rule.group(),
            loose,
            hit.stand_in,
            hit.valid == Some(false),
            std::cmp::Reverse(hit.span.len()),
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
        .map(|hit| finding(engine, bytes, hit, &mut position))
        .collect()
}

fn finding(engine: &Engine, bytes: &[u8], hit: Hit, position: &mut Position) -> Finding {
    let rule = engine.rules()[hit.rule].clone();
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
        allowed: crate::allow::reason(bytes, hit.span.start, rule.id()),
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
