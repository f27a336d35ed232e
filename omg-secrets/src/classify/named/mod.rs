//! Whether a named value is a credential: what the name says, and what the value looks like.

mod around;
mod looks;
mod name;
mod words;

use self::around::Around;
use self::looks::{
    begins_with_date, dotted, is_algorithm, is_between, is_call, is_date_or_version,
    is_escaped_script, is_hex_or_uuid, is_identifier, is_path, is_pattern, is_program, is_version,
    listing, name_like, names_itself, odd, phrase, symbols,
};
pub(crate) use self::name::{Kind, kind};
use crate::classify::entropy::{Makeup, shannon, wordy};
use crate::classify::placeholder;
use crate::extract::assign::{Assignment, Tie};
use crate::rules::Confidence;

/// How sure, and whether the severity is lowered because the value is made of words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub confidence: Confidence,
    pub weak: bool,
}

const SURE: Verdict = Verdict {
    confidence: Confidence::Medium,
    weak: false,
};

const WEAK: Verdict = Verdict {
    confidence: Confidence::Low,
    weak: true,
};

/// Judges the value of an assignment.
pub(crate) fn value(kind: Kind, bytes: &[u8], found: &Assignment) -> Option<Verdict> {
    let name = &bytes[found.name.clone()];
    let text = &bytes[found.value.clone()];
    let around = Around::new(bytes, found);
    // What costs least is asked first: most values are expressions.
    if !found.quoted
        && (found.tie == Tie::Compare
            || found.tie != Tie::Element && is_program(text)
            || around.statement()
            || around.opens()
            || text.starts_with(b"$")
            || text.starts_with(b"0x")
            || found.tie == Tie::Element && matches!(text.first(), Some(b'(' | b'[' | b'{'))
            || is_identifier(text) && !(kind == Kind::Password && around.settings())
            || around.listed() && !odd(text))
    {
        return None;
    }
    if !text.iter().any(u8::is_ascii_alphanumeric)
        || is_path(text)
        || is_call(text)
        || begins_with_date(text) && text.len() > "2018-01-01".len()
        || found.quoted && (is_between(text) || around.in_list())
        || matches!(text, b"same-origin" | b"include" | b"omit")
        || is_version(text)
        || is_algorithm(text)
        || is_escaped_script(text)
        || names_itself(name, text)
    {
        return None;
    }
    looks(kind, text, found, around).filter(|_| !stands_in(kind, text))
}

/// Whether the value stands in for a secret. Where somebody counted, or ended with dots, they may
/// have chosen a password.
pub(crate) fn stands_in(kind: Kind, text: &[u8]) -> bool {
    let cut = || placeholder::counted(text) || text.ends_with(b"...");
    placeholder::standin(text) || kind != Kind::Password && cut()
}

fn looks(kind: Kind, text: &[u8], found: &Assignment, around: Around<'_>) -> Option<Verdict> {
    if is_hex_or_uuid(text) {
        return strong(kind, text);
    }
    match kind {
        Kind::Password => password(text, found, around),
        Kind::Secret => strong(kind, text)
            .filter(|_| found.quoted || plain(text, found, around))
            .or_else(|| secret_word(text, found, around)),
        Kind::Token | Kind::Key => token(kind, text, found, around).filter(|_| !is_pattern(text)),
    }
}

fn token(kind: Kind, text: &[u8], found: &Assignment, around: Around<'_>) -> Option<Verdict> {
    if found.quoted && symbols(text) >= 3 && !text.contains(&b' ')
        || odd(text) && around.ends_line()
    {
        return Some(SURE);
    }
    if found.quoted && kind == Kind::Key && phrase(text) {
        return Some(WEAK);
    }
    strong(kind, text).filter(|_| found.quoted || plain(text, found, around))
}

