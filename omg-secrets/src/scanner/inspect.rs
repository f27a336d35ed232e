//! From bytes to hits: each candidate of the search is parsed, and the parsed value judged.
//! Every step is linear and bounded.

use std::ops::Range;

use super::engine::{Engine, Form};
use super::signs::Sign;
use crate::classify::entropy::{shannon, wordy};
use crate::classify::{Found, access, document, private_key, provider, token, user};
use crate::extract::{
    call, command, connection, document as documents, header, pair, passfile, pem, prose, uri,
};
use crate::resolve::Hit;
use crate::rules::{Confidence, Spec};
use crate::search::{Candidates, Shape, own};
use crate::text::encoding;

/// The longest base64 text that is looked into at once.
const MAX_ENCODED: usize = 64 << 10;

/// Of a longer one, so much is looked into again with what follows.
const OVERLAP: usize = 8 << 10;

/// Everything found in `bytes`, in no order, with overlaps.
pub(super) fn hits(engine: &Engine, bytes: &[u8]) -> Vec<Hit> {
    let mut inspection = Inspection::new(engine, bytes);
    inspection.run();
    inspection.hits
}

pub(super) struct Inspection<'a> {
    pub(super) engine: &'a Engine,
    pub(super) bytes: &'a [u8],
    hits: Vec<Hit>,
    nested: bool,
    /// The name that was looked at last: two of its words may be signs.
    pub(super) last_name: usize,
    /// Kubernetes documents up to here have been read.
    document_to: usize,
    /// Base64 up to here has been looked into.
    encoded_to: usize,
}

impl Candidates for Inspection<'_> {
    fn literal(&mut self, rule: usize, at: usize) {
        match &self.engine.forms[rule] {
            Form::Shape(shape) => self.shape(rule, shape, at),
            Form::Own(custom) => {
                let bytes = self.bytes;
                let random =
                    |span: &Range<usize>| shannon(&bytes[span.clone()]) >= custom.min_entropy;
                if let Some(span) = own(custom, bytes, at).find(random) {
                    self.hits.push(Hit::new(rule, span, Confidence::Medium));
                }
            }
        }
    }

    #[inline(never)]
    fn random(&mut self, run: Range<usize>, has_digit: bool) {
        // Most without a digit are long names. A password made of words is found by its name, where
        // that is one of the signs.
        if has_digit || !wordy(&self.bytes[run.clone()]) {
            self.named(run.start, run.end);
        }
        self.encoded(run.start, run.end);
    }

    fn given(&mut self, number: usize, at: usize) {
        if let Some(sign) = self.engine.signs.get(number) {
            self.sign(*sign, at);
        }
    }
}

impl<'a> Inspection<'a> {
    fn new(engine: &'a Engine, bytes: &'a [u8]) -> Self {
        Self {
            engine,
            bytes,
            hits: Vec::new(),
            nested: false,
            last_name: usize::MAX,
            document_to: 0,
            encoded_to: 0,
        }
    }

    fn run(&mut self) {
        let engine = self.engine;
        engine.searcher.pass(self.bytes, engine.told(), self);
    }

    /// The rule's literal stands at `at`: does the rest of its shape?
    fn shape(&mut self, rule: usize, shape: &Shape, at: usize) {
        let (bytes, spec) = (self.bytes, shape.spec);
        let Some(found) = shape.around(bytes, at) else {
            return;
        };
        let key_id = spec.id.starts_with("aws-") && found.begins_with_literal();
        if key_id
            && found.span.len() == 20
            && let Some(secret) = pair::behind(bytes, found.span.end)
        {
            self.push(provider::aws_pair(bytes, secret));
        }
        let stand_in = token::stands_in(spec, &found.body(bytes));
        if stand_in && !self.engine.stand_ins || !token::is_near_a_word(spec, bytes, &found.span) {
            return;
        }
        self.checked(rule, spec, found.span, stand_in);
    }

