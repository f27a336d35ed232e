//! The engine: from bytes to hits, every step linear and bounded.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use crate::detect::uri::Found;
use crate::detect::{assign, fields, holds, judge, line, pem, uri};
use crate::encoding;
use crate::entropy::{Makeup, shannon, wordy};
use crate::placeholder;
use crate::prefilter::kinds::{self, DASH, DIGIT, LOWER, UNDERSCORE, UPPER};
use crate::prefilter::{Literals, MIN_RUN, each_run, is_token};
use crate::rule::{Check, Confidence, Custom, Group, Inner, Rule, Spec};
use crate::shape::{self, Piece};
use crate::structure;

/// A run longer than this is data: only its start is looked at.
const MAX_RUN: usize = 4096;
/// The longest base64 text that is looked into.
const MAX_ENCODED: usize = 64 << 10;
/// How far around a value a word of its rule may stand.
const NEAR: usize = 200;

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

/// What a literal of the second way announces.
#[derive(Clone, Copy)]
enum Sign {
    Rule(u32),
    Pem,
    Uri,
    Authorization,
    Netrc,
    Pgpass,
    Password,
    Kubernetes,
    DockerAuth,
    Prose,
    Argument(usize),
    Unseal,
    JenkinsSetup,
    Command(&'static str),
    Name,
}

/// Rules by the first two or four bytes of a literal.
struct Index {
    /// One bit for every hash.
    bits: Box<[u64; 1024]>,
    /// Sorted by the bytes.
    rules: Vec<(u32, &'static [u8], u32)>,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            bits: Box::new([0; 1024]),
            rules: Vec::new(),
        }
    }
}

impl Index {
    fn insert(&mut self, key: u32, literal: &'static str, rule: u32) {
        let hash = Self::hash(key);
        self.bits[hash >> 6] |= 1 << (hash & 63);
        let entry = (key, literal.as_bytes(), rule);
        let at = self.rules.partition_point(|known| known <= &entry);
        self.rules.insert(at, entry);
    }

    /// Sixteen bits of a multiplicative hash (Knuth, volume 3, section 6.4).
    fn hash(key: u32) -> usize {
        (key.wrapping_mul(0x9E37_79B1) >> 16) as usize
    }

