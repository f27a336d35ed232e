//! Evidence: who signed, who vouches for them, and what did not count.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::Rejection;
use crate::trust::Trust;

/// The proof that the data were signed as the policy asks. Only the check makes it, and it says of
/// which bytes: evidence for a file counts for those bytes alone.
///
/// ```compile_fail
/// let forged = omg_pgp::Verification {
///     signers: Vec::new(),
///     rejected: Vec::new(),
///     sha256: [0; 32],
///     size: 0,
/// };
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[must_use]
pub struct Verification {
    pub(crate) signers: Vec<Signer>,
    pub(crate) rejected: Vec<RejectedSignature>,
    #[serde(serialize_with = "hex")]
    pub(crate) sha256: [u8; 32],
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

    /// The SHA-256 of exactly the bytes that were checked.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// How many bytes were checked.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The answer of a check that the policy does not accept. Only the check makes it.
///
/// ```compile_fail
/// fn soften(refusal: &mut omg_pgp::Refusal) {
///     refusal.kind = omg_pgp::RefusalKind::Untrusted;
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[must_use]
pub struct Refusal {
    pub(crate) kind: RefusalKind,
    pub(crate) signers: Vec<Signer>,
    pub(crate) rejected: Vec<RejectedSignature>,
    pub(crate) lacks: String,
    #[serde(serialize_with = "hex")]
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
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
    /// The state that the refusal comes to.
    pub fn kind(&self) -> RefusalKind {
        self.kind
    }

    /// Signatures that are good: those of trusted signers first, if there are too few.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The signatures that did not count, and why.
    pub fn rejected(&self) -> &[RejectedSignature] {
        &self.rejected
    }

    /// The demand of the policy that is not met, for people.
    pub fn lacks(&self) -> &str {
        &self.lacks
    }

    /// The SHA-256 of exactly the bytes that were checked.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// How many bytes were checked.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn summary(&self) -> String {
        let mut text = self.lacks.clone();
        for rejected in &self.rejected {
            let _ = write!(text, "; {rejected}");
        }
        text
    }
}

/// Writes a digest as text.
fn hex<S: serde::Serializer>(sha256: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(sha256))
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
