//! Evidence: who signed, who vouches for them, and what did not count.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::Rejection;
use crate::trust::Trust;

/// The proof that the data were signed as the policy asks. Only the check makes it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[must_use]
pub struct Verification {
    pub(crate) signers: Vec<Signer>,
    pub(crate) rejected: Vec<RejectedSignature>,
    pub(crate) sha256: String,
    pub(crate) size: u64,
}

impl Verification {
    /// The trusted signers, each certificate once, in the order of the signatures.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The signatures that did not count.
    pub fn rejected(&self) -> &[RejectedSignature] {
        &self.rejected
    }

    /// The SHA-256 of exactly the bytes that were checked, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many bytes were checked.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The answer of a check that the policy does not accept.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[must_use]
pub struct Refusal {
    /// What it comes to.
    pub kind: RefusalKind,
    /// Signatures that are good: those of trusted signers first, if there are too few.
    pub signers: Vec<Signer>,
    /// The signatures that did not count, and why.
    pub rejected: Vec<RejectedSignature>,
    /// What the policy lacks, for people.
    pub lacks: String,
    /// The SHA-256 of the bytes that were checked, in hexadecimal.
    pub sha256: String,
    /// How many bytes were checked.
    pub size: u64,
}

/// What a refusal comes to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalKind {
    /// Good signatures, and too few of them by trusted signers, or of the required kind.
    Untrusted,
    /// The certificate of a signer is not in the keyring: nothing could be checked.
    UnknownSigner,
    /// A signature is not valid.
    Invalid,
}

impl Refusal {
    pub(crate) fn summary(&self) -> String {
        let mut text = self.lacks.clone();
        for rejected in &self.rejected {
            let _ = write!(text, "; {rejected}");
        }
        text
    }
}

/// A good signature.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Signer {
    /// The fingerprint of the certificate, in upper-case hexadecimal.
    pub certificate: String,
    /// The fingerprint of the key that signed, which may be a subkey.
    pub key: String,
    /// Who the certificate says it is, with everything that a terminal would obey made visible.
    pub user_id: Option<String>,
    /// When it was signed.
    pub created: DateTime<Utc>,
    /// The hash algorithm, such as `SHA512`.
    pub hash: String,
    /// The algorithm and size of the key, such as `RSA4096` or `Ed25519`.
    pub algorithm: String,
    /// Whether the algorithm withstands a quantum computer as far as is known.
    pub pqc: bool,
    /// Who vouches for the signer.
    pub trust: Trust,
}

/// A signature that does not count.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RejectedSignature {
    /// Why.
    pub reason: Rejection,
    /// The key that made it, as far as it says so: a fingerprint or key ID.
    pub key: Option<String>,
    /// For people.
    pub detail: String,
}

impl RejectedSignature {
    pub(crate) fn new(reason: Rejection, key: Option<String>, detail: impl Into<String>) -> Self {
        Self {
            reason,
            key,
            detail: visible(&detail.into()),
        }
    }
}

impl std::fmt::Display for RejectedSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.key {
            Some(key) => write!(f, "signature by {key}: {}", self.reason)?,
            None => write!(f, "signature: {}", self.reason)?,
        }
        match self.detail.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", self.detail),
        }
    }
}

/// The text with what a terminal would obey, and what changes the direction of writing, made
/// visible; at most 200 characters.
pub(crate) fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(200) {
        if hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_a_terminal_obeys_is_made_visible() {
        assert_eq!(visible("Zoë <z@x>"), "Zoë <z@x>");
        assert_eq!(
            visible("a\u{1b}[2Jb\u{202e}c\u{9b}d\n"),
            "a\\u{1b}[2Jb\\u{202e}c\\u{9b}d\\n"
        );
        assert_eq!(visible(&"x".repeat(1000)).len(), 200);
    }
}
