//! One pass over bytes: the runs, the literals, and base64 that holds text.

use std::ops::Range;

use super::index::pair;
use super::shapes::left_edge;
use super::{Engine, Hit, Sign, USER_NAME};
use crate::classify::entropy::wordy;
use crate::extract::uri::Found;
use crate::extract::{fields, login, pem, uri};
use crate::rules::Confidence;
use crate::search::prefilter::Visit;
use crate::search::prefilter::kinds::{DASH, DIGIT, LOWER, UNDERSCORE, UPPER};
use crate::text::encoding;

/// A run longer than this is data: only its start is looked at.
const MAX_RUN: usize = 4096;

/// The longest base64 text that is looked into at once.
const MAX_ENCODED: usize = 64 << 10;

/// Of a longer one, so much is looked into again with what follows.
const OVERLAP: usize = 8 << 10;

pub(super) struct Search<'a> {
    pub(super) engine: &'a Engine,
    pub(super) bytes: &'a [u8],
    pub(super) hits: Vec<Hit>,
    pub(super) nested: bool,
    /// The name that was looked at last: two of its words may be signs.
    pub(super) last_name: usize,
    /// Kubernetes documents up to here have been read.
    pub(super) document_to: usize,
    /// Base64 up to here has been looked into.
    pub(super) encoded_to: usize,
}

impl Search<'_> {
    pub(super) fn run(&mut self) {
        self.engine.prefilter.pass(self.bytes, self);
    }

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
            for (first, rule) in &self.engine.dotted {
                if run[0] == *first {
                    self.shape(*rule, start);
                }
            }
        }
        if start >= 2 {
            let lead = pair([bytes[start - 2], bytes[start - 1]]);
            for (literal, rule) in self.engine.leads.get(lead) {
                // The last two are those of the key.
                let more = &literal[..literal.len() - 2];
                if bytes[..start - 2].ends_with(more) {
                    self.lead(*rule, start - literal.len());
                }
            }
        }
        let length = end - start;
        if length > MAX_RUN {
            return;
        }
        if kinds & DIGIT != 0
            && let Some(rules) = self.engine.wholes.get(length)
        {
            for rule in rules {
                self.whole(*rule, start, end, kinds);
            }
        }
        let is_member = before == Some(b'.') && kinds & DIGIT == 0;
        let is_called = bytes.get(end) == Some(&b'(');
        if mixed(kinds, length) && !is_name(kinds, before) && !is_member && !is_called {
            self.random(start, end, kinds);
        }
    }

    /// A literal that stands before a run, and is no part of a longer word, unless the shape has
    /// more before it.
    #[inline(never)]
    fn lead(&mut self, rule: u32, at: usize) {
        let begins_earlier = self.engine.compiled[rule as usize].before > 0;
        if begins_earlier || left_edge(self.bytes, at) {
            self.shape(rule, at);
        }
    }

    /// A run that looks random, until it is read.
    #[inline(never)]
    fn random(&mut self, start: usize, end: usize, kinds: u8) {
        // Most without a digit are long names. A password made of words is found by its name, where
        // that is one of the signs.
        if kinds & DIGIT != 0 || !wordy(&self.bytes[start..end]) {
            self.named(start, end);
        }
        self.encoded(start, end);
    }

    /// The rules whose literal stands at `at`, where a token may begin.
    #[inline(always)]
    fn prefixes(&mut self, at: usize) {
        let engine = self.engine;
        let Some(first) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            return;
        };
        let four = u32::from_be_bytes(*first);
        if engine.starts.may_have(four) | engine.short_starts.may_have(four >> 8) {
            self.known_prefixes(at, four);
        }
    }

    #[cold]
    fn known_prefixes(&mut self, at: usize, four: u32) {
        let engine = self.engine;
        let rules = engine.starts.get(four).iter();
        for (literal, rule) in rules.chain(engine.short_starts.get(four >> 8)) {
            if self.bytes[at..].starts_with(literal) {
                self.shape(*rule, at);
            }
        }
    }

    /// Looks into base64 that holds text. No byte is decoded twice, but for [`OVERLAP`].
    pub(super) fn encoded(&mut self, start: usize, end: usize) {
        if self.nested || end - start < 24 || start < self.encoded_to {
            return;
        }
        let bytes = self.bytes;
        if !encoding::begins_with_text(&bytes[start..start + 24]) {
            return;
        }
        let most = bytes.len().min(start + MAX_ENCODED);
        let mut length = encoding::base64_length(&bytes[start..most]);
        self.encoded_to = start + length;
        if length == MAX_ENCODED {
            self.encoded_to -= OVERLAP;
        }
        // One character alone encodes nothing.
        length -= usize::from(length % 4 == 1);
        let whole = &bytes[start..start + length];
        let Some(text) = encoding::base64(whole) else {
            return;
        };
        let mut inner = Search {
            engine: self.engine,
            bytes: &text,
            hits: Vec::new(),
            nested: true,
            last_name: usize::MAX,
            document_to: 0,
            encoded_to: 0,
        };
        inner.run();
        for hit in inner.hits {
            let secret = hit
                .decoded
                .unwrap_or_else(|| text[hit.span.clone()].to_vec());
            self.hits.push(Hit {
                span: start..start + whole.len(),
                decoded: Some(secret),
                ..hit
            });
        }
    }

    fn sign(&mut self, sign: Sign, at: usize) {
        let bytes = self.bytes;
        match sign {
            Sign::Rule(rule) => self.shape(rule, at),
            Sign::Pem => {
                if let Some(key) = pem::find(bytes, at) {
                    let google = fields::service_account(bytes, key.span.start);
                    let rule = if google {
                        "google-service-account"
                    } else {
                        key.rule
                    };
                    self.push(rule, key.span, key.confidence, false, key.valid);
                }
            }
            Sign::Uri => self.push_found(uri::userinfo(bytes, at)),
            Sign::Authorization => {
                let from = at + usize::from(bytes[at] == b':') * 2;
                self.push_found(uri::authorization(bytes, from));
            }
            Sign::Netrc => self.push_found(uri::netrc(bytes, at)),
            Sign::Pgpass => self.push_found(uri::pgpass(bytes, at)),
            Sign::Password => {
                let before = bytes[at.saturating_sub(4)..at].trim_ascii_end();
                if before.ends_with(b";") || bytes[..at].ends_with(b"\"") {
                    self.push_found(uri::connection_string(bytes, at));
                }
                if self.engine.names {
                    self.name(at);
                }
            }
            // A window is read once, however often the words stand in it.
            Sign::Kubernetes if at >= self.document_to => {
                self.document_to = at + fields::MAX_DOCUMENT / 2;
                for found in fields::kubernetes(bytes, at) {
                    self.push_found(Some(found));
                }
            }
            Sign::Kubernetes => {}
            Sign::DockerAuth => self.push_found(fields::docker_auth(bytes, at)),
            Sign::Prose => self.push_found(fields::prose(bytes, at)),
            Sign::Argument(which) => self.push_found(fields::argument(bytes, at, which)),
            Sign::JenkinsSetup => self.push_found(fields::jenkins_setup(bytes, at)),
            Sign::Unseal => self.push_found(fields::unseal_key(bytes, at)),
            Sign::Command(program) => {
                self.push_found(uri::command_line(bytes, at, program));
                self.push_user(login::command_line(bytes, at, program));
            }
            Sign::Name => self.name(at),
        }
    }

    pub(super) fn push(
        &mut self,
        id: &str,
        span: Range<usize>,
        confidence: Confidence,
        weak: bool,
        valid: Option<bool>,
    ) {
        if let Some(&rule) = self.engine.ids.get(id) {
            self.hits.push(Hit {
                rule,
                span,
                confidence,
                weak,
                stand_in: false,
                valid,
                decoded: None,
            });
        }
    }

    pub(super) fn push_stand_in(&mut self, id: &str, span: Range<usize>) {
        let before = self.hits.len();
        self.push(id, span, Confidence::Low, true, None);
        for hit in self.hits.iter_mut().skip(before) {
            hit.stand_in = true;
        }
    }

    pub(super) fn push_user(&mut self, name: Option<Range<usize>>) {
        if let Some(name) = name {
            self.push(USER_NAME, name, Confidence::Low, false, None);
        }
    }

    pub(super) fn push_found(&mut self, found: Option<Found>) {
        if let Some(found) = found {
            self.push(
                found.rule,
                found.span,
                found.confidence,
                found.weak,
                found.valid,
            );
        }
    }
}

