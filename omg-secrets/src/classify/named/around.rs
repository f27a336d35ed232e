//! What stands around an assignment, read when it is asked for.

use crate::extract::assign::{Assignment, Tie};
use crate::text::holds;

/// How much is looked at for the strings beside one.
const NEAR: usize = 80;

#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    bytes: &'a [u8],
    found: &'a Assignment,
}

impl<'a> Around<'a> {
    pub(super) fn new(bytes: &'a [u8], found: &'a Assignment) -> Self {
        Self { bytes, found }
    }

    /// A user's name is assigned in one of the lines before.
    pub(super) fn user(self) -> bool {
        self.lines_before().any(|line| {
            let assigned = line.iter().any(|b| b"=:".contains(b));
            assigned && names_user(line)
        })
    }

    /// A user's name is assigned there as in a file of settings: a word without quotes that ends
    /// its line, which no program would have there.
    pub(super) fn settings(self) -> bool {
        self.lines_before().any(|line| {
            let Some(equals) = memchr::memchr2(b'=', b':', line) else {
                return false;
            };
            let name = line[..equals].trim_ascii();
            let value = line[equals + 1..].trim_ascii();
            let word = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_alphanumeric);
            word(name) && names_user(name) && word(value)
        })
    }

    /// Nothing but a comment follows the value on its line.
    pub(super) fn ends_line(self) -> bool {
        let rest = self.bytes.get(self.found.value.end..).unwrap_or_default();
        let rest = &rest[..rest.len().min(200)];
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

    /// A comma or parenthesis follows the value.
    pub(super) fn listed(self) -> bool {
        matches!(self.bytes.get(self.found.value.end), Some(b',' | b')'))
    }

    /// A parenthesis or bracket opens behind the value: it is called, or the name of a type.
    pub(super) fn opens(self) -> bool {
        matches!(self.bytes.get(self.found.value.end), Some(b'(' | b'['))
    }

    /// The name is a string, with a string before it and one behind the value: a list of them.
    pub(super) fn in_list(self) -> bool {
        if self.found.tie != Tie::Argument {
            return false;
        }
        let at = self.found.name.start;
        let before = self.bytes[at.saturating_sub(NEAR)..at].trim_ascii_end();
        let [rest @ .., quote @ (b'"' | b'\'')] = before else {
            return false;
        };
        let behind = self.bytes.get(self.found.value.end..).unwrap_or_default();
        let behind = &behind[..behind.len().min(NEAR)];
        rest.trim_ascii_end().ends_with(b",")
            && behind
                .strip_prefix(&[*quote])
                .is_some_and(|behind| behind.trim_ascii_start().starts_with(b","))
    }

    /// A statement ends behind the value, so that without quotes it is an expression.
    pub(super) fn statement(self) -> bool {
        let tie = self.found.name.end..self.found.value.start;
        self.bytes.get(self.found.value.end) == Some(&b';')
            || self.bytes.get(tie).is_some_and(|tie| tie.ends_with(b"=> "))
    }

    /// At most four lines, the last first.
    fn lines_before(self) -> impl Iterator<Item = &'a [u8]> {
        let at = self.found.name.start;
        let text = &self.bytes[at.saturating_sub(240)..at];
        text.rsplit(|&b| b == b'\n').skip(1).take(4)
    }
}

fn names_user(text: &[u8]) -> bool {
    holds(text, "user") || holds(text, "login")
}
