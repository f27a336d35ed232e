//! Signatures within a document: JSON Signature Format 0.82 (JSF) with ES256, which the schemas
//! of CycloneDX have a place for.
//!
//! The signature covers the whole document in its canonical form (RFC 8785), so that it
//! survives other white space and another order of members. Other algorithms, several
//! signatures and `excludes` are refused. A signature says that the holder of a key wrote the
//! document; [`verify`] wants to be told whose key that has to be.
//!
//! # Examples
//!
//! ```
//! use omg_sbom::signature::{self, PublicKey, SigningKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # // The published example key of the format's specification.
//! # let pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6XxMFXhcYT5QN9w5\nTIg2aSKsbcj+pj4BnZkK7ZOt4B+hRANCAAToErGm3Lxwj57EPMKSH6ChTp1ercxt\nxjRx3UtoDGI2tZgm3L1M5uOI9y7dm+QT8kJaEPdbX9g9lfoM3lMVmlHY\n-----END PRIVATE KEY-----\n";
//! let key = SigningKey::from_pem(pem)?; // `openssl genpkey -algorithm EC -pkeyopt …`
//! let signed = signature::sign(br#"{"bomFormat": "CycloneDX"}"#, &key)?;
//!
//! let trusted: PublicKey = key.public_key();
//! assert_eq!(signature::verify(&signed, &[trusted])?.key(), &trusted);
//! let altered = String::from_utf8(signed)?.replace("CycloneDX", "cyclonedx");
//! assert!(signature::verify(altered.as_bytes(), &[trusted]).is_err());
//! # Ok(())
//! # }
//! ```

mod key;
mod strict;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use p256::ecdsa::{
    Signature,
    signature::{Signer as _, Verifier as _},
};
use serde_json::{Map, Value, json};
use thiserror::Error;

pub use self::key::{KeyError, PublicKey, SigningKey};
use crate::model::{limits, problem::shorten};

const ALGORITHM: &str = "ES256";

/// Why a document cannot be signed or is not what was signed.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[non_exhaustive]
pub enum SignatureError {
    /// The document is larger than [`limits::MAX_SBOM_BYTES`].
    #[error("larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The document is no JSON object with unique names, or has no canonical form.
    #[error("not a document that can be signed: {detail}")]
    Syntax {
        /// What is wrong.
        detail: String,
    },
    /// The document is signed already.
    #[error("the document is signed already")]
    Signed,
    /// There is no signature.
    #[error("the document is not signed")]
    Unsigned,
    /// The signature uses what is not supported here.
    #[error("signature: {detail} is not supported")]
    Unsupported {
        /// What it is.
        detail: String,
    },
    /// The signature has not the form that its format gives it.
    #[error("signature: {detail}")]
    Malformed {
        /// What is wrong.
        detail: &'static str,
    },
    /// The document is not what the key signed.
    #[error("the signature is not valid")]
    Invalid,
    /// The signature is valid, and nobody trusts its key.
    #[error("signed with a key that is not trusted: {key}")]
    Untrusted {
        /// The key that signed.
        key: PublicKey,
    },
}

/// A document whose signature is valid and made with a trusted key; only [`verify`] makes one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Verified {
    key: PublicKey,
}

impl Verified {
    /// The key that signed.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }
}

/// Signs a document and returns it with the signature as its last member; all other bytes stay
/// as they are. The same document and key give the same signature (RFC 6979).
///
/// # Errors
///
/// [`SignatureError::TooLarge`], [`Syntax`](SignatureError::Syntax) for anything but one JSON
/// object with unique names, and [`Signed`](SignatureError::Signed).
pub fn sign(document: &[u8], key: &SigningKey) -> Result<Vec<u8>, SignatureError> {
    let mut object = object(document)?;
    if object.contains_key("signature") {
        return Err(SignatureError::Signed);
    }
    let mut signature = json!({"algorithm": ALGORITHM, "publicKey": key.public_key().to_jwk()});
    object.insert("signature".to_owned(), signature.clone());
    let value: Signature = key.0.sign(&canonical(&object)?);
    signature["value"] = BASE64.encode(value.to_bytes()).into();

    let end = document.trim_ascii_end();
    // `object` has read it as one object.
    let body = end.strip_suffix(b"}").unwrap_or(end).trim_ascii_end();
    let comma = if body.ends_with(b"{") { "" } else { "," };
    let member = format!("{comma}\n \"signature\": {signature:#}\n}}\n");
    Ok([body, member.as_bytes()].concat())
}

/// Verifies the signature of a document against the keys that are trusted.
///
/// # Errors
///
/// Every [`SignatureError`] but [`Signed`](SignatureError::Signed).
/// [`Untrusted`](SignatureError::Untrusted) is returned for a valid signature only.
pub fn verify(document: &[u8], trusted: &[PublicKey]) -> Result<Verified, SignatureError> {
    let mut object = object(document)?;
    let signature = object.get_mut("signature");
    let signature = signature.ok_or(SignatureError::Unsigned)?;
    let (key, value) = take_apart(signature)?;
    let bytes = canonical(&object)?;
    key.0
        .verify(&bytes, &value)
        .map_err(|_| SignatureError::Invalid)?;
    match trusted.contains(&key) {
        true => Ok(Verified { key }),
        false => Err(SignatureError::Untrusted { key }),
    }
}

/// JSF, "Signature Object": takes the value out, which the signature cannot cover.
fn take_apart(signature: &mut Value) -> Result<(PublicKey, Signature), SignatureError> {
    let malformed = |detail| SignatureError::Malformed { detail };
    let members = signature.as_object_mut();
    let members = members.ok_or(malformed("not an object"))?;
    for name in members.keys() {
        if !["algorithm", "keyId", "publicKey", "value"].contains(&name.as_str()) {
            let detail = format!("{:?}", shorten(name));
            return Err(SignatureError::Unsupported { detail });
        }
    }
    let algorithm = members.get("algorithm").and_then(Value::as_str);
    let algorithm = algorithm.ok_or(malformed("no algorithm"))?;
    if algorithm != ALGORITHM {
        let detail = format!("algorithm {:?}", shorten(algorithm));
        return Err(SignatureError::Unsupported { detail });
    }
    let key = members.get("publicKey").ok_or(malformed("no public key"))?;
    let key = PublicKey::from_jwk(key).ok_or(malformed("the public key is none of P-256"))?;
    let value = members.remove("value");
    let value = value.as_ref().and_then(Value::as_str);
    let value = value.and_then(|value| BASE64.decode(value).ok());
    let value = value.and_then(|value| Signature::from_slice(&value).ok());
    Ok((key, value.ok_or(malformed("the value is no signature"))?))
}

fn object(document: &[u8]) -> Result<Map<String, Value>, SignatureError> {
    let limit = limits::MAX_SBOM_BYTES;
    if document.len() > limit {
        return Err(SignatureError::TooLarge { limit });
    }
    strict::object(document).map_err(|error| SignatureError::Syntax {
        detail: error.to_string(),
    })
}

fn canonical(object: &Map<String, Value>) -> Result<Vec<u8>, SignatureError> {
    serde_json_canonicalizer::to_vec(object).map_err(|error| SignatureError::Syntax {
        detail: error.to_string(),
    })
}