    #[inline]
    fn get(&self, key: u32) -> &[(u32, &'static [u8], u32)] {
        let hash = Self::hash(key);
        if self.bits[hash >> 6] >> (hash & 63) & 1 == 0 {
            return &[];
        }
        self.look_up(key)
    }

    #[cold]
    fn look_up(&self, key: u32) -> &[(u32, &'static [u8], u32)] {
        let from = self.rules.partition_point(|(known, ..)| *known < key);
        let count = self.rules[from..].partition_point(|(known, ..)| *known == key);
        &self.rules[from..from + count]
    }
}

fn pair(bytes: [u8; 2]) -> u32 {
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
    keywords: Vec<Vec<u32>>,
    literals: Literals,
    signs: Vec<Sign>,
    generic: bool,
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
            literals: Literals::new(Vec::new()),
            signs: Vec::new(),
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
        engine.literals = Literals::new(literals);
        engine
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    fn index(&mut self, at: usize, literals: &mut Vec<(Vec<u8>, u32)>) {
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
            let (low, high) = shape::length(spec.tail);
            for length in low..=high.min(128) {
                self.keywords[length].push(number);
            }
            return;
        }
        let head_in_run = spec.head.is_empty()
            || shape::last_class(spec.head).is_none()
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
                let (low, high) = shape::length(spec.head);
                let (tail_low, tail_high) = shape::length(spec.tail);
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

    fn sign(&mut self, literal: &[u8], sign: Sign, literals: &mut Vec<(Vec<u8>, u32)>) {
        let number = u32::try_from(self.signs.len()).unwrap_or(u32::MAX);
        self.signs.push(sign);
        literals.push((literal.to_vec(), number));
    }

    fn special_signs(&mut self, literals: &mut Vec<(Vec<u8>, u32)>) {
        let mut add = |texts: &[&str], sign: Sign| {
            texts
                .iter()
                .for_each(|text| self.sign(text.as_bytes(), sign, literals));
        };
        add(&["PRIVATE KEY"], Sign::Pem);
        add(&["://"], Sign::Uri);
        add(
            &[
                "Basic ", "BASIC ", "basic ", "Bearer ", "bearer ", "BEARER ", ": token ",
                ": Token ",
            ],
            Sign::Authorization,
        );
        add(&["machine "], Sign::Netrc);
        add(&[":5432:", ":*:"], Sign::Pgpass);
        add(
            &["pass", "Pass", "PASS", "pwd", "Pwd", "PWD"],
            Sign::Password,
        );
        add(
            &["kind: Secret", "kind: \"Secret", "kind: 'Secret"],
            Sign::Kubernetes,
        );
        add(&["\"auth\"", "\"auth\\\""], Sign::DockerAuth);
        add(&["NetworkCredential("], Sign::Argument(1));
        add(&["DirectoryEntry("], Sign::Argument(2));
        add(&["Unseal Key", "operator unseal "], Sign::Unseal);
        add(&["use the following password"], Sign::JenkinsSetup);
        add(&["mysql "], Sign::Command("mysql"));
        add(&["mysqldump "], Sign::Command("mysqldump"));
        add(&["mysqladmin "], Sign::Command("mysqladmin"));
        add(&["sexec", "sExec", "SEXEC"], Sign::Command("psexec"));
        add(&["sshpass "], Sign::Command("sshpass"));
        add(&["docker login "], Sign::Command("docker"));
        add(&["curl "], Sign::Command("curl"));
        add(
            &["onnect-VIServer", "onnect-viserver"],
            Sign::Command("connect-viserver"),
        );
        self.names = self.generic || self.ids.contains_key("aws-secret-access-key");
        if self.names {
            let mut add = |texts: &[&str], sign: Sign| {
                texts
                    .iter()
                    .for_each(|text| self.sign(text.as_bytes(), sign, literals));
            };
            add(
                &[
                    "secret",
                    "Secret",
                    "SECRET",
                    "credential",
                    "Credential",
                    "CREDENTIAL",
                    "api_key",
                    "apikey",
                    "api-key",
                    "apiKey",
                    "ApiKey",
                    "API_KEY",
                    "APIKEY",
                    "Api-Key",
                    "API-KEY",
                    "APIKey",
                    "private_key",
                    "privateKey",
                    "PRIVATE_KEY",
                    "PrivateKey",
                    "token",
                    "Token",
                    "TOKEN",
                    "psk=",
                ],
                Sign::Name,
            );
            add(&["password ", "Password "], Sign::Prose);
        }
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
        };
        search.run();
        search.hits
    }
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
        pieces: shape::pieces(tail),
        before: shape::length(head).1,
        after: longest + shape::length(tail).1,
        last: shape::last_class(tail),
        finders: Vec::new(),
    }
}

