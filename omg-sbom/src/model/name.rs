//! Names and versions as package managers allow and compare them.

use super::{limits, problem::ProblemKind};

/// No package manager allows white space or control characters in a name or version, and a
/// terminal would obey the latter.
pub(crate) fn fault_of(what: &str, text: &str) -> Option<(ProblemKind, String)> {
    if text.len() <= limits::MAX_NAME_BYTES
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic())
    {
        // Nearly all of them; the rest is looked at character by character.
        None
    } else if text.is_empty() {
        Some((ProblemKind::Malformed, format!("{what} is empty")))
    } else if text.len() > limits::MAX_NAME_BYTES {
        let limit = limits::MAX_NAME_BYTES;
        Some((
            ProblemKind::LimitExceeded,
            format!("{what} is longer than {limit} bytes"),
        ))
    } else if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\u{fffd}') {
        Some((
            ProblemKind::Malformed,
            format!("{what} has characters that are not allowed"),
        ))
    } else {
        None
    }
}

/// A project name as the Python Package Index compares it (PEP 503, "Normalized Names").
pub(crate) fn normalise_python_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !normal.is_empty() {
            normal.push('-');
        }
        normal.push_str(&part.to_ascii_lowercase());
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_names_are_normalised() {
        assert_eq!(normalise_python_name("Zope.-_Interface"), "zope-interface");
    }
}
