//! The comment that allows a finding on its line: `omg:allow` and a reason.

/// The longest line of which the comment is looked for, to each side of the finding.
const REACH: usize = 2000;

/// The reason given on the line around `at`. A comment without one allows nothing, and
/// `omg:allow(rule-id)` allows that rule only.
pub(crate) fn reason(bytes: &[u8], at: usize, rule: &str) -> Option<String> {
    let range = crate::text::line(bytes, at.min(bytes.len()), REACH);
    let line = &bytes[range.clone()];
    let found = memchr::memmem::find(line, b"omg:allow")?;
    // A secret within the comment is none that it excuses.
    if range.start + found < at {
        return None;
    }
    let mut rest = &line[found + "omg:allow".len()..];
    if let Some(inner) = rest.strip_prefix(b"(") {
        let close = memchr::memchr(b')', inner)?;
        if inner[..close].trim_ascii() != rule.as_bytes() {
            return None;
        }
        rest = &inner[close + 1..];
    }
    let text = String::from_utf8_lossy(rest);
    let text = text
        .trim()
        .trim_end_matches("*/")
        .trim_end_matches("-->")
        .trim_matches([' ', ':', '-', '\t']);
    // The reason is shown to people, and what stands on the line may hold another secret.
    let shown = |word: &str| {
        let secret = word.len() >= 8 && word.bytes().any(|b| !b.is_ascii_alphabetic());
        if secret {
            "(...)".to_owned()
        } else {
            word.to_owned()
        }
    };
    let text = text
        .split_whitespace()
        .map(shown)
        .collect::<Vec<_>>()
        .join(" ");
    (text.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_needed() {
        let allowed = |line: &str| reason(line.as_bytes(), 0, "some-rule");
        assert_eq!(
            allowed("x # omg:allow test key"),
            Some("test key".to_owned())
        );
        assert_eq!(
            allowed("x /* omg:allow: revoked 2024 */"),
            Some("revoked 2024".to_owned())
        );
        assert_eq!(
            allowed("x # omg:allow(some-rule) of a test"),
            Some("of a test".to_owned())
        );
        assert_eq!(allowed("x # omg:allow(other-rule) of a test"), None);
        assert_eq!(allowed("x # omg:allow"), None);
        assert_eq!(allowed("x\n# omg:allow of the next line"), None);
    }
}
