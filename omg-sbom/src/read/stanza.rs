//! Paragraphs of fields, the syntax that dpkg's and apt's files share.
//!
//! Format: deb-control(5), deb822(5).

use crate::model::limits;

/// One paragraph, with the fields that its reader asked for. Values are borrowed; a continued value is one slice with
/// the line ends in it.
#[derive(Debug)]
pub(super) struct Stanza<'a> {
    /// The line of the input that it starts at, counted from 1.
    pub(super) line: usize,
    /// What is wrong with its syntax, the first fault only.
    pub(super) fault: Option<String>,
    /// The fields that are read; others are passed over, whatever their length.
    wanted: &'static [&'static str],
    fields: Vec<(&'static str, &'a [u8])>,
}

impl<'a> Stanza<'a> {
    /// The value without the white space around it; `None` if it is missing, empty or too long.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = self.raw(name)?;
        if value.len() > limits::MAX_VALUE_BYTES {
            return None;
        }
        let text = String::from_utf8_lossy(value);
        let text = text.trim();
        (!text.is_empty()).then(|| text.replace('\r', ""))
    }

    /// The value as it is, whatever its length.
    pub(super) fn raw(&self, name: &str) -> Option<&'a [u8]> {
        let field = self.fields.iter().find(|(field, _)| *field == name);
        field.map(|(_, value)| *value)
    }

    /// The elements of a comma-separated list of relations.
    pub(super) fn relations(&self, name: &str) -> Vec<String> {
        let value = self.get(name).unwrap_or_default();
        let relations = value.split(',').map(|relation| {
            relation
                .split_ascii_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        });
        relations.filter(|relation| !relation.is_empty()).collect()
    }

    /// The fields that are longer than the limit.
    pub(super) fn too_long(&self) -> impl Iterator<Item = &'static str> {
        let long = self
            .fields
            .iter()
            .filter(|(_, value)| value.len() > limits::MAX_VALUE_BYTES);
        long.map(|(name, _)| *name)
    }

    fn new(line: usize, wanted: &'static [&'static str]) -> Self {
        Self {
            line,
            fault: None,
            wanted,
            fields: Vec::new(),
        }
    }

    fn set_fault(&mut self, fault: impl FnOnce() -> String) {
        self.fault.get_or_insert_with(fault);
    }

    fn add_field(&mut self, name: &[u8], value: &'a [u8]) {
        // deb-control(5): field names are not case-sensitive.
        let known = self
            .wanted
            .iter()
            .find(|field| field.as_bytes().eq_ignore_ascii_case(name));
        let Some(&field) = known else { return };
        if self.fields.iter().any(|(name, _)| *name == field) {
            self.set_fault(|| format!("{field} is given twice"));
        } else {
            self.fields.push((field, value));
        }
    }
}

/// The paragraphs, which empty lines separate, each with the fields that are `wanted`. So many
/// lines lie `before` the bytes.
pub(super) fn stanzas<'a>(
    bytes: &'a [u8],
    wanted: &'static [&'static str],
    before: usize,
) -> impl Iterator<Item = Stanza<'a>> {
    let mut lines = Lines {
        bytes,
        start: 0,
        number: before,
    };
    std::iter::from_fn(move || next_stanza(&mut lines, wanted))
}

fn next_stanza<'a>(lines: &mut Lines<'a>, wanted: &'static [&'static str]) -> Option<Stanza<'a>> {
    let mut line = lines.next()?;
    while line.is_blank() {
        line = lines.next()?;
    }
    let mut stanza = Stanza::new(line.number, wanted);
    loop {
        let colon = line
            .text
            .iter()
            .position(|b| *b == b':')
            .filter(|at| *at > 0);
        match colon {
            Some(colon) if !line.continues() => {
                let end = lines.skip_continuation().unwrap_or(line.end);
                let value = lines
                    .bytes
                    .get(line.start + colon + 1..end)
                    .unwrap_or_default();
                stanza.add_field(line.text.get(..colon).unwrap_or_default(), value);
            }
            _ => stanza
                .set_fault(|| format!("line {} is neither a field nor continues one", line.number)),
        }
        match lines.next() {
            Some(next) if !next.is_blank() => line = next,
            _ => return Some(stanza),
        }
    }
}

struct Line<'a> {
    number: usize,
    start: usize,
    end: usize,
    text: &'a [u8],
}

impl Line<'_> {
    /// deb-control(5): lines of spaces and tabs only may separate paragraphs, too.
    fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }

    fn continues(&self) -> bool {
        matches!(self.text.first(), Some(b' ' | b'\t')) && !self.is_blank()
    }
}

struct Lines<'a> {
    bytes: &'a [u8],
    start: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Passes over the lines that continue a field, and returns where the last of them ends.
    fn skip_continuation(&mut self) -> Option<usize> {
        let mut end = None;
        while let Some(line) = self.peek().filter(Line::continues) {
            end = Some(line.end);
            self.advance(&line);
        }
        end
    }

    fn next(&mut self) -> Option<Line<'a>> {
        let line = self.peek()?;
        self.advance(&line);
        Some(line)
    }

    fn peek(&self) -> Option<Line<'a>> {
        let rest = self
            .bytes
            .get(self.start..)
            .filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let text = rest.get(..length)?;
        Some(Line {
            number: self.number + 1,
            start: self.start,
            end: self.start + length,
            text,
        })
    }

    fn advance(&mut self, line: &Line<'_>) {
        self.start = line.end + 1;
        self.number = line.number;
    }
}
