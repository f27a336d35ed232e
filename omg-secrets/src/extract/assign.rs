//! `name = value` in every notation: source code, JSON, YAML, TOML, `.env`, shell, XML.

use std::ops::Range;

use crate::text::{is_token, skip_spaces};

/// The longest name, operator and value that are looked at, in bytes.
const MAX_NAME: usize = 80;
const MAX_VALUE: usize = 400;

/// How a value is tied to its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tie {
    /// `=`, `:`, `:=`, `=>`, with whether spaces stand around.
    Set { spaced: bool, colon: bool },
    /// `==`, `!=` and their longer forms.
    Compare,
    /// A comma or an opening parenthesis.
    Argument,
    /// A space only, as on a command line.
    Space,
    /// The end of an XML tag.
    Element,
}

/// A name and its value.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub quoted: bool,
    pub tie: Tie,
}

fn is_name(byte: u8) -> bool {
    const NAME: [bool; 256] = {
        let mut name = [false; 256];
        let mut byte = 0;
        while byte < u8::MAX {
            name[byte as usize] =
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
            byte += 1;
        }
        name
    };
    NAME[usize::from(byte)]
}

/// The run with the marks of base64 and passwords around it.
pub(crate) fn widen(bytes: &[u8], start: usize, end: usize) -> Range<usize> {
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

/// The name around `at`, bounded.
pub(crate) fn name_around(bytes: &[u8], at: usize) -> Range<usize> {
    let low = at.saturating_sub(MAX_NAME);
    let high = bytes.len().min(at + MAX_NAME);
    let before = bytes[low..at].iter().rposition(|b| !is_name(*b));
    let start = before.map_or(low, |gap| low + gap + 1);
    let behind = bytes[at..high].iter().position(|b| !is_name(*b));
    let end = behind.map_or(high, |gap| at + gap);
    start..end
}

/// The assignment to a name, if one follows.
pub(crate) fn forward(bytes: &[u8], name: Range<usize>) -> Option<Assignment> {
    let (tie, from) = operator(bytes, name.end)?;
    let (value, quoted) = value(bytes, from, tie)?;
    // `password: String = "…"`: what follows a colon may be a type.
    if let Tie::Set { colon: true, .. } = tie
        && !quoted
        && let Some(found) = after_type(bytes, from)
    {
        return Some(Assignment {
            name,
            value: found,
            quoted: true,
            tie,
        });
    }
    Some(Assignment {
        name,
        value,
        quoted,
        tie,
    })
}

fn after_type(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = bytes.get(from..bytes.len().min(from + 40))?;
    let equals = rest.iter().position(|&b| b == b'=')?;
    let is_type = rest[..equals]
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b" &'_<>[]?|.".contains(b));
    if !is_type || equals == 0 || rest.get(equals + 1) == Some(&b'=') {
        return None;
    }
    let at = skip_spaces(bytes, from + equals + 1);
    let (range, quoted) = value(
        bytes,
        at,
        Tie::Set {
            spaced: true,
            colon: false,
        },
    )?;
    quoted.then_some(range)
}

/// The assignment or comparison whose value begins at `value.start` and whose name stands before
/// it, or the argument, if it is quoted.
pub(crate) fn backward(bytes: &[u8], value: &Range<usize>) -> Option<Assignment> {
    let low = value.start.saturating_sub(MAX_NAME + 24);
    let before = |at: usize| (at > low).then(|| bytes[at - 1]);
    let mut at = value.start;
    let mut quoted = false;
    while matches!(before(at), Some(b'"' | b'\'' | b'`' | b'\\')) {
        at -= 1;
        quoted = true;
    }
    while quoted
        && matches!(
            before(at),
            Some(b'@' | b'b' | b'r' | b'u' | b'f' | b'L' | b'$')
        )
    {
        at -= 1;
    }
    let tight = at;
    while matches!(before(at), Some(b' ' | b'\t' | b'(')) {
        at -= 1;
    }
    let mut tie = match before(at)? {
        b',' if quoted => Tie::Argument,
        b'>' if before(at - 1) != Some(b'=') && before(at - 1) != Some(b'-') => Tie::Element,
        b'=' | b':' | b'>' => Tie::Set {
            spaced: at != tight,
            colon: before(at) == Some(b':'),
        },
        _ if !quoted => return None,
        _ if bytes[at..tight].contains(&b'(') => Tie::Argument,
        _ if at < tight => Tie::Space,
        _ => return None,
    };
    let operator_end = at;
    while matches!(
        before(at),
        Some(b'=' | b':' | b'>' | b',' | b'!' | b'|' | b'?' | b'+')
    ) {
        at -= 1;
    }
    if bytes[at..operator_end].contains(&b'!') || bytes[at..operator_end].starts_with(b"==") {
        tie = Tie::Compare;
    }
    while matches!(before(at), Some(b' ' | b'\t')) {
        at -= 1;
    }
    while matches!(before(at), Some(b'"' | b'\'' | b'`' | b']' | b')' | b'\\')) {
        at -= 1;
    }
    let end = at;
    while before(at).is_some_and(is_name) {
        at -= 1;
    }
    (at < end).then(|| Assignment {
        name: at..end,
        value: value.clone(),
        quoted,
        tie,
    })
}

