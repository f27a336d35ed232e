//! The result: where a credential stands, and what may be said about it in public.

use std::fmt;
use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::rules::{Confidence, Rule, Severity};

/// A credential that was found.
///
/// Nothing that is printed from it by `{:?}` holds the secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// What kind it is.
    pub rule: Rule,
    /// The rule's severity, lowered where the value itself speaks against it.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The bytes of the input that hold the secret (or the encoding of it).
    pub span: Range<usize>,
    /// The line of the first byte, from 1.
    pub line: usize,
    /// The column of the first byte in characters, from 1.
    pub column: usize,
    /// What a checksum or a structure inside the value says: `None` if it has none.
    pub checksum_valid: Option<bool>,
    /// The same for the same kind and secret, wherever it stands.
    pub fingerprint: Fingerprint,
    /// The reason given in an `omg:allow` comment on the line.
    pub allowed: Option<String>,
    pub(crate) secret: Secret,
}

impl Finding {
    /// The secret itself.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The secret with all but a few characters masked, for people who must recognise it.
    #[must_use]
    pub fn redacted(&self) -> String {
        self.secret.redacted()
    }
}

/// Bytes that must not be printed by accident: no `Display`, a `Debug` that tells the length.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The secret. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// At most a quarter of the characters, and never more than eight; what is no printable
    /// ASCII character becomes `?`. Always one line.
    #[must_use]
    pub fn redacted(&self) -> String {
        let bytes = &self.0;
        let shown = |bytes: &[u8]| -> String {
            let printable = |b: &u8| b.is_ascii_graphic();
            let text = bytes
                .iter()
                .map(|b| if printable(b) { char::from(*b) } else { '?' });
            text.collect()
        };
        let (first, last) = match bytes.len() {
            ..=7 => (0, 0),
            8..=15 => (2, 0),
            16..=31 => (4, 0),
            _ => (4, 4),
        };
        let tail = &bytes[bytes.len() - last..];
        format!("{}****{}", shown(&bytes[..first]), shown(tail))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// Names a finding across runs, machines and moves of the text: the first 128 bits of
/// SHA-256 over the rule's id, a zero byte and the secret, in lower-case hexadecimal.
///
/// A secret that can be guessed can be guessed from its fingerprint too: it is safe to
/// publish where the secret itself is already to be read.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub(crate) fn new(rule: &str, secret: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(rule)
            .chain_update([0])
            .chain_update(secret)
            .finalize();
        let mut out = [0; 16];
        out.copy_from_slice(&digest[..16]);
        Self(out)
    }

    /// Reads 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 32 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        let mut out = [0; 16];
        for (at, byte) in out.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2)?;
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(Self(out))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 0x0F)]);
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, *byte].map(digit));
        f.write_str(&digits.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new(b"hunter2hunter2hunter2hunter2hunter2");
        assert_eq!(format!("{secret:?}"), "Secret(35 bytes)");
        assert_eq!(secret.redacted(), "hunt****ter2");
        assert_eq!(Secret::new(b"hunter2").redacted(), "****");
        assert_eq!(Secret::new(b"\x1b[31m\x00pass").redacted(), "?[****");
    }

    #[test]
    fn fingerprints_read_back() {
        let print = Fingerprint::new("a-rule", b"value");
        assert_eq!(Fingerprint::from_hex(&print.to_string()), Some(print));
        assert_ne!(print, Fingerprint::new("b-rule", b"value"));
        assert_eq!(Fingerprint::from_hex("00"), None);
        assert_eq!(Fingerprint::from_hex(&"+1".repeat(16)), None);
    }
}