/// How many token characters a text of this shape surely begins with.
fn leading_run(tail: &str) -> usize {
    let mut sum = 0;
    for piece in shape::pieces(tail) {
        match piece {
            Piece::Text(text) => {
                let run = text.bytes().take_while(|b| is_token(*b)).count();
                sum += run;
                if run < text.len() {
                    return sum;
                }
            }
            Piece::Class { class, min, max } if token_class(class) => {
                sum += min;
                if min < max {
                    return sum;
                }
            }
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
    shape::pieces(text).iter().all(|piece| match piece {
        Piece::Text(text) => text.bytes().all(is_token),
        Piece::Class { class, .. } => token_class(*class),
        Piece::Uuid => true,
    })
}

struct Search<'a> {
    engine: &'a Engine,
    bytes: &'a [u8],
    hits: Vec<Hit>,
    nested: bool,
    /// The name that was looked at last: two of its words may be signs.
    last_name: usize,
    /// Kubernetes documents up to here have been read.
    document_to: usize,
}

impl Search<'_> {
    fn run(&mut self) {
        each_run(self.bytes, |start, end| self.candidate(start, end));
        let engine = self.engine;
        engine.literals.each(self.bytes, |number, at| {
            if let Some(sign) = engine.signs.get(number as usize) {
                self.literal(*sign, at);
            }
        });
    }

    /// A run of token characters.
    fn candidate(&mut self, start: usize, end: usize) {
        let bytes = self.bytes;
        let run = &bytes[start..end.min(start + MAX_RUN)];
        let kinds = kinds::of(run);
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
            for (_, literal, rule) in self.engine.leads.get(lead) {
                if bytes[..start].ends_with(literal) {
                    self.shape(*rule, start - literal.len());
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
        if mixed(kinds, length) && !is_name(kinds, before) {
            self.named(start, end);
            self.encoded(start, end);
        }
    }

    fn prefixes(&mut self, at: usize) {
        let engine = self.engine;
        let Some(&[a, b, c, d]) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            return;
        };
        let long = engine.starts.get(u32::from_be_bytes([a, b, c, d]));
        let short = engine.short_starts.get(u32::from_be_bytes([0, a, b, c]));
        for (_, literal, rule) in long.iter().chain(short) {
            if self.bytes[at..].starts_with(literal) {
                self.shape(*rule, at);
            }
        }
    }

    /// The rule's literal stands at `at`: does the rest of its shape?
    fn shape(&mut self, rule: u32, at: usize) {
        let number = rule as usize;
        let compiled = &self.engine.compiled[number];
        let Some(spec) = compiled.spec else {
            return self.own(number, at);
        };
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

    fn matched(&mut self, number: usize, spec: &'static Spec, span: Range<usize>, at: usize) {
        let bytes = self.bytes;
        let last = self.engine.compiled[number].last;
        if !left_edge(bytes, span.start) || !right_edge(bytes, span.end, last) {
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
    fn aws_pair(&mut self, end: usize) {
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

    fn push_checked(
        &mut self,
        number: usize,
        spec: &Spec,
        span: Range<usize>,
        token: &[u8],
        stand_in: bool,
    ) {
        let valid = structure::judge(spec.check, token);
        // What only a structure makes a token is none without it.
        if spec.check == Check::Jwt && valid == Some(false) {
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

    fn near(&self, span: &Range<usize>, words: &[&str]) -> bool {
        let low = span.start.saturating_sub(NEAR);
        let high = self.bytes.len().min(span.end + NEAR / 2);
        words.iter().any(|word| {
            holds(&self.bytes[low..span.start], word) || holds(&self.bytes[span.end..high], word)
        })
    }

    /// A whole run that may be of a shape with its literal inside.
    fn whole(&mut self, rule: u32, start: usize, end: usize, kinds: u8) {
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

    fn own(&mut self, number: usize, at: usize) {
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

    fn push(
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

    fn push_stand_in(&mut self, id: &str, span: Range<usize>) {
        let before = self.hits.len();
        self.push(id, span, Confidence::Low, true, None);
        for hit in self.hits.iter_mut().skip(before) {
            hit.stand_in = true;
        }
    }

    fn push_found(&mut self, found: Option<Found>) {
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

    /// A random-looking run: whose name stands before it?
    fn named(&mut self, start: usize, end: usize) {
        let bytes = self.bytes;
        let line_start = line(bytes, start, 160).start;
        let context = &bytes[line_start..start];
        let wide = widen(bytes, start, end);
        let before = start.checked_sub(1).map(|at| bytes[at]);
        // Parts of paths, versions and digests of packages are no values.
        let loose = matches!(before, Some(b'/' | b'#' | b'@' | b'.' | b'~')) && wide.start < start;
        if !loose {
            self.keyword(start..end, context);
        }
        if wide != (start..end) {
            self.keyword(wide.clone(), &bytes[line_start..wide.start.max(line_start)]);
        }
        if self.engine.generic {
            self.assigned_before(wide);
        }
    }

    fn keyword(&mut self, span: Range<usize>, context: &[u8]) {
        let Some(rules) = self.engine.keywords.get(span.len()) else {
            return;
        };
        if rules.is_empty() || context.len() < 3 {
            return;
        }
        let bytes = self.bytes;
        let value = &bytes[span.clone()];
        let mut accepted: Option<bool> = None;
        let mut stand_in = false;
        for &number in rules {
            let compiled = &self.engine.compiled[number as usize];
            let Some(spec) = compiled.spec else {
                continue;
            };
            if !shape::matches(&compiled.pieces, value)
                || !spec.words.iter().any(|word| holds(context, word))
            {
                continue;
            }
            let fits = *accepted.get_or_insert_with(|| {
                stand_in = placeholder::token(value);
                is_assigned(context)
                    && (!stand_in || self.engine.stand_ins)
                    && (shannon(value) >= 2.5 || value.len() >= 30)
                    && right_edge(bytes, span.end, Some('w'))
            });
            if fits && !wordy(value) {
                self.push_checked(number as usize, spec, span.clone(), value, stand_in);
                return;
            }
        }
    }

    fn assigned_before(&mut self, span: Range<usize>) {
        let bytes = self.bytes;
        let Some(found) = assign::backward(bytes, &span) else {
            return;
        };
        if !found.quoted && matches!(found.tie, assign::Tie::Space | assign::Tie::Argument) {
            return;
        }
        let name = &bytes[found.name.clone()];
        let Some(kind) = judge::kind(name) else {
            return;
        };
        if kind == judge::Kind::Password && !found.quoted {
            return;
        }
        self.judge(kind, &found);
    }

    fn judge(&mut self, kind: judge::Kind, found: &assign::Assignment) {
        let bytes = self.bytes;
        let name = &bytes[found.name.clone()];
        let text = &bytes[found.value.clone()];
        if aws_secret(name, text) == Some(true) && !placeholder::token(text) {
            let span = found.value.clone();
            self.push("aws-secret-access-key", span, Confidence::High, false, None);
        }
        if self.engine.stand_ins && placeholder::standin(text) {
            let id = aws_secret(name, text).map_or(kind.rule(), |_| "aws-secret-access-key");
            self.push_stand_in(id, found.value.clone());
            return;
        }
        if !self.engine.generic {
            return;
        }
        // A single quote holds one character in the languages that declare arrays with `[]`
        // or verbatim strings with `@`.
        let tie = bytes
            .get(found.name.end..found.value.start)
            .unwrap_or_default();
        if tie.ends_with(b"'")
            && (memchr::memmem::find(tie, b"[]").is_some() || tie.ends_with(b"@'"))
        {
            return;
        }
        let around = judge::Around {
            user: user_before(bytes, found.name.start),
            settings: settings_before(bytes, found.name.start),
            ends_line: ends_line(bytes, found.value.end),
            listed: matches!(bytes.get(found.value.end), Some(b',' | b')')),
            statement: bytes.get(found.value.end) == Some(&b';') || tie.ends_with(b"=> "),
        };
        if let Some(verdict) = judge::value(kind, name, text, found, around) {
            self.push(
                kind.rule(),
                found.value.clone(),
                verdict.confidence,
                verdict.weak,
                None,
            );
        }
    }

    /// Looks into base64 that holds text, once.
    fn encoded(&mut self, start: usize, end: usize) {
        if self.nested || end - start < 24 {
            return;
        }
        let bytes = self.bytes;
        if !encoding::begins_with_text(&bytes[start..start + 24]) {
            return;
        }
        let stop = bytes[start..bytes.len().min(start + MAX_ENCODED)]
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || b"+/_-=".contains(b)))
            .map_or(bytes.len().min(start + MAX_ENCODED), |found| start + found);
        let whole = &bytes[start..stop];
        let whole = &whole
            [..whole.len() - usize::from(encoding::base64(whole).is_none()) * (whole.len() % 4)];
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

    fn literal(&mut self, sign: Sign, at: usize) {
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
            Sign::Command(program) => self.push_found(uri::command_line(bytes, at, program)),
            Sign::Name => self.name(at),
        }
    }

    /// A word of a secret's name stands at `at`.
    fn name(&mut self, at: usize) {
        let bytes = self.bytes;
        let range = assign::name_around(bytes, at);
        if self.last_name == range.start {
            return;
        }
        self.last_name = range.start;
        let forward = assign::forward(bytes, at).filter(|found| {
            found.quoted || !matches!(found.tie, assign::Tie::Space | assign::Tie::Argument)
        });
        let reversed = assign::reversed(bytes, range.start);
        if forward.is_none() && reversed.is_none() {
            return;
        }
        let Some(kind) = judge::kind(&bytes[range.clone()]) else {
            return;
        };
        if let Some(found) = forward {
            self.judge(kind, &found);
        }
        if let Some(value) = reversed {
            let found = assign::Assignment {
                name: range,
                value,
                quoted: true,
                tie: assign::Tie::Compare,
            };
            self.judge(kind, &found);
        }
    }
}

fn build(spec: &Spec) -> Option<Regex> {
    let literals: Vec<String> = spec.literals.iter().map(|l| regex::escape(l)).collect();
    let anchor = if spec.head.is_empty() { "^" } else { "" };
    let pattern = format!(
        "{anchor}{}(?:{}){}",
        shape::regex(spec.head),
        literals.join("|"),
        shape::regex(spec.tail)
    );
    RegexBuilder::new(&pattern)
        .unicode(false)
        .dfa_size_limit(1 << 18)
        .build()
        .ok()
}

fn left_edge(bytes: &[u8], start: usize) -> bool {
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

fn right_edge(bytes: &[u8], end: usize, last: Option<char>) -> bool {
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

/// The run with the marks of base64 and passwords around it.
fn widen(bytes: &[u8], start: usize, end: usize) -> Range<usize> {
    let more = |b: u8| is_token(b) || b"+/.~=".contains(&b);
    let low = start.saturating_sub(100);
    let high = bytes.len().min(end + 400);
    let mut from = start;
    while from > low && more(bytes[from - 1]) && bytes[from - 1] != b'=' {
        from -= 1;
    }
    let mut to = end;
    while to < high && more(bytes[to]) {
        to += 1;
    }
    while to > end && bytes[to - 1] == b'.' {
        to -= 1;
    }
    from..to
}

/// Whether the text before a value ties it to a name: an operator, a quote or an option.
fn is_assigned(context: &[u8]) -> bool {
    let tail = &context[context.len().saturating_sub(40)..];
    let operator = tail.iter().any(|b| b"=:,(\"'>".contains(b)) || tail.ends_with(b" ");
    let secretive = [
        "key",
        "token",
        "secret",
        "pass",
        "pw",
        "auth",
        "api",
        "cred",
        "login",
        "crumb",
        "id",
        "hash",
        "license",
        "provision",
        "twilio",
        "clou",
        "postmark",
        "twitter",
        "uuid",
        "reporter",
        "ado_",
        "devops",
    ];
    operator && secretive.iter().any(|word| holds(context, word))
}

/// `Some(true)` if the value has the length and characters of an AWS secret access key and
/// its name says that it is one.
fn aws_secret(name: &[u8], text: &[u8]) -> Option<bool> {
    let named = holds(name, "secret")
        && holds(name, "key")
        && (holds(name, "aws") || holds(name, "access"))
        || holds(name, "aws") && (holds(name, "key") || holds(name, "secret"));
    if !named || text.len() != 40 {
        return None;
    }
    let makeup = Makeup::of(text);
    let alphabet = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b));
    Some(alphabet && (makeup.upper > 0 || makeup.digit > 0) && shannon(text) > 3.0)
}

/// Whether a user's name is assigned within the three lines before.
fn user_before(bytes: &[u8], at: usize) -> bool {
    let low = at.saturating_sub(240);
    let text = &bytes[low..at];
    let mut lines = text.rsplit(|&b| b == b'\n');
    lines.next();
    lines.take(4).any(|line| {
        let assigned = line.iter().any(|b| b"=:".contains(b));
        assigned && (holds(line, "user") || holds(line, "login"))
    })
}

/// Whether a user's name is assigned within the three lines before as in a file of settings:
/// a word without quotes that ends its line, which no program would have there.
fn settings_before(bytes: &[u8], at: usize) -> bool {
    let text = &bytes[at.saturating_sub(240)..at];
    let mut lines = text.rsplit(|&b| b == b'\n');
    lines.next();
    lines.take(4).any(|line| {
        let Some(equals) = memchr::memchr2(b'=', b':', line) else {
            return false;
        };
        let name = line[..equals].trim_ascii();
        let value = line[equals + 1..].trim_ascii();
        let word = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_alphanumeric);
        word(name) && (holds(name, "user") || holds(name, "login")) && word(value)
    })
}

fn ends_line(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at.min(bytes.len())..bytes.len().min(at + 200)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let rest = rest.trim_ascii();
    rest.is_empty()
        || rest.starts_with(b"#")
        || rest.starts_with(b"//")
        || matches!(
            rest,
            b"," | b"\"" | b"'" | b"`" | b"\"," | b"\\" | b";" | b"',"
        )
}
