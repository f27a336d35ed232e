//! The keys that sign notes, in the text form of Go's golang.org/x/mod/sumdb/note.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer as _, SigningKey as Ed25519Key};

use crate::error::Error;
use crate::hash::Hash;
use crate::note::{Signer, decode_base64, encode_base64};

/// Ed25519 (C2SP signed-note, "Signature types").
const ED25519: u8 = 0x01;

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
    pub(crate) key: ed25519_dalek::VerifyingKey,
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
        check_name(name)?;
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

/// A key's name: not empty, without spaces and `+`.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
        return Err(bad_key("its name is empty or has a space or '+'"));
    }
    Ok(())
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
