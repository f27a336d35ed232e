//! A script as it acts rather than as it looks.

use std::collections::BTreeMap;

/// A line gets at most this long by undoing disguises, in bytes.
const MAX_LINE: usize = 64 << 10;

/// Characters that no editor shows, or that change the order of what it shows.
pub(super) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Lines with their number from 0, continuations joined and comments removed.
pub(super) fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    let mut current: Option<(u32, String)> = None;
    let mut number = 0;
    for line in text.lines() {
        let (start, mut joined) = current.take().unwrap_or((number, String::new()));
        let line = without_comment(line);
        number = number.saturating_add(1);
        let backslashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 1 && joined.len() < MAX_LINE {
            joined.push_str(&line[..line.len() - 1]);
            current = Some((start, joined));
            continue;
        }
        joined.push_str(line);
        // A line that ends with a pipe or an operator goes on in the next.
        let trimmed = joined.trim_end();
        if (trimmed.ends_with('|') || trimmed.ends_with("&&")) && joined.len() < MAX_LINE {
            joined.push(' ');
            current = Some((start, joined));
            continue;
        }
        lines.push((start, joined));
    }
    lines.extend(current);
    lines
}

/// A number sign begins a comment at the beginning of a word, outside quotes.
fn without_comment(line: &str) -> &str {
    let (mut single, mut double, mut before) = (false, false, ' ');
    for (index, c) in line.char_indices() {
        match c {
            '\'' if !double && before != '\\' => single = !single,
            '"' if !single && before != '\\' => double = !double,
            '#' if !single && !double && (before.is_whitespace() || ";&|(".contains(before)) => {
                return &line[..index];
            }
            _ => {}
        }
        before = c;
    }
    line
}

/// Undoes disguises line by line, and remembers constant variables.
#[derive(Default)]
pub(super) struct Normaliser {
    variables: BTreeMap<String, String>,
}

impl Normaliser {
    /// The line without quotes, escapes and constant variables and substitutions.
    pub(super) fn plain(&mut self, line: &str) -> String {
        let mut text = unquote(&escapes(line));
        // Variables may hold substitutions and the other way round.
        for _ in 0..4 {
            self.assignments(&text);
            let next = constants(&self.expand(&text));
            if next == text || next.len() > MAX_LINE {
                break;
            }
            text = next;
        }
        self.assignments(&text);
        text
    }

    /// `name=value` at the beginning of a command.
    fn assignments(&mut self, text: &str) {
        for part in text.split([';', '&', '|', '\n', '{', '(']) {
            for word in part.split_whitespace() {
                if matches!(
                    word,
                    "local" | "export" | "declare" | "readonly" | "typeset" | "-r"
                ) {
                    continue;
                }
                let Some((name, value)) = word.split_once('=') else {
                    break;
                };
                let is_name = !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !is_name || self.variables.len() >= 1000 || value.len() > 8192 {
                    break;
                }
                self.variables.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// `$name`, `${name}`, `${name:2:3}`, as far as the value is known.
    fn expand(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match self.variable(rest) {
                Some((value, length)) if out.len() + value.len() <= MAX_LINE => {
                    out.push_str(&value);
                    rest = &rest[length..];
                }
                _ => {
                    out.push('$');
                    rest = &rest[1..];
                }
            }
        }
        out + rest
    }

    /// The value of the variable that a text begins with, and how long its name is.
    fn variable(&self, text: &str) -> Option<(String, usize)> {
        let name_of = |text: &str| {
            text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(text.len())
        };
        let body = &text[1..];
        if let Some(inner) = body.strip_prefix('{') {
            let end = inner.find('}')?;
            let (name, how) = inner[..end].split_at(name_of(&inner[..end]));
            if name == "IFS" {
                return Some((" ".to_owned(), end + 3));
            }
            let value = self.variables.get(name)?;
            let value = match how.strip_prefix(':') {
                None if how.is_empty() => value.clone(),
                None => return None,
                Some(slice) => {
                    let (from, count) = slice.split_once(':').unwrap_or((slice, ""));
                    let count = if count.is_empty() {
                        usize::MAX
                    } else {
                        count.trim().parse().ok()?
                    };
                    value
                        .chars()
                        .skip(from.trim().parse().ok()?)
                        .take(count)
                        .collect()
                }
            };
            return Some((value, end + 3));
        }
        // Positional parameters that are empty when a script is sourced.
        if body.starts_with(['@', '*']) {
            return Some((String::new(), 2));
        }
        let name = &body[..name_of(body)];
        match name {
            "" => None,
            "IFS" => Some((" ".to_owned(), 4)),
            name => Some((self.variables.get(name)?.clone(), name.len() + 1)),
        }
    }
}

/// `\x63`, `\143`, `\u0063`, wherever they stand.
fn escapes(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (radix, skip, longest) = match rest.as_bytes().first() {
            Some(b'x') => (16, 1, 2),
            Some(b'u') => (16, 1, 4),
            Some(b'0') => (8, 1, 3),
            Some(b'1'..=b'7') => (8, 0, 3),
            _ => (0, 0, 0),
        };
        let digits = rest.get(skip..).unwrap_or_default();
        let length = digits
            .chars()
            .take(longest)
            .take_while(|c| radix > 0 && c.is_digit(radix))
            .count();
        let code = u32::from_str_radix(digits.get(..length).unwrap_or_default(), radix.max(2));
        match code.ok().and_then(char::from_u32) {
            Some(c) if length >= 2 && !c.is_control() => {
                out.push(c);
                rest = &rest[skip + length..];
            }
            _ => out.push('\\'),
        }
    }
    out + rest
}

/// Without quotes, and without backslashes that stand before something that needs none.
fn unquote(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' | '\'' => {}
            '$' if characters.peek() == Some(&'\'') => {}
            '\\' => match characters.next() {
                Some(next) if !next.is_ascii_alphanumeric() => out.push(next),
                Some('n' | 't') if out.ends_with(char::is_whitespace) => {}
                Some(next) => out.push(next),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// `$(echo text)`, `$(printf text)`, the same in backquotes: the text.
fn constants(text: &str) -> String {
    let mut out = text.to_owned();
    for (open, close) in [("$(", ")"), ("`", "`")] {
        for command in ["echo ", "printf %s ", "printf "] {
            let begin = format!("{open}{command}");
            while let Some(at) = out.find(&begin) {
                let inner = &out[at + begin.len()..];
                let Some(end) = inner.find(close) else { break };
                let value = inner[..end].trim().to_owned();
                if value.contains(['|', '$', '`', '<', ';', '&', '(']) {
                    break;
                }
                out.replace_range(at..at + begin.len() + end + close.len(), &value);
            }
        }
    }
    out
}
