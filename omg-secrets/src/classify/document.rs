//! Credentials that their place in a document or a sentence makes one.

use std::ops::Range;

use super::entropy::Makeup;
use super::named::kind;
use super::structure::user_and_password;
use super::{Found, placeholder};
use crate::extract::document::{Entry, within_auths};
use crate::rules::Confidence;
use crate::text::encoding::base64;
use crate::text::holds;

/// A word of which one in its name makes a longer entry a secret.
const TELLING: [&str; 8] = [
    "config",
    "cert",
    "crt",
    "key",
    "auth",
    "credential",
    "uri",
    "url",
];

/// A word of which one in its name makes an entry public.
const PUBLIC: [&str; 6] = ["user", "host", "port", "name", "email", "ca."];

/// The value of an entry of a Kubernetes Secret.
pub(crate) fn kubernetes_secret(bytes: &[u8], entry: &Entry) -> Option<Found> {
    let value = &bytes[entry.value.clone()];
    let name = &bytes[entry.name.clone()];
    if placeholder::standin(value) || value.starts_with(b"{{") {
        return None;
    }
    let plain = if entry.encoded {
        base64(value)?
    } else {
        value.to_vec()
    };
    let names = |words: &[&str]| words.iter().any(|word| holds(name, word));
    let telling = kind(name).is_some() || plain.len() >= 16 && names(&TELLING);
    let is_public = names(&PUBLIC) && !holds(name, "pass");
    let fits = telling && !is_public && plain.len() >= 6 && !placeholder::standin(&plain);
    fits.then(|| Found::new("kubernetes-secret", entry.value.clone(), Confidence::Medium))
}

/// The credentials of a registry, with `at` on their key: well formed, or in the file of them.
pub(crate) fn registry_auth(bytes: &[u8], at: usize, span: Range<usize>) -> Option<Found> {
    let value = &bytes[span.clone()];
    let valid = user_and_password(value);
    if value.len() < 8 || !(valid || within_auths(bytes, at)) || placeholder::standin(value) {
        return None;
    }
    let confidence = if valid {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Some(Found {
        valid: Some(valid),
        ..Found::new("docker-registry-auth", span, confidence)
    })
}

/// The password in a sentence.
pub(crate) fn prose(bytes: &[u8], span: Range<usize>) -> Option<Found> {
    let value = &bytes[span.clone()];
    let word = value.len() >= 4 && value.iter().all(u8::is_ascii_graphic);
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
    Some(Found {
        weak: Makeup::of(value).digit == 0,
        ..Found::new("generic-password-in-prose", span, Confidence::Low)
    })
}

/// The password among the arguments of a call; `DirectoryEntry(…)`, whose third it is, is called
/// with nothing else.
pub(crate) fn argument(bytes: &[u8], span: Range<usize>, which: usize) -> Option<Found> {
    let value = &bytes[span.clone()];
    let fits = value.len() >= 4 && (!placeholder::standin(value) || which == 2);
    fits.then(|| Found::new("generic-credential-argument", span, Confidence::Medium))
}

/// The password that Jenkins writes to its log when it is started for the first time: the first
/// of the lines that no person wrote.
pub(crate) fn jenkins_setup(
    bytes: &[u8],
    mut lines: impl Iterator<Item = Range<usize>>,
) -> Option<Found> {
    let span = lines.find(|line| !placeholder::standin(&bytes[line.clone()]))?;
    Some(Found::new("jenkins-setup-password", span, Confidence::High))
}

/// A Vault unseal key: base64 or hex of 32 or 33 bytes.
pub(crate) fn unseal_key(bytes: &[u8], span: Range<usize>) -> Option<Found> {
    let value = &bytes[span.clone()];
    let length = base64(value)?.len();
    let fits = matches!(length, 32 | 33) && Makeup::of(value).kinds() >= 3;
    fits.then(|| Found::new("vault-unseal-key", span, Confidence::High))
}
