use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use p256::{
    EncodedPoint, FieldBytes, SecretKey, ecdsa,
    pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _},
};
use serde_json::{Value, json};
use thiserror::Error;

/// A key cannot be read: no PEM, or none of the curve P-256.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[error("not a {kind} of the curve P-256 in PEM")]
pub struct KeyError {
    kind: &'static str,
}

/// A private key of the curve P-256. It is not shown by `Debug`, and wiped from memory when
/// it is dropped.
pub struct SigningKey(pub(super) ecdsa::SigningKey);

impl SigningKey {
    /// Reads a key in PEM: PKCS #8 (`PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`), not encrypted.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = SecretKey::from_pkcs8_pem(pem).or_else(|_| SecretKey::from_sec1_pem(pem));
        let kind = "private key";
        key.map(|key| Self(key.into()))
            .map_err(|_| KeyError { kind })
    }

    /// The public key that goes with it.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.public_key())
    }
}

/// A public key of the curve P-256. `Display` shows the point, compressed, in hexadecimal.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct PublicKey(pub(super) ecdsa::VerifyingKey);

impl PublicKey {
    /// Reads a key in PEM (`PUBLIC KEY`, RFC 5480).
    ///
    /// # Errors
    ///
    /// [`KeyError`] for anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let kind = "public key";
        let key = ecdsa::VerifyingKey::from_public_key_pem(pem);
        key.map(Self).map_err(|_| KeyError { kind })
    }

    /// The key in PEM, as `openssl` writes it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if it cannot be encoded, which no key of this curve is known for.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let kind = "public key";
        let pem = self.0.to_public_key_pem(p256::pkcs8::LineEnding::LF);
        pem.map_err(|_| KeyError { kind })
    }

    /// RFC 7518, section 6.2.
    pub(super) fn to_jwk(self) -> Value {
        let point = self.0.to_encoded_point(false);
        let part = |part: Option<&FieldBytes>| BASE64.encode(part.copied().unwrap_or_default());
        json!({"kty": "EC", "crv": "P-256", "x": part(point.x()), "y": part(point.y())})
    }

    /// `None` for any other key, for a point that is not on the curve, and for further members,
    /// which somebody might take for something.
    pub(super) fn from_jwk(jwk: &Value) -> Option<Self> {
        let members = jwk.as_object()?;
        let text = |name: &str| members.get(name)?.as_str();
        if members.len() != 4 || text("kty")? != "EC" || text("crv")? != "P-256" {
            return None;
        }
        let part = |name: &str| -> Option<FieldBytes> {
            let bytes: [u8; 32] = BASE64.decode(text(name)?).ok()?.try_into().ok()?;
            Some(bytes.into())
        };
        let point = EncodedPoint::from_affine_coordinates(&part("x")?, &part("y")?, false);
        ecdsa::VerifyingKey::from_encoded_point(&point)
            .ok()
            .map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0.to_encoded_point(true).as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
