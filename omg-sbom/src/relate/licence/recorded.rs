use super::{expression, meaning::Licence, reference::reference, table};

/// Finds out what one recorded value means.
///
/// Understood are SPDX expressions, with operators and identifiers in any case (SPDX
/// specification 2.3, annex D); the names that Arch's packages used before its RFC 16; and
/// `custom:NAME`, which becomes a `LicenseRef-`.
pub fn resolve(recorded: &str) -> Licence {
    let text = recorded.trim();
    // MSYS2 marks what is SPDX.
    let text = text.strip_prefix("spdx:").unwrap_or(text);
    if let Some(expression) = expression::canonical(text) {
        return Licence::Spdx(expression);
    }
    if let Some(id) = table::legacy(text).or_else(|| expression::by_full_name(text)) {
        return Licence::Legacy(id.to_owned());
    }
    if let Some(candidates) = table::ambiguous(text) {
        return Licence::Ambiguous {
            recorded: recorded.to_owned(),
            candidates,
        };
    }
    match custom(text) {
        Some(reference) => Licence::Legacy(reference),
        None => Licence::Unresolved(recorded.to_owned()),
    }
}

/// `custom`, `custom:NAME`: the package's own text; also a `LicenseRef-` whose name has
/// characters that an identifier cannot have, as long as it is no variable of a script.
fn custom(text: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix("LicenseRef-") {
        let is_name = name.contains(|c: char| c.is_ascii_alphanumeric())
            && !name.contains('$')
            && !name.contains(char::is_whitespace);
        return is_name.then(|| reference("", name));
    }
    let head = text.get(..6)?;
    if !head.eq_ignore_ascii_case("custom") {
        return None;
    }
    let rest = &text[6..];
    let name = match rest.strip_prefix(':') {
        Some(name) => name.trim(),
        None if rest.is_empty() => "",
        None => return None,
    };
    Some(reference("custom", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_get_their_canonical_spelling() {
        for (text, expected) in [
            ("MIT", "MIT"),
            ("mit", "MIT"),
            ("(MIT)", "MIT"),
            (
                "GPL-2.0-or-later with linux-syscall-note",
                "GPL-2.0-or-later WITH Linux-syscall-note",
            ),
            ("Apache-2.0 AND (MIT or ISC)", "Apache-2.0 AND (MIT OR ISC)"),
            ("GPL-2.0", "GPL-2.0"),
            ("LicenseRef-UnRAR", "LicenseRef-UnRAR"),
            ("Apache-2.0+", "Apache-2.0+"),
        ] {
            assert_eq!(resolve(text), Licence::Spdx(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for text in [
            "",
            "AND",
            "GPL-3.0-or-later WITH OpenSSL-exception",
            "GPLv2",
            "Apache 2.0",
            "MIT MIT",
            "LicenseRef-${pkgname}",
            "LicenseRef-",
            "customised",
            "MIT AND",
            "(MIT",
            "unknown",
        ] {
            assert_eq!(resolve(text), Licence::Unresolved(text.to_owned()));
        }
        for text in ["BSD", "bsd", "AGPL", "FDL", "MPL"] {
            assert!(matches!(resolve(text), Licence::Ambiguous { .. }), "{text}");
        }
    }

    #[test]
    fn own_texts_become_references() {
        for (text, expected) in [
            ("custom", "LicenseRef-custom"),
            ("Custom", "LicenseRef-custom"),
            ("custom: public domain", "LicenseRef-custom-public-domain"),
            ("LicenseRef-a_b", "LicenseRef-a-b"),
            ("MIT License", "MIT"),
            ("custom:a/b", "LicenseRef-custom-a-b-3a8e75c1"),
        ] {
            assert_eq!(resolve(text).expression(), Some(expected), "{text}");
        }
        assert_ne!(reference("custom", "\u{e9}"), reference("custom", "\u{e8}"));
        assert!(expression::canonical(&reference("custom", &"x".repeat(500))).is_some());
    }
}
