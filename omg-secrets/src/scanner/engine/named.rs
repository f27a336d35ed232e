//! Values that a name beside them makes credentials: whose name, and is it tied to the value?

use std::ops::Range;

use super::search::Search;
use super::shapes::right_edge;
use crate::classify::entropy::{Makeup, shannon, wordy};
use crate::classify::named as judge;
use crate::classify::placeholder;
use crate::extract::{assign, login};
use crate::rules::Confidence;
use crate::rules::pattern;
use crate::search::prefilter::is_token;
use crate::text::{holds, letters, line};

/// What stands before a value in lines of this length holds nearly every letter.
const LONG_LINE: usize = 64;

impl Search<'_> {
    /// A random-looking run: whose name stands before it?
    pub(super) fn named(&mut self, start: usize, end: usize) {
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

    pub(super) fn keyword(&mut self, span: Range<usize>, context: &[u8]) {
        let Some(rules) = self.engine.keywords.get(span.len()) else {
            return;
        };
        if rules.is_empty() || context.len() < 3 {
            return;
        }
        let bytes = self.bytes;
        let value = &bytes[span.clone()];
        // In a long line stands many a word, and most values are names.
        if context.len() > LONG_LINE && wordy(value) {
            return;
        }
        let mut accepted: Option<bool> = None;
        let mut stand_in = false;
        // Most words have a letter that stands nowhere before the value, and most shapes are one
        // class of characters: the length fits already.
        let missing = !letters(context);
        let mut classes = None;
        for keyword in rules {
            if keyword.letters & missing != 0 {
                continue;
            }
            let number = keyword.rule as usize;
            let compiled = &self.engine.compiled[number];
            let is_shaped = match keyword.class {
                0 => pattern::matches(&compiled.pieces, value),
                class => *classes.get_or_insert_with(|| pattern::classes(value)) & class != 0,
            };
            if !is_shaped || !holds(context, keyword.word) {
                continue;
            }
            let Some(spec) = compiled.spec else {
                continue;
            };
            let fits = *accepted.get_or_insert_with(|| {
                stand_in = placeholder::token(value);
                is_assigned(context)
                    && (!stand_in || self.engine.stand_ins)
                    && (shannon(value) >= 2.5 || value.len() >= 30)
                    && right_edge(bytes, span.end, Some('w'))
            });
            if fits && !wordy(value) {
                self.push_checked(number, spec, span.clone(), value, stand_in);
                return;
            }
        }
    }

    pub(super) fn assigned_before(&mut self, span: Range<usize>) {
        let bytes = self.bytes;
        let Some(found) = assign::backward(bytes, &span) else {
            return;
        };
        let Some(kind) = judge::kind(&bytes[found.name.clone()]) else {
            return;
        };
        if kind == judge::Kind::Password && !found.quoted {
            return;
        }
        self.judge(kind, &found);
    }

    /// A word of a secret's name stands at `at`.
    pub(super) fn name(&mut self, at: usize) {
        let bytes = self.bytes;
        let range = assign::name_around(bytes, at);
        if self.last_name == range.start {
            return;
        }
        self.last_name = range.start;
        let forward = assign::forward(bytes, range.clone()).filter(|found| {
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

    pub(super) fn judge(&mut self, kind: judge::Kind, found: &assign::Assignment) {
        let bytes = self.bytes;
        if kind == judge::Kind::Password && self.engine.users {
            self.push_user(login::before(bytes, found.name.start));
        }
        let name = &bytes[found.name.clone()];
        let text = &bytes[found.value.clone()];
        if aws_secret(name, text) == Some(true) && !placeholder::token(text) {
            let span = found.value.clone();
            self.push("aws-secret-access-key", span, Confidence::High, false, None);
        }
        if self.engine.stand_ins && judge::stands_in(kind, text) {
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
        if let Some(verdict) = judge::value(kind, bytes, found) {
            self.push(
                kind.rule(),
                found.value.clone(),
                verdict.confidence,
                verdict.weak,
                None,
            );
        }
    }
}

/// The run with the marks of base64 and passwords around it.
fn widen(bytes: &[u8], start: usize, end: usize) -> Range<usize> {
    const MORE: [bool; 256] = {
        let mut more = [false; 256];
        let mut byte = 0;
        while byte < u8::MAX {
            more[byte as usize] =
                is_token(byte) || matches!(byte, b'+' | b'/' | b'.' | b'~' | b'=');
            byte += 1;
        }
        more
    };
    let more = |b: u8| MORE[usize::from(b)];
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
    if text.len() != 40 {
        return None;
    }
    let named = holds(name, "secret")
        && holds(name, "key")
        && (holds(name, "aws") || holds(name, "access"))
        || holds(name, "aws") && (holds(name, "key") || holds(name, "secret"));
    if !named {
        return None;
    }
    let makeup = Makeup::of(text);
    let alphabet = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b));
    Some(alphabet && (makeup.upper > 0 || makeup.digit > 0) && shannon(text) > 3.0)
}
