//! Documents that say by their form which of their values are secrets: Kubernetes Secrets,
//! Docker's registry file, Google's key files.

use std::ops::Range;

use crate::text::{holds, skip_spaces};

/// How much of a Kubernetes document around its kind is read.
pub(crate) const MAX_DOCUMENT: usize = 16 << 10;

/// An entry of a Kubernetes Secret.
pub(crate) struct Entry {
    pub name: Range<usize>,
    pub value: Range<usize>,
    /// Whether the value is in base64: one of `data`, not of `stringData`.
    pub encoded: bool,
}

/// The entries of `data` and `stringData` in the document around `kind: Secret`.
pub(crate) fn kubernetes(bytes: &[u8], at: usize) -> Vec<Entry> {
    let mut out = Vec::new();
    let after = bytes
        .get(at + "kind: Secret".len())
        .copied()
        .unwrap_or(b'\n');
    if !after.is_ascii_whitespace() && !b"\"'".contains(&after) {
        return out;
    }
    let low = at.saturating_sub(MAX_DOCUMENT);
    let high = bytes.len().min(at + MAX_DOCUMENT);
    let start =
        memchr::memmem::rfind(&bytes[low..at], b"\n---").map_or(low, |found| low + found + 1);
    let end = memchr::memmem::find(&bytes[at..high], b"\n---").map_or(high, |found| at + found);
    let mut section: Option<(usize, bool)> = None;
    let mut from = start;
    while from < end {
        let stop = memchr::memchr(b'\n', &bytes[from..end]).map_or(end, |found| from + found);
        let text = &bytes[from..stop];
        let indent = text.iter().take_while(|b| b" -".contains(b)).count();
        let trimmed = text[indent..].trim_ascii();
        if !trimmed.is_empty() && !trimmed.starts_with(b"#") {
            match section {
                Some((depth, encoded)) if indent > depth => {
                    out.extend(entry(bytes, from + indent, stop, encoded));
                }
                _ => {
                    section = match trimmed {
                        b"data:" => Some((indent, true)),
                        b"stringData:" => Some((indent, false)),
                        _ => None,
                    };
                }
            }
        }
        from = stop + 1;
    }
    out
}

/// `name: value`, where the value is written on its line and is no alias, tag or block of YAML.
fn entry(bytes: &[u8], start: usize, stop: usize, encoded: bool) -> Option<Entry> {
    let colon = start + memchr::memchr(b':', &bytes[start..stop])?;
    let mut from = skip_spaces(bytes, colon + 1);
    let mut end = start + bytes[start..stop].trim_ascii_end().len();
    if let Some(comment) = memchr::memmem::find(bytes.get(from..end)?, b" #") {
        end = from + comment;
    }
    while from < end && b"\"'".contains(&bytes[from]) {
        from += 1;
    }
    while end > from && b"\"' ".contains(&bytes[end - 1]) {
        end -= 1;
    }
    let first = bytes.get(from..end)?.first()?;
    (!b"|>&*!$".contains(first)).then_some(Entry {
        name: start..colon,
        value: from..end,
        encoded,
    })
}

/// `"auth": "<base64 of user:password>"`, with `at` on the key's quote: the value.
pub(crate) fn registry_auth(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let high = bytes.len().min(at + 1200);
    let colon = at + memchr::memchr(b':', &bytes[at..high.min(at + 14)])?;
    let mut start = skip_spaces(bytes, colon + 1);
    while matches!(bytes.get(start), Some(b'"' | b'\\')) {
        start += 1;
    }
    let end = bytes[start..high]
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || b"+/=_-".contains(b)))
        .map_or(high, |found| start + found);
    Some(start..end)
}

/// Whether `auths` of Docker's registry file stands before `at`.
pub(crate) fn within_auths(bytes: &[u8], at: usize) -> bool {
    let nearby = &bytes[at.saturating_sub(1500)..at];
    holds(nearby, "\"auths") || holds(nearby, "auths\\")
}

/// Whether a private key at `at` is a member of a Google service account's key file.
pub(crate) fn within_service_account(bytes: &[u8], at: usize) -> bool {
    let around = &bytes[at.saturating_sub(1200)..bytes.len().min(at + 5000)];
    memchr::memmem::find(around, b"service_account").is_some() && holds(around, "private_key")
}
