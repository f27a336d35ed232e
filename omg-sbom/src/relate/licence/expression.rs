use std::{collections::HashMap, sync::LazyLock};

use ::spdx::{Expression, ParseMode, identifiers};

/// The specification's grammar; deprecated identifiers are still on the list.
const MODE: ParseMode = ParseMode {
    allow_deprecated: true,
    ..ParseMode::STRICT
};

/// Every identifier by its lower-case form: SPDX 2.3, annex D.2, matches in any case.
static IDENTIFIERS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let licences = identifiers::LICENSES.iter().map(|l| l.name);
    let exceptions = identifiers::EXCEPTIONS.iter().map(|e| e.name);
    licences
        .chain(exceptions)
        .map(|name| (name.to_ascii_lowercase(), name))
        .collect()
});

/// The identifier of a licence by the name that SPDX's list gives it, such as `MIT License`.
pub(super) fn by_full_name(text: &str) -> Option<&'static str> {
    let mut licences = identifiers::LICENSES.iter();
    let found = licences.find(|licence| licence.full_name.eq_ignore_ascii_case(text));
    found.map(|licence| licence.name)
}

/// The longest expression that is read; a longer one stays as it is recorded.
const MAX_BYTES: usize = 4096;

/// The expression in the list's spelling and with single spaces, if it is one.
pub(super) fn canonical(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    if ::spdx::license_id(text).is_some() {
        return Some(text.to_owned());
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut out = String::with_capacity(text.len());
    for word in spaced.split_ascii_whitespace() {
        let word = spelled(word)?;
        if !out.is_empty() && !out.ends_with('(') && word != ")" {
            out.push(' ');
        }
        out.push_str(&word);
    }
    let out = without_outer(&out);
    // The parser wants a licence id of the list, so that what passes here is valid.
    Expression::parse_mode(out, MODE).ok()?;
    Some(out.to_owned())
}

fn spelled(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    if matches!(lower.as_str(), "and" | "or" | "with") {
        return Some(lower.to_ascii_uppercase());
    }
    if matches!(word, "(" | ")") || is_reference(word) {
        return Some(word.to_owned());
    }
    let (id, plus) = match lower.strip_suffix('+') {
        // A few deprecated identifiers end in a plus themselves.
        Some(id) if !IDENTIFIERS.contains_key(&lower) => (id, "+"),
        _ => (lower.as_str(), ""),
    };
    IDENTIFIERS.get(id).map(|id| format!("{id}{plus}"))
}

fn is_reference(word: &str) -> bool {
    let name = word.strip_prefix("LicenseRef-");
    name.is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
    })
}

/// `(MIT)` is `MIT`.
fn without_outer(text: &str) -> &str {
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
    inner
        .filter(|inner| !inner.contains(['(', ')']))
        .unwrap_or(text)
}

/// Joins expressions with AND, with parentheses where OR would bind differently.
pub(crate) fn all_of(expressions: &[&str]) -> String {
    if let [one] = expressions {
        return (*one).to_owned();
    }
    let part = |text: &&str| match text.contains(" OR ") {
        true => format!("({text})"),
        false => (*text).to_owned(),
    };
    let mut parts: Vec<String> = expressions.iter().map(part).collect();
    parts.sort();
    parts.dedup();
    match parts.as_slice() {
        [one] => without_outer(one).to_owned(),
        _ => parts.join(" AND "),
    }
}

/// Whether this is one identifier of SPDX's list, and neither an expression nor a `LicenseRef-`.
#[cfg(feature = "cyclonedx")]
pub(crate) fn is_listed(expression: &str) -> bool {
    ::spdx::license_id(expression).is_some()
}

/// Which of SPDX's lists is built in.
pub fn list_version() -> &'static str {
    ::spdx::license_version()
}
