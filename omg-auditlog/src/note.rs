//! Signed notes and the keys that sign them (C2SP signed-note; Go's golang.org/x/mod/sumdb/note
//! for the text form of keys).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey as Ed25519Key};

use crate::error::Error;
use crate::hash::Hash;

/// The longest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 64 * 1024;

/// The most signatures that are read on one note.
pub const MAX_SIGNATURES: usize = 64;

/// Ed25519 (C2SP signed-note, "Signature types").
const ED25519: u8 = 0x01;

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

/// A public key with its name: who may sign a log's checkpoints.
///
/// Its text form is `name+hash+base64`.
///
/// # Examples
///
/// ```
/// use omg_auditlog::VerifyingKey;
///
/// // The key of the example in C2SP signed-note.
/// let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/// let key: VerifyingKey = text.parse()?;
/// assert_eq!(key.to_string(), text);
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct VerifyingKey {
    name: String,
    key: ed25519_dalek::VerifyingKey,
    id: u32,
}

impl VerifyingKey {
    /// A key from its 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the bytes are no Ed25519 key, or a weak one, or the name is empty or
    /// has a space or `+`.
    pub fn from_bytes(name: &str, bytes: &[u8; 32]) -> Result<Self, Error> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return Err(bad_key("its name is empty or has a space or '+'"));
        }
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map_err(|_| bad_key("it is no Ed25519 key"))?;
        if key.is_weak() {
            return Err(bad_key("it is a weak Ed25519 key"));
        }
        // C2SP signed-note, "Verifier keys".
        let mut bytes = name.as_bytes().to_vec();
        bytes.extend_from_slice(&[b'\n', ED25519]);
        bytes.extend_from_slice(key.as_bytes());
        let [a, b, c, d, ..] = *Hash::of(&bytes).as_bytes();
        Ok(Self {
            name: name.to_owned(),
            key,
            id: u32::from_be_bytes([a, b, c, d]),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The number that its signatures carry: the first four bytes of
    /// `SHA-256(name || 0x0A || 0x01 || key)`.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The name and the number, for messages.
    pub(crate) fn label(&self) -> String {
        format!("{}+{:08x}", self.name, self.id())
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.as_bytes());
        write!(f, "{}+{}", self.label(), encode_base64(&bytes))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = Error;

    /// Reads `name+hash+base64`; a line feed at the end is allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything else, also if the hash is not the key's.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, id, bytes) = key_parts(text.trim_end_matches('\n'))?;
        let key = Self::from_bytes(name, &bytes)?;
        if key.id() != id {
            return Err(bad_key("its hash is not its own"));
        }
        Ok(key)
    }
}

/// A private key in software. Its text form is `PRIVATE+KEY+name+hash+base64`.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Signer, SigningKey};
///
/// // 32 bytes from the system's random source; never from anything else.
/// let key = SigningKey::from_seed("example.org/log", [7; 32])?;
/// let text = key.expose();
/// let same: SigningKey = text.parse()?;
/// assert_eq!(same.verifying_key(), key.verifying_key());
/// assert!(!format!("{key:?}").contains("PRIVATE"));
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
pub struct SigningKey {
    key: Ed25519Key,
    public: VerifyingKey,
}

impl SigningKey {
    /// A key from 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the name is empty or has a space or `+`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, Error> {
        let key = Ed25519Key::from_bytes(&seed);
        let public = VerifyingKey::from_bytes(name, key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// The text form, which is the secret.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        let text = encode_base64(&bytes);
        format!("PRIVATE+KEY+{}+{text}", self.public.label())
    }
}

impl Signer for SigningKey {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    fn sign(&self, text: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.key.sign(text).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.label())
    }
}

impl FromStr for SigningKey {
    type Err = Error;

    /// Reads `PRIVATE+KEY+name+hash+base64`; a line feed at the end is allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything else, also if the hash is not the key's.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim_end_matches('\n');
        let rest = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(bad_key("it does not start with PRIVATE+KEY+"))?;
        let (name, id, seed) = key_parts(rest)?;
        let key = Self::from_seed(name, seed)?;
        if key.public.id() != id {
            return Err(bad_key("its hash is not its own"));
        }
        Ok(key)
    }
}

fn bad_key(why: &'static str) -> Error {
    Error::Syntax { what: "key", why }
}

/// `name+hash+base64(0x01 || 32 bytes)`. Base64 has `+` too, so only the first two separate.
fn key_parts(text: &str) -> Result<(&str, u32, [u8; 32]), Error> {
    let shape = bad_key("it is not name+hash+base64");
    let (name, rest) = text.split_once('+').ok_or(shape.clone())?;
    let (id, rest) = rest.split_once('+').ok_or(shape)?;
    if id.len() != 8 {
        return Err(bad_key("its hash is not 8 hexadecimal digits"));
    }
    let id =
        u32::from_str_radix(id, 16).map_err(|_| bad_key("its hash is not 8 hexadecimal digits"))?;
    let bytes = decode_base64(rest).ok_or(bad_key("it is not Base64"))?;
    match bytes.split_first() {
        Some((&ED25519, key)) => Ok((
            name,
            id,
            key.try_into().map_err(|_| bad_key("it is not 32 bytes"))?,
        )),
        _ => Err(bad_key("it is not an Ed25519 key")),
    }
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
                name: key.name.clone(),
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
        let lines = lines
            .strip_suffix('\n')
            .ok_or(bad_note("it does not end with a line feed"))?;
        let signatures = lines.split('\n').map(signature);
        let signatures = signatures.collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(bad_note("it has more than 64 signatures"));
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
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
        let found = named.find(|signature| signature.name == key.name && signature.id == id);
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