/// `"value" == name`: the value before a comparison with the name that begins at `name`.
pub(crate) fn reversed(bytes: &[u8], name: usize) -> Option<Range<usize>> {
    let low = name.saturating_sub(MAX_VALUE);
    let trimmed = bytes[low..name].trim_ascii_end();
    let trimmed = trimmed.strip_suffix(b"=")?;
    let operator = trimmed.iter().rposition(|b| !b"=!".contains(b))?;
    if operator + 1 == trimmed.len() {
        return None;
    }
    let text = trimmed[..=operator].trim_ascii_end();
    let quote = *text.last().filter(|b| b"\"'".contains(b))?;
    let end = text.len() - 1;
    let start = text[..end].iter().rposition(|&b| b == quote)? + 1;
    (!text[start..end].contains(&b'\n')).then(|| low + start..low + end)
}

fn operator(bytes: &[u8], name_end: usize) -> Option<(Tie, usize)> {
    let mut at = name_end;
    let mut closers = 0;
    while closers < 4
        && matches!(
            bytes.get(at),
            Some(b'"' | b'\'' | b'`' | b']' | b')' | b'\\')
        )
    {
        at += 1;
        closers += 1;
    }
    if bytes.get(at) == Some(&b'[') {
        at += bytes[at..].iter().take(8).position(|&b| b == b']')? + 1;
    }
    let tight = at;
    at = skip_spaces(bytes, at);
    let rest = &bytes[at.min(bytes.len())..];
    let spaced = at != tight;
    let set = |colon| Tie::Set { spaced, colon };
    let (tie, length) = match rest {
        [b'=' | b'!', b'=', b'=', ..] => (Tie::Compare, 3),
        [b'=' | b'!', b'=', ..] => (Tie::Compare, 2),
        [b':', b':', b'=', ..] => (set(false), 3),
        [b':' | b'?' | b'+', b'=', ..] | [b'=', b'>', ..] => (set(false), 2),
        [b'-', b'>', ..] => (Tie::Space, 2),
        [b'=', ..] => (set(false), 1),
        [b':', ..] => (set(true), 1),
        [b'>', ..] => (Tie::Element, 1),
        [b',' | b'(', ..] => (Tie::Argument, 1),
        [b'v', ..] if rest.starts_with(b"value=") => (set(false), 6),
        _ if spaced => (Tie::Space, 0),
        _ => return None,
    };
    // A tag ends where its name does.
    if tie == Tie::Element && spaced {
        return None;
    }
    // A comma ties only a quoted name to its value, and no list or call that ends there.
    if rest.first() == Some(&b',')
        && (closers == 0 || bytes[name_end..tight].iter().any(|b| b"])".contains(b)))
    {
        return None;
    }
    let after = skip_spaces(bytes, at + length);
    let tie = match tie {
        Tie::Set { spaced, colon } => Tie::Set {
            spaced: spaced || after != at + length,
            colon,
        },
        other => other,
    };
    Some((tie, after))
}

