//! Licences of Debian's machine-readable copyright files.
//!
//! Source: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>, sections 7.1
//! (short names) and 7.2 (syntax).

use super::{expression, meaning::Licence, reference::reference};

/// Short names that the format defines and that SPDX spells otherwise.
const NAMES: &[(&str, &str)] = &[
    ("Artistic", "Artistic-1.0"),
    ("CC0", "CC0-1.0"),
    ("CDDL", "CDDL-1.0"),
    ("Expat", "MIT"),
    ("W3C-Software", "W3C"),
];

/// The families of the GNU licences: `GPL-2` is that version only, `GPL-2+` that or later.
const GNU: [&str; 4] = ["AGPL", "GFDL", "GPL", "LGPL"];

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
///
/// A name that the format does not define is explained in the file itself, which makes it a
/// `LicenseRef-`.
pub fn resolve_debian(recorded: &str) -> Licence {
    let unresolved = || Licence::Unresolved(recorded.to_owned());
    let lower = recorded.to_ascii_lowercase();
    // Commas group, and "with … exception" names no exception of SPDX's list.
    if recorded.len() > 1024 || recorded.contains(',') || lower.contains(" with ") {
        return unresolved();
    }
    let mut parts = Vec::new();
    for word in recorded.split_ascii_whitespace() {
        parts.push(match word.to_ascii_lowercase().as_str() {
            "and" => "AND".to_owned(),
            "or" => "OR".to_owned(),
            _ => name(word),
        });
    }
    // As in SPDX, `and` binds more than `or` (section 7.2).
    match expression::canonical(&parts.join(" ")) {
        Some(expression) => Licence::Legacy(expression),
        None => unresolved(),
    }
}

fn name(word: &str) -> String {
    if let Some(id) = gnu(word) {
        return id;
    }
    let defined = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word));
    match defined {
        Some((_, id)) => (*id).to_owned(),
        None => expression::canonical(word).unwrap_or_else(|| reference("debian", word)),
    }
}

fn gnu(word: &str) -> Option<String> {
    let (family, version) = word.split_once('-')?;
    if !GNU.contains(&family) {
        return None;
    }
    let (version, suffix) = match version.strip_suffix('+') {
        Some(version) => (version, "or-later"),
        None => (version, "only"),
    };
    let is_number = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !is_number {
        return None;
    }
    let version = if version.contains('.') {
        version.to_owned()
    } else {
        format!("{version}.0")
    };
    expression::canonical(&format!("{family}-{version}-{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_format() {
        for (text, expected) in [
            ("Expat", "MIT"),
            ("GPL-2+", "GPL-2.0-or-later"),
            ("LGPL-2.1", "LGPL-2.1-only"),
            ("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0"),
            ("BSD-3-clause", "BSD-3-Clause"),
            ("public-domain", "LicenseRef-debian-public-domain"),
            ("Apache-2.0 and BSL-1.0", "Apache-2.0 AND BSL-1.0"),
        ] {
            assert_eq!(
                resolve_debian(text),
                Licence::Legacy(expected.to_owned()),
                "{text}"
            );
        }
        for text in [
            "GPL-2+ with OpenSSL exception",
            "A, or B",
            "GPL-2 or",
            "the same as Perl",
        ] {
            assert!(
                matches!(resolve_debian(text), Licence::Unresolved(_)),
                "{text}"
            );
        }
    }
}
