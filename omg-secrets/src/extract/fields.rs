//! Credentials that their place in a document makes one: Kubernetes Secrets, Docker's
//! registry file, Google's key files, sentences.

use std::ops::Range;

use super::uri::Found;
use crate::classify::entropy::Makeup;
use crate::classify::placeholder;
use crate::classify::structure::user_and_password;
use crate::rules::Confidence;
use crate::text::encoding::base64;
use crate::text::{holds, line, skip_spaces};

/// How much of a Kubernetes document around its kind is read.
pub(crate) const MAX_DOCUMENT: usize = 16 << 10;

fn found(rule: &'static str, span: Range<usize>, confidence: Confidence) -> Found {
    Found {
        rule,
        span,
        confidence,
        weak: false,
        valid: None,
    }
}

/// The values of `data` and `stringData` in the document around `kind: Secret`.
pub(crate) fn kubernetes(bytes: &[u8], at: usize) -> Vec<Found> {
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
                    if let Some(value) = entry(bytes, from + indent, stop, encoded) {
                        out.push(found("kubernetes-secret", value, Confidence::Medium));
                    }
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

fn entry(bytes: &[u8], start: usize, stop: usize, encoded: bool) -> Option<Range<usize>> {
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
    let value = bytes.get(from..end)?;
    let name = &bytes[start..colon];
    if value.is_empty()
        || placeholder::standin(value)
        || value.starts_with(b"{{")
        || b"|>&*!$".contains(&value[0])
    {
        return None;
    }
    let plain = if encoded {
        base64(value)?
    } else {
        value.to_vec()
    };
    let telling = crate::classify::named::kind(name).is_some()
        || [
            "config",
            "cert",
            "crt",
            "key",
            "auth",
            "credential",
            "uri",
            "url",
        ]
        .iter()
        .any(|w| holds(name, w) && plain.len() >= 16);
    let is_public = ["user", "host", "port", "name", "email", "ca."]
        .iter()
        .any(|w| holds(name, w))
        && !holds(name, "pass");
    (telling && !is_public && plain.len() >= 6 && !placeholder::standin(&plain))
        .then_some(from..end)
}

/// `"auth": "<base64 of user:password>"`, with `at` on the key's quote.
pub(crate) fn docker_auth(bytes: &[u8], at: usize) -> Option<Found> {
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
    let value = &bytes[start..end];
    let nearby = &bytes[at.saturating_sub(1500)..at];
    let valid = user_and_password(value);
    if value.len() < 8
        || !(valid || holds(nearby, "\"auths") || holds(nearby, "auths\\"))
        || placeholder::standin(value)
    {
        return None;
    }
    let mut hit = found(
        "docker-registry-auth",
        start..end,
        if valid {
            Confidence::High
        } else {
            Confidence::Medium
        },
    );
    hit.valid = Some(valid);
    Some(hit)
}

/// Whether a private key at `at` is a member of a Google service account's key file.
pub(crate) fn service_account(bytes: &[u8], at: usize) -> bool {
    let around = &bytes[at.saturating_sub(1200)..bytes.len().min(at + 5000)];
    memchr::memmem::find(around, b"service_account").is_some() && holds(around, "private_key")
}

/// `password is "…"` and `password for x is …`, with `at` on the word.
pub(crate) fn prose(bytes: &[u8], at: usize) -> Option<Found> {
    let end = bytes.len().min(at + 90);
    let text = &bytes[at..end];
    let text = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
    let is = memchr::memmem::find(text, b" is ")?;
    let before = &text[..is];
    if before.iter().any(|b| b".=({;:".contains(b)) {
        return None;
    }
    let start = at + is + 4;
    let quote = *bytes.get(start).filter(|b| b"\"'`".contains(b))?;
    let close = memchr::memchr(quote, &bytes[start + 1..bytes.len().min(start + 60)])?;
    let value = &bytes[start + 1..start + 1 + close];
    let word = !value.is_empty() && value.len() >= 4 && value.iter().all(u8::is_ascii_graphic);
    let stand_in = placeholder::standin(value) && !matches!(value, b"admin" | b"root");
    if !word
        || stand_in
        || matches!(
            value,
            b"required" | b"incorrect" | b"wrong" | b"true" | b"false" | b"None"
        )
    {
        return None;
    }
    let makeup = Makeup::of(value);
    let mut hit = found(
        "generic-password-in-prose",
        start + 1..start + 1 + close,
        Confidence::Low,
    );
    hit.weak = makeup.digit == 0;
    Some(hit)
}

/// The second quoted argument of `NetworkCredential(…)`, the third of `DirectoryEntry(…)`.
pub(crate) fn argument(bytes: &[u8], at: usize, which: usize) -> Option<Found> {
    let end = bytes.len().min(at + 260);
    let mut from = at;
    for number in 0..=which {
        let open = from + memchr::memchr(b'"', &bytes[from..end])?;
        let close = open + 1 + memchr::memchr(b'"', &bytes[open + 1..end])?;
        let gap = &bytes[from..open];
        if number > 0 && !gap.iter().all(|b| b.is_ascii_whitespace() || *b == b',') {
            return None;
        }
        if number == which {
            let value = &bytes[open + 1..close];
            let fits = value.len() >= 4 && (!placeholder::standin(value) || which == 2);
            return fits.then(|| {
                found(
                    "generic-credential-argument",
                    open + 1..close,
                    Confidence::Medium,
                )
            });
        }
        from = close + 1;
    }
    None
}

/// The password that Jenkins writes to its log when it is started for the first time: 32
/// hexadecimal digits on a line of their own, with `at` on the words before.
pub(crate) fn jenkins_setup(bytes: &[u8], at: usize) -> Option<Found> {
    let text = &bytes[at..bytes.len().min(at + 200)];
    let mut from = at;
    for part in text.split(|&b| b == b'\n') {
        let value = part.trim_ascii();
        let hex = value.len() == 32 && value.iter().all(u8::is_ascii_hexdigit);
        if hex && !placeholder::standin(value) {
            let start = from + part.len() - part.trim_ascii_start().len();
            let span = start..start + 32;
            return Some(found("jenkins-setup-password", span, Confidence::High));
        }
        from += part.len() + 1;
    }
    None
}

/// A Vault unseal key: base64 or hex of 32 or 33 bytes after `Unseal Key N:` or `unseal`.
pub(crate) fn unseal_key(bytes: &[u8], at: usize) -> Option<Found> {
    let range = line(bytes, at, 120);
    let from = at
        + bytes[at..range.end]
            .iter()
            .position(|b| *b == b':' || *b == b'l')?;
    let mut start = from + 1;
    if let Some(colon) = memchr::memchr(b':', &bytes[at..range.end.min(at + 20)]) {
        start = at + colon + 1;
    }
    let start = skip_spaces(bytes, start);
    let value = bytes.get(start..range.end)?.trim_ascii();
    let value = value
        .split(|b| b.is_ascii_whitespace() || b"\"'`".contains(b))
        .next()?;
    let length = base64(value)?.len();
    let fits = matches!(length, 32 | 33) && Makeup::of(value).kinds() >= 3;
    fits.then(|| {
        found(
            "vault-unseal-key",
            start..start + value.len(),
            Confidence::High,
        )
    })
}
