//! What packages say of their licence, as SPDX expressions.
//!
//! Nothing is guessed: a name that can mean several licences stays [`Licence::Ambiguous`], and a
//! text that is no name of a licence stays [`Licence::Unresolved`].

mod debian;
mod expression;
mod table;

use std::fmt::Write as _;

/// What one recorded value says.
///
/// # Examples
///
/// ```
/// use omg_sbom::licence::{Licence, resolve};
///
/// assert_eq!(resolve("MIT or apache-2.0"), Licence::Spdx("MIT OR Apache-2.0".to_owned()));
/// // Arch's convention before it took over SPDX's names.
/// assert_eq!(resolve("GPL3"), Licence::Legacy("GPL-3.0-or-later".to_owned()));
/// assert_eq!(resolve("custom:PUEL"), Licence::Legacy("LicenseRef-custom-PUEL".to_owned()));
/// // Two clauses, or three?
/// assert!(matches!(resolve("BSD"), Licence::Ambiguous { .. }));
/// assert!(matches!(resolve("see website"), Licence::Unresolved(_)));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Licence {
    /// An SPDX expression, in canonical spelling.
    Spdx(String),
    /// A name from before SPDX's, which a documented convention gives one meaning: that, as an
    /// SPDX expression. `custom` and what follows it become `LicenseRef-…`.
    Legacy(String),
    /// A name that means one of several licences.
    Ambiguous {
        /// The name.
        recorded: String,
        /// Some of the licences that it is used for, as SPDX identifiers.
        candidates: &'static [&'static str],
    },
    /// No name of a licence that is known here, as recorded.
    Unresolved(String),
}

impl Licence {
    /// The SPDX expression, if there is one.
    pub fn expression(&self) -> Option<&str> {
        match self {
            Self::Spdx(expression) | Self::Legacy(expression) => Some(expression),
            Self::Ambiguous { .. } | Self::Unresolved(_) => None,
        }
    }
}

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

pub(crate) use self::expression::all_of;

/// Finds out what a `License` field of Debian's machine-readable copyright files means, whose
/// names differ from SPDX's: `Expat`, `GPL-2+`.
///
/// # Examples
///
/// ```
/// use omg_sbom::licence::resolve_debian;
///
/// assert_eq!(resolve_debian("GPL-2+ or Expat").expression(), Some("GPL-2.0-or-later OR MIT"));
/// assert_eq!(resolve_debian("GPL-2+ with OpenSSL exception").expression(), None);
/// ```
pub fn resolve_debian(recorded: &str) -> Licence {
    debian::resolve(recorded)
}

/// The `License` fields of one of Debian's machine-readable copyright files that speak of files,
/// each once, sorted; nothing for a file that is not machine-readable.
///
/// # Examples
///
/// ```
/// use omg_sbom::licence::read_debian;
///
/// let text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
///     Files: *\nCopyright: 2024 Jane Doe\nLicense: Expat\n";
/// assert_eq!(read_debian(text), ["Expat"]);
/// ```
pub fn read_debian(copyright: &str) -> Vec<String> {
    debian::recorded(copyright)
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

/// A `LicenseRef-` of what an identifier may contain: letters, digits, `-` and `.`.
pub(crate) fn reference(kind: &str, name: &str) -> String {
    let mut id = format!("LicenseRef-{kind}");
    let mut pending = !name.is_empty() && !kind.is_empty();
    let mut exact = true;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if pending {
                id.push('-');
            }
            pending = false;
            id.push(c);
        } else {
            exact &= matches!(c, ' ' | '-' | '_' | '"');
            pending = true;
        }
    }
    if !exact || id.len() > 100 {
        // Different texts stay different.
        id.truncate(100);
        let _ = write!(id, "-{:08x}", checksum(name));
    }
    id
}

/// FNV-1a, 32 bits: tells texts apart that differ in what an identifier cannot contain.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
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