fn password(text: &[u8], found: &Assignment, around: Around<'_>) -> Option<Verdict> {
    if text.len() < 4 || text.len() > 120 {
        return None;
    }
    if found.tie == Tie::Space && !found.quoted {
        return None;
    }
    let makeup = Makeup::of(text);
    let mixed = makeup.digit > 0 && makeup.lower + makeup.upper > 0
        || symbols(text) > 0 && makeup.kinds() >= 2;
    if !found.quoted && found.tie != Tie::Element {
        if odd(text) && around.ends_line() {
            return Some(SURE);
        }
        return bare(text, found, around, mixed);
    }
    if text.contains(&b' ') {
        return phrase(text).then_some(WEAK);
    }
    // What people read, in another script.
    let foreign = text.iter().filter(|b| !b.is_ascii()).count();
    if foreign > 0 && (!mixed || foreign * 2 > text.len()) {
        return None;
    }
    if name_like(text) {
        return None;
    }
    if wordy(text) || !mixed {
        return Some(WEAK);
    }
    Some(SURE)
}

/// A password without quotes: safe to take only where it cannot be an expression.
fn bare(text: &[u8], found: &Assignment, around: Around<'_>, mixed: bool) -> Option<Verdict> {
    let expression = text.iter().any(|b| b"()[]{}<>;\"'|\\".contains(b))
        || text
            .windows(2)
            .any(|pair| pair == b"::" || pair == b"->" || pair == b"&&")
        || text.starts_with(b"&")
        || text.starts_with(b"*")
        || text.starts_with(b"-")
        || text.starts_with(b"#")
        || text.starts_with(b"@");
    if expression || !around.ends_line() || dotted(text) || text.ends_with(b":") {
        return None;
    }
    let Tie::Set { spaced, colon } = found.tie else {
        return (found.tie == Tie::Element).then_some(SURE);
    };
    let names = name_like(text);
    match (mixed && !wordy(text), spaced && !colon) {
        (true, false) => Some(SURE),
        (true, true)
            if strong(Kind::Password, text).is_some()
                || symbols(text) > 0 && !names
                || around.user() =>
        {
            Some(SURE)
        }
        _ if around.user() && text.len() >= 5 => Some(WEAK),
        // `PASSWORD=word` in a file of settings.
        (false, false) if !colon && text.len() >= 5 && !names => Some(WEAK),
        (_, false) if colon && mixed && !names => Some(WEAK),
        _ => None,
    }
}

fn secret_word(text: &[u8], found: &Assignment, around: Around<'_>) -> Option<Verdict> {
    let verdict = password(text, found, around)?;
    (text.len() >= 6).then_some(verdict)
}

/// A value that looks random.
fn strong(kind: Kind, text: &[u8]) -> Option<Verdict> {
    if text.len() < 8 || text.len() > 400 || text.contains(&b' ') {
        return None;
    }
    // Most values are words.
    if wordy(text) || !text.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let makeup = Makeup::of(text);
    let letters = makeup.lower + makeup.upper;
    if letters == 0 && makeup.digit < 12
        || is_date_or_version(text)
        || dotted(text)
        || listing(text)
    {
        return None;
    }
    let entropy = shannon(text);
    let needed = if text.len() < 16 { 2.4 } else { 2.7 };
    if entropy < needed {
        return None;
    }
    let random = makeup.digit > 0 && letters > 0
        || text.len() >= 16
            && makeup.lower > 0
            && makeup.upper > 1
            && makeup.turns * 5 >= text.len()
        || text.len() >= 20 && letters > 0 && entropy >= 3.3
        || makeup.digit >= 12;
    if !random {
        return None;
    }
    let weak = text.len() < 12 && kind != Kind::Password && makeup.digit < 3;
    Some(if weak { WEAK } else { SURE })
}

/// Without quotes, only what no language would take for an expression.
fn plain(text: &[u8], found: &Assignment, around: Around<'_>) -> bool {
    let simple = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=_.~-:%!@#^*".contains(b));
    let makeup = Makeup::of(text);
    simple
        && makeup.digit > 0
        && (found.tie != Tie::Space || text.len() >= 20)
        && (around.ends_line() || text.len() >= 16)
}