impl Visit for Search<'_> {
    fn wanted(&self) -> u32 {
        if self.engine.stand_ins {
            u32::MAX
        } else {
            !NAMES
        }
    }

    fn run(&mut self, start: usize, end: usize, kinds: u8) {
        self.candidate(start, end, kinds);
    }

    fn literal(&mut self, number: u32, at: usize) {
        if let Some(sign) = self.engine.signs.get(number as usize) {
            self.sign(*sign, at);
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

#[cfg(test)]
mod tests {
    use crate::Scanner;

    #[test]
    fn base64_is_looked_into_once_wherever_its_runs_begin() {
        // A plus sign ends a run, so that the next one begins within the same base64.
        let blank = "ICAgICAgICAgICAgICAgICAgfn5+";
        // ` password = "Vq7xTz9Rw3Lm" `
        let secret = "IHBhc3N3b3JkID0gIlZxN3hUejlSdzNMbSIg";
        let engine = &Scanner::builder().build().unwrap().engine;
        let generic = |text: &str| {
            let hits = engine.hits(text.as_bytes());
            let password = |rule: usize| engine.rules()[rule].id() == "generic-password";
            hits.iter().filter(|hit| password(hit.rule)).count()
        };
        for before in [0, 1, 100] {
            let text = format!("{}{secret}{}", blank.repeat(before), blank.repeat(9));
            assert_eq!(generic(&text), 1, "{before}");
        }
        // Over more than is looked into at once, at its end and at the start of the next.
        for before in [2_000, 2_300, 2_340, 2_341, 5_000] {
            let text = format!("{}{secret}{}", blank.repeat(before), blank.repeat(9));
            let found = generic(&text);
            assert!((1..=2).contains(&found), "{before}: {found}");
        }
    }
}
