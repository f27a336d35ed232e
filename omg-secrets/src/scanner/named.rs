//! Values that a name beside them makes credentials: whose name, and is it tied to the value?

use std::ops::Range;

use super::engine::Form;
use super::inspect::Inspection;
use crate::classify::named::{self, Kind};
use crate::classify::provider::{AWS_SECRET, aws_secret};
use crate::classify::{Found, placeholder, user};
use crate::extract;
use crate::extract::assign::{self, Assignment, Tie};
use crate::rules::Confidence;
use crate::text::line;

impl Inspection<'_> {
    /// A random-looking run: whose name stands before it?
    pub(super) fn named(&mut self, start: usize, end: usize) {
        let bytes = self.bytes;
        let line_start = line(bytes, start, 160).start;
        let context = &bytes[line_start..start];
        let wide = assign::widen(bytes, start, end);
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

    /// A value with the name of its provider before it.
    fn keyword(&mut self, span: Range<usize>, context: &[u8]) {
        let Some(named) = self.engine.providers.of(self.bytes, &span, context) else {
            return;
        };
        if named.stand_in && !self.engine.stand_ins {
            return;
        }
        if let Form::Shape(shape) = &self.engine.forms[named.rule] {
            self.checked(named.rule, shape.spec, span, named.stand_in);
        }
    }

    fn assigned_before(&mut self, span: Range<usize>) {
        let bytes = self.bytes;
        let Some(found) = assign::backward(bytes, &span) else {
            return;
        };
        let Some(kind) = named::kind(&bytes[found.name.clone()]) else {
            return;
        };
        if kind == Kind::Password && !found.quoted {
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
        let forward = assign::forward(bytes, range.clone())
            .filter(|found| found.quoted || !matches!(found.tie, Tie::Space | Tie::Argument));
        let reversed = assign::reversed(bytes, range.start);
        if forward.is_none() && reversed.is_none() {
            return;
        }
        let Some(kind) = named::kind(&bytes[range.clone()]) else {
            return;
        };
        if let Some(found) = forward {
            self.judge(kind, &found);
        }
        if let Some(value) = reversed {
            let found = Assignment {
                name: range,
                value,
                quoted: true,
                tie: Tie::Compare,
            };
            self.judge(kind, &found);
        }
    }

    fn judge(&mut self, kind: Kind, found: &Assignment) {
        let bytes = self.bytes;
        if kind == Kind::Password && self.engine.users {
            let before = extract::user::before(bytes, found.name.start);
            self.push(before.and_then(|before| user::assigned(bytes, &before)));
        }
        let name = &bytes[found.name.clone()];
        let text = &bytes[found.value.clone()];
        if aws_secret(name, text) == Some(true) && !placeholder::token(text) {
            let span = found.value.clone();
            self.push(Some(Found::new(AWS_SECRET, span, Confidence::High)));
        }
        if self.engine.stand_ins && named::stands_in(kind, text) {
            let id = aws_secret(name, text).map_or(kind.rule(), |_| AWS_SECRET);
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
        if let Some(verdict) = named::value(kind, bytes, found) {
            self.push(Some(Found {
                weak: verdict.weak,
                ..Found::new(kind.rule(), found.value.clone(), verdict.confidence)
            }));
        }
    }
}
