//! Signed notes (C2SP signed-note).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signature as Ed25519Signature;

use crate::error::Error;
use crate::key::VerifyingKey;

/// The longest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 64 * 1024;

/// The most signatures that are read on one note.
pub const MAX_SIGNATURES: usize = 64;

/// What signs checkpoints: a key in software, or one that never leaves its device.
pub trait Signer: Send + Sync {
    /// The public key, which names the signer.
    fn verifying_key(&self) -> &VerifyingKey;

    /// Signs a note's text with Ed25519.
    ///
    /// # Errors
    ///
    /// [`Error::Signer`] if the key cannot be used.
    fn sign(&self, text: &[u8]) -> Result<[u8; 64], Error>;
}

/// A signature on a note: whose it says it is, and its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's number.
    pub id: u32,
    /// The signature.
    pub bytes: Vec<u8>,
}

/// A text with signatures.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// Signs a text.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the text does not end with a line feed or has control characters,
    /// [`Error::Signer`] if the key cannot be used.
    pub fn sign(text: &str, signers: &[&dyn Signer]) -> Result<Self, Error> {
        check_text(text)?;
        let mut note = Self {
            text: text.to_owned(),
            signatures: Vec::new(),
        };
        for signer in signers {
            let key = signer.verifying_key();
            note.signatures.push(NoteSignature {
                name: key.name().to_owned(),
                id: key.id(),
                bytes: signer.sign(text.as_bytes())?.to_vec(),
            });
        }
        Ok(note)
    }

    /// Reads a note of at most [`MAX_NOTE_BYTES`] with at most [`MAX_SIGNATURES`].
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything that is no signed note.
    pub fn parse(note: &str) -> Result<Self, Error> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(bad_note("it is longer than 64 KiB"));
        }
        let split = note.rfind("\n\n").ok_or(bad_note("it has no signatures"))?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        check_text(text)?;
        let signatures = signature_lines(lines)?;
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    #[cfg(any(feature = "witness", feature = "mldsa"))]
    pub(crate) fn add(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// The text, with its last line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, none of which has been checked.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks that the key has signed the text. Signatures of other keys are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::NotSigned`] if no signature names the key, [`Error::BadSignature`] if one does
    /// and is not the key's.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), Error> {
        let id = key.id();
        let mut named = self.signatures.iter();
        let found = named.find(|signature| signature.name == key.name() && signature.id == id);
        let signature = found.ok_or_else(|| Error::NotSigned { key: key.label() })?;
        let bad = |_| Error::BadSignature { key: key.label() };
        let bytes = Ed25519Signature::from_slice(&signature.bytes).map_err(bad)?;
        key.key
            .verify_strict(self.text.as_bytes(), &bytes)
            .map_err(bad)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let mut bytes = signature.id.to_be_bytes().to_vec();
            bytes.extend_from_slice(&signature.bytes);
            writeln!(f, "\u{2014} {} {}", signature.name, encode_base64(&bytes))?;
        }
        Ok(())
    }
}

fn bad_note(why: &'static str) -> Error {
    Error::Syntax { what: "note", why }
}

fn check_text(text: &str) -> Result<(), Error> {
    if !text.ends_with('\n') {
        return Err(bad_note("its text does not end with a line feed"));
    }
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(bad_note("its text has control characters"));
    }
    Ok(())
}

/// Signature lines, each with its line feed.
pub(crate) fn signature_lines(lines: &str) -> Result<Vec<NoteSignature>, Error> {
    let lines = lines
        .strip_suffix('\n')
        .ok_or(bad_note("it does not end with a line feed"))?;
    let signatures = lines.split('\n').map(signature);
    let signatures = signatures.collect::<Result<Vec<_>, _>>()?;
    if signatures.len() > MAX_SIGNATURES {
        return Err(bad_note("it has more than 64 signatures"));
    }
    Ok(signatures)
}

fn signature(line: &str) -> Result<NoteSignature, Error> {
    let bad = bad_note("a signature line is bad");
    let rest = line.strip_prefix("\u{2014} ").ok_or(bad.clone())?;
    let (name, text) = rest.split_once(' ').ok_or(bad.clone())?;
    let bytes = decode_base64(text).ok_or(bad.clone())?;
    let (id, bytes) = bytes.split_first_chunk::<4>().ok_or(bad.clone())?;
    if name.is_empty() || name.contains(['+', ' ']) || bytes.is_empty() {
        return Err(bad);
    }
    Ok(NoteSignature {
        name: name.to_owned(),
        id: u32::from_be_bytes(*id),
        bytes: bytes.to_vec(),
    })
}

pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
