//! Signing with an Ed25519 key in a PKCS#11 token (PKCS #11 version 3.0, `CKM_EDDSA`): a smart
//! card, a hardware security module, or SoftHSM. Whatever offers this interface needs no further
//! code, so also a TPM through tpm2-pkcs11, where TPM and module offer Ed25519.
//!
//! The private key never leaves the token: who takes over the machine can sign as long as the
//! token is there, and not afterwards.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as TokenError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

use crate::error::Error;
use crate::key::VerifyingKey;
use crate::note::Signer;

/// `CKA_EC_PARAMS` of Ed25519: the PrintableString `edwards25519` (PKCS #11 version 3.0,
/// section 2.3.5).
const EDWARDS25519: [u8; 14] = *b"\x13\x0cedwards25519";

/// Which key in which token.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenKey<'a> {
    /// The token's module, such as `/usr/lib/softhsm/libsofthsm2.so`. It is loaded into this
    /// process: name one that you trust.
    pub module: &'a Path,
    /// The token's label.
    pub token: &'a str,
    /// The key's label.
    pub key: &'a str,
}

impl<'a> TokenKey<'a> {
    /// The key with this label in the token with this label.
    #[must_use]
    pub fn new(module: &'a Path, token: &'a str, key: &'a str) -> Self {
        Self { module, token, key }
    }
}

/// A key in a token, ready to sign.
pub struct TokenSigner {
    session: Mutex<Session>,
    key: ObjectHandle,
    public: VerifyingKey,
}

impl TokenSigner {
    /// Logs in to the token and finds the key. `name` is what its signatures carry: the log's
    /// name.
    ///
    /// # Errors
    ///
    /// [`Error::Signer`] if the module cannot be loaded, the token or key is not there or is
    /// there twice, or the PIN is wrong; [`Error::Syntax`] if it is no Ed25519 key.
    pub fn open(place: &TokenKey<'_>, pin: &str, name: &str) -> Result<Self, Error> {
        let session = session(place, pin)?;
        let of = |class| {
            [
                Attribute::Class(class),
                Attribute::KeyType(KeyType::EC_EDWARDS),
                Attribute::Label(place.key.as_bytes().to_vec()),
            ]
        };
        let key = only(
            session.find_objects(&of(ObjectClass::PRIVATE_KEY)),
            "private key",
        )?;
        let public = only(
            session.find_objects(&of(ObjectClass::PUBLIC_KEY)),
            "public key",
        )?;
        let public = public_key(&session, public, name)?;
        Ok(Self {
            session: Mutex::new(session),
            key,
            public,
        })
    }

    /// Makes a key in the token, which cannot be taken out of it.
    ///
    /// # Errors
    ///
    /// [`Error::Signer`] as [`TokenSigner::open`], and if a key of this label is there already.
    pub fn generate(place: &TokenKey<'_>, pin: &str, name: &str) -> Result<Self, Error> {
        let session = session(place, pin)?;
        let label = Attribute::Label(place.key.as_bytes().to_vec());
        let there = session
            .find_objects(std::slice::from_ref(&label))
            .map_err(failed)?;
        if !there.is_empty() {
            return Err(Error::Signer(
                "the token has an object of this label".to_owned(),
            ));
        }
        let public = [
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(EDWARDS25519.to_vec()),
            label.clone(),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            label,
        ];
        let pair = session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private);
        let (public, key) = pair.map_err(failed)?;
        let public = public_key(&session, public, name)?;
        Ok(Self {
            session: Mutex::new(session),
            key,
            public,
        })
    }
}

impl Signer for TokenSigner {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    fn sign(&self, text: &[u8]) -> Result<[u8; 64], Error> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
        let signature = session.sign(&mechanism, self.key, text).map_err(failed)?;
        let length = signature.len();
        let signature = signature.try_into();
        signature.map_err(|_| Error::Signer(format!("a signature of {length} bytes, not 64")))
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSigner")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

fn session(place: &TokenKey<'_>, pin: &str) -> Result<Session, Error> {
    let module = Pkcs11::new(place.module).map_err(failed)?;
    let flags = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match module.initialize(flags) {
        // Another key of this process is in the same module.
        Ok(()) | Err(TokenError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failed(error)),
    }
    let mut found = Vec::new();
    for slot in module.get_slots_with_token().map_err(failed)? {
        let info = module.get_token_info(slot).map_err(failed)?;
        if info.label() == place.token {
            found.push(slot);
        }
    }
    let slot = only(Ok(found), "token")?;
    let session = module.open_rw_session(slot).map_err(failed)?;
    match session.login(UserType::User, Some(&AuthPin::new(pin.into()))) {
        Ok(()) | Err(TokenError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(error) => Err(failed(error)),
    }
}

fn only<T>(found: Result<Vec<T>, TokenError>, what: &str) -> Result<T, Error> {
    let mut found = found.map_err(failed)?;
    match (found.pop(), found.len()) {
        (Some(one), 0) => Ok(one),
        (Some(_), more) => Err(Error::Signer(format!("{} {what}s of this label", more + 1))),
        (None, _) => Err(Error::Signer(format!("no {what} of this label"))),
    }
}

/// `CKA_EC_POINT`: the 32 bytes as a DER OCTET STRING, or, as some tokens give it, bare.
fn public_key(session: &Session, key: ObjectHandle, name: &str) -> Result<VerifyingKey, Error> {
    let found = session
        .get_attributes(key, &[AttributeType::EcPoint])
        .map_err(failed)?;
    let point = found.iter().find_map(|attribute| match attribute {
        Attribute::EcPoint(point) => Some(point.as_slice()),
        _ => None,
    });
    let point = point.map(|point| point.strip_prefix(b"\x04\x20").unwrap_or(point));
    let bytes = point.and_then(|point| <&[u8; 32]>::try_from(point).ok());
    let bytes = bytes.ok_or(Error::Syntax {
        what: "key in the token",
        why: "it is no Ed25519 key",
    })?;
    VerifyingKey::from_bytes(name, bytes)
}

fn failed(error: TokenError) -> Error {
    Error::Signer(error.to_string())
}
