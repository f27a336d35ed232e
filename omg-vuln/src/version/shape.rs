//! Texts that stand where a version belongs and are none.

/// Tells whether a text may be a version where the format itself allows nearly all letters:
/// only bytes that the format allows, a digit, no wildcard for a last component, and no commit.
///
/// A letter or a digit comes first, so that `~4.17` is none. The digit keeps out `latest`,
/// `unknown`, `HEAD` and `NOASSERTION`, which every such grammar would take; the bytes keep out
/// blanks, URLs and requirements as `>=1.0`.
pub(super) fn may_be(text: &str, separators: &[u8]) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || separators.contains(&byte))
        && !is_wildcard(text)
        && !is_commit(text)
}

/// Tells whether the text is a commit of git, written in full (SHA-1 or SHA-256).
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Tells whether the last component stands for any number, as in `4.x` and `4.x-dev`.
pub(super) fn is_wildcard(text: &str) -> bool {
    let text = text.strip_suffix("-dev").unwrap_or(text);
    matches!(text.rsplit_once('.'), Some((_, "x" | "X")))
}

/// Drops the `v` with which tags are written.
pub(super) fn without_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}