    /// A token of the rule, unless the rule's check refuses it.
    pub(super) fn checked(&mut self, rule: usize, spec: &Spec, span: Range<usize>, stand_in: bool) {
        if let Some((confidence, valid)) = token::checked(spec, &self.bytes[span.clone()]) {
            self.hits.push(Hit {
                stand_in,
                valid,
                ..Hit::new(rule, span, confidence)
            });
        }
    }

    /// Looks into base64 that holds text. No byte is decoded twice, but for [`OVERLAP`].
    fn encoded(&mut self, start: usize, end: usize) {
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
        let mut inner = Inspection::new(self.engine, &text);
        inner.nested = true;
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
            Sign::Pem => self.private_key(at),
            Sign::Uri => {
                let parts = uri::userinfo(bytes, at);
                self.push(parts.and_then(|parts| access::userinfo(bytes, &parts)));
            }
            Sign::Authorization => {
                let from = at + usize::from(bytes[at] == b':') * 2;
                let parts = header::authorization(bytes, from);
                self.push(parts.and_then(|parts| access::authorization(bytes, &parts)));
            }
            Sign::Netrc => {
                let value = passfile::netrc(bytes, at);
                self.push(value.and_then(|value| access::netrc(bytes, value)));
            }
            Sign::Pgpass => {
                let value = passfile::pgpass(bytes, at);
                self.push(value.and_then(|value| access::pgpass(bytes, value)));
            }
            Sign::Password => self.password(at),
            Sign::Kubernetes => self.kubernetes(at),
            Sign::RegistryAuth => {
                let value = documents::registry_auth(bytes, at);
                self.push(value.and_then(|value| document::registry_auth(bytes, at, value)));
            }
            Sign::Prose => {
                let value = prose::password(bytes, at);
                self.push(value.and_then(|value| document::prose(bytes, value)));
            }
            Sign::Argument(which) => {
                let value = call::argument(bytes, at, which);
                self.push(value.and_then(|value| document::argument(bytes, value, which)));
            }
            Sign::JenkinsSetup => {
                let lines = prose::lines_of_hex(bytes, at);
                self.push(document::jenkins_setup(bytes, lines));
            }
            Sign::Unseal => {
                let value = prose::unseal_key(bytes, at);
                self.push(value.and_then(|value| document::unseal_key(bytes, value)));
            }
            Sign::Command(program) => {
                let password = command::password(bytes, at, program);
                self.push(password.and_then(|password| access::command_line(bytes, password)));
                let name = command::user(bytes, at, program);
                self.push(name.and_then(|name| user::given(bytes, name)));
            }
            Sign::Name => self.name(at),
        }
    }

    fn private_key(&mut self, at: usize) {
        let armour = pem::private_key(self.bytes, at);
        let Some(mut key) = armour.and_then(|armour| private_key::private_key(&armour)) else {
            return;
        };
        if documents::within_service_account(self.bytes, key.span.start) {
            key.rule = "google-service-account";
        }
        self.push(Some(key));
    }

    /// A word for a password stands at `at`, perhaps as a key of a connection string.
    fn password(&mut self, at: usize) {
        let bytes = self.bytes;
        let before = bytes[at.saturating_sub(4)..at].trim_ascii_end();
        if before.ends_with(b";") || bytes[..at].ends_with(b"\"") {
            let value = connection::password(bytes, at);
            self.push(value.and_then(|value| access::connection_string(bytes, value)));
        }
        if self.engine.names {
            self.name(at);
        }
    }

    fn kubernetes(&mut self, at: usize) {
        // A window is read once, however often the words stand in it.
        if at < self.document_to {
            return;
        }
        self.document_to = at + documents::MAX_DOCUMENT / 2;
        for entry in documents::kubernetes(self.bytes, at) {
            self.push(document::kubernetes_secret(self.bytes, &entry));
        }
    }

    /// Adds a value that was judged, if its rule is switched on.
    pub(super) fn push(&mut self, found: Option<Found>) {
        if let Some(found) = found
            && let Some(&rule) = self.engine.ids.get(found.rule)
        {
            self.hits.push(Hit {
                weak: found.weak,
                valid: found.valid,
                ..Hit::new(rule, found.span, found.confidence)
            });
        }
    }

    /// Adds a value that stands where a secret of this rule would be.
    pub(super) fn push_stand_in(&mut self, id: &str, span: Range<usize>) {
        if let Some(&rule) = self.engine.ids.get(id) {
            self.hits.push(Hit {
                weak: true,
                stand_in: true,
                ..Hit::new(rule, span, Confidence::Low)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scanner;

    #[test]
    fn base64_is_looked_into_once_wherever_its_runs_begin() {
        // A plus sign ends a run, so that the next one begins within the same base64.
        let blank = "ICAgICAgICAgICAgICAgICAgfn5+";
        // ` password = "Vq7xTz9Rw3Lm" `
        let secret = "IHBhc3N3b3JkID0gIlZxN3hUejlSdzNMbSIg";
        let engine = &Scanner::builder().build().unwrap().engine;
        let generic = |text: &str| {
            let hits = hits(engine, text.as_bytes());
            let password = |rule: usize| engine.rules[rule].id() == "generic-password";
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

    /// The most work for a byte.
    const MOST: usize = 6;

    /// Counts the work of an inspection: every candidate, since its parsers read no more than a
    /// window of a fixed length, the bytes of a run, and the two longer reads: the bytes of
    /// base64 that are decoded and those of a Kubernetes document.
    struct Counted<'a> {
        inspection: Inspection<'a>,
        work: usize,
    }

    impl Candidates for Counted<'_> {
        fn literal(&mut self, rule: usize, at: usize) {
            self.work += 1;
            self.inspection.literal(rule, at);
        }

        fn random(&mut self, run: Range<usize>, has_digit: bool) {
            self.work += run.len();
            let decoded = self.inspection.encoded_to;
            self.inspection.random(run.clone(), has_digit);
            if self.inspection.encoded_to != decoded {
                self.work += self.inspection.encoded_to - run.start;
            }
        }

        fn given(&mut self, number: usize, at: usize) {
            self.work += 1;
            let read = self.inspection.document_to;
            self.inspection.given(number, at);
            if self.inspection.document_to != read {
                self.work += 2 * documents::MAX_DOCUMENT.min(self.inspection.bytes.len());
            }
        }
    }

    fn work(bytes: &[u8]) -> usize {
        let engine = &Scanner::builder().build().unwrap().engine;
        let mut counted = Counted {
            inspection: Inspection::new(engine, bytes),
            work: 0,
        };
        engine.searcher.pass(bytes, engine.told(), &mut counted);
        counted.work + counted.inspection.hits.len()
    }

    /// However long the text is, so much work belongs to each of its bytes at most. Were one read
    /// again for every candidate, a byte of the longest text would cost hundreds.
    #[test]
    fn work_is_linear_in_long_lines() {
        let patterns: [&[u8]; 18] = [
            b"a",
            b"\0",
            b"eyJ",
            b"password=",
            b"\"",
            b"://a:",
            b"-----BEGIN PRIVATE KEY-----",
            b"machine a login b ",
            b"kind: Secret data: ",
            b"ghp_",
            b"AAAAAAAAAAAAAAAA.",
            b"k2J9sLq0ZtVbN4xWcR7u ",
            b"use the following password ",
            b"; password=",
            b"           pass",
            b"xoxb-1-",
            b"MTIzNDU2Nzg5MDEyMzQ1Njc4.",
            b"ICAgICAgICAgICAgICAgICAgfn5+",
        ];
        for pattern in patterns {
            for length in [1_500, 6_000, 24_000, 96_000] {
                let bytes = pattern.repeat(length / pattern.len());
                let work = work(&bytes);
                assert!(
                    work <= MOST * bytes.len(),
                    "{}: {work} for {}",
                    pattern.escape_ascii(),
                    bytes.len()
                );
            }
        }
    }
}