fn value(bytes: &[u8], from: usize, tie: Tie) -> Option<(Range<usize>, bool)> {
    let mut at = from;
    // Prefixes of string literals: C#, Python, Rust, C.
    let prefix = bytes[at.min(bytes.len())..]
        .iter()
        .take(3)
        .take_while(|b| b"@brufLRUF$".contains(b))
        .count();
    if matches!(bytes.get(at + prefix), Some(b'"' | b'\'' | b'`')) {
        at += prefix;
    }
    let escaped = bytes.get(at) == Some(&b'\\');
    if escaped {
        at += 1;
    }
    let quote = *bytes.get(at)?;
    if matches!(quote, b'"' | b'\'' | b'`') {
        let mut start = at + 1;
        let mut quote = quote;
        // A quoted literal within quotes, as in build files.
        if let Some(inner @ (b'"' | b'\'')) = bytes.get(start)
            && *inner != quote
        {
            quote = *inner;
            start += 1;
        }
        let high = bytes.len().min(start + MAX_VALUE);
        let mut end = start;
        while end < high && bytes[end] != quote && bytes[end] != b'\n' {
            if bytes[end] == b'\\' {
                if escaped && bytes.get(end + 1) == Some(&quote) {
                    break;
                }
                end += 1;
            }
            end += 1;
        }
        let end = end.min(high);
        let closed = bytes.get(end).is_some_and(|&b| b == quote || b == b'\\');
        return (closed && end > start).then_some((start..end, true));
    }
    if escaped {
        return None;
    }
    let high = bytes.len().min(at + MAX_VALUE);
    let stop = |b: u8| b.is_ascii_whitespace() || tie == Tie::Element && b == b'<';
    let end = bytes[at..high]
        .iter()
        .position(|&b| stop(b))
        .map_or(high, |found| at + found);
    let trimmed = bytes[at..end]
        .iter()
        .rposition(|b| !b",;'\"`".contains(b))
        .map_or(at, |last| at + last + 1);
    (trimmed > at).then_some((at..trimmed, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, name: &str) -> Option<(String, bool)> {
        let at = text.find(name)?;
        let found = forward(text.as_bytes(), name_around(text.as_bytes(), at))?;
        Some((text[found.value].to_owned(), found.quoted))
    }

    #[test]
    fn notations() {
        for (text, value) in [
            ("password = \"v1\"", "v1"),
            ("password='v1'", "v1"),
            ("\"password\": \"v1\",", "v1"),
            ("password => 'v1'", "v1"),
            ("password := `v1`", "v1"),
            ("x['password'] = 'v1';", "v1"),
            ("char password[25] = \"v1\";", "v1"),
            ("password = @\"v1\";", "v1"),
            ("if (password == \"v1\")", "v1"),
            ("password(\"v1\")", "v1"),
            ("put(\"password\", \"v1\")", "v1"),
            ("password: String = \"v1\"", "v1"),
            ("{\\\"password\\\":\\\"v1\\\"}", "v1"),
            ("key=\"password\" value=\"v1\"", "v1"),
            ("--password \"v1\"", "v1"),
        ] {
            assert_eq!(
                read(text, "password"),
                Some((value.to_owned(), true)),
                "{text}"
            );
        }
        assert_eq!(
            read("password=v1\n", "password"),
            Some(("v1".to_owned(), false))
        );
        assert_eq!(
            read("<password>v1</password>", "password"),
            Some(("v1".to_owned(), false))
        );
        assert_eq!(read("password", "password"), None);
        assert_eq!(read("f(password, \"v1\")", "password"), None);
        assert_eq!(read("[\"password\"],\"v1\"", "password"), None);
        assert_eq!(read("f(\"password\"),\"v1\"", "password"), None);
    }

    #[test]
    fn comparisons_the_other_way_round() {
        let text = "if (\"v1\" == password) {";
        let at = text.find("password").unwrap();
        assert_eq!(reversed(text.as_bytes(), at).map(|r| &text[r]), Some("v1"));
        assert_eq!(reversed(b"a = password", 4), None);
    }

    #[test]
    fn names_before_a_value() {
        let text = "export API_KEY='v1'";
        let at = text.find("v1").unwrap();
        let found = backward(text.as_bytes(), &(at..at + 2)).unwrap();
        assert_eq!(&text[found.name], "API_KEY");
        assert!(found.quoted);
    }
}
