//! ML-DSA-44 (FIPS 204) for cosignatures. They are an addition: a log that shall be witnessed
//! carries an Ed25519 signature too (C2SP tlog-tiles).

use std::fmt;

use ml_dsa::{KeyExport as _, KeyInit as _, Keypair as _, MlDsa44, Signer as _, Verifier as _};

use crate::checkpoint::SignedCheckpoint;
use crate::cosign::{Cosigner, CosignerKey, with};
use crate::error::Error;

/// A public key.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Public(Vec<u8>);

impl Public {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        ml_dsa::VerifyingKey::<MlDsa44>::new_from_slice(bytes).ok()?;
        Some(Self(bytes.to_vec()))
    }

    pub(crate) fn to_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let key = ml_dsa::VerifyingKey::<MlDsa44>::new_from_slice(&self.0).ok()?;
        let signature = ml_dsa::Signature::try_from(signature).ok()?;
        key.verify(message, &signature).ok()
    }
}

/// "ML-DSA-44 signed message": `cosigned_message` of a whole checkpoint. Extension lines are not
/// in it. `None` for a name that its length byte cannot count.
pub(crate) fn message(name: &str, checkpoint: &SignedCheckpoint, time: u64) -> Option<Vec<u8>> {
    let checkpoint = checkpoint.checkpoint();
    let mut out = b"subtree/v1\n\0".to_vec();
    text(&mut out, name)?;
    out.extend_from_slice(&time.to_be_bytes());
    text(&mut out, checkpoint.origin.as_str())?;
    out.extend_from_slice(&0u64.to_be_bytes());
    out.extend_from_slice(&checkpoint.size.to_be_bytes());
    out.extend_from_slice(checkpoint.root.as_bytes());
    Some(out)
}

/// `opaque <1..2^8-1>`.
fn text(out: &mut Vec<u8>, text: &str) -> Option<()> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length > 0)?;
    out.push(length);
    out.extend_from_slice(text.as_bytes());
    Some(())
}

/// A private ML-DSA-44 key of a cosigner, from a seed of 32 bytes.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Checkpoint, Cosigner as _, Hash, MlDsaKey, SigningKey};
///
/// let key = SigningKey::from_seed("example.org/log", [7; 32])?;
/// let checkpoint = Checkpoint::new("example.org/log".parse()?, 0, Hash::EMPTY_TREE).sign(&[&key])?;
/// // 32 bytes from the system's random source; never from anything else.
/// let second = MlDsaKey::from_seed("example.org/log", &[9; 32])?;
/// let both = second.cosign(&checkpoint, 1_764_000_000)?;
/// assert_eq!(second.public().verify(&both)?, 1_764_000_000);
/// both.verify(key.verifying_key())?;
/// # use omg_auditlog::Signer as _;
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
pub struct MlDsaKey {
    secret: ml_dsa::SigningKey<MlDsa44>,
    public: CosignerKey,
}

impl MlDsaKey {
    /// The key that this seed gives (FIPS 204, algorithm 6).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the name cannot be a key's, or is longer than 255 bytes.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, Error> {
        if name.len() > 255 {
            return Err(too_long("its name is longer than 255 bytes"));
        }
        let secret = ml_dsa::SigningKey::<MlDsa44>::from_seed(&(*seed).into());
        let public = CosignerKey::ml_dsa_44(name, &secret.verifying_key().to_bytes())?;
        Ok(Self { secret, public })
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> &CosignerKey {
        &self.public
    }
}

impl Cosigner for MlDsaKey {
    /// The signature is deterministic (FIPS 204, section 3.4): the same checkpoint and time give
    /// the same bytes. A log's name of more than 255 bytes and a time after 2^63 - 1 are errors.
    fn cosign(&self, checkpoint: &SignedCheckpoint, time: u64) -> Result<SignedCheckpoint, Error> {
        if i64::try_from(time).is_err() {
            return Err(Error::Signer("the time is too late".to_owned()));
        }
        let message = message(self.public.name(), checkpoint, time);
        let message = message
            .ok_or_else(|| Error::Signer("the log's name is longer than 255 bytes".to_owned()))?;
        let signature = self.secret.try_sign(&message);
        let signature = signature.map_err(|error| Error::Signer(error.to_string()))?;
        Ok(with(checkpoint, &self.public, time, &signature.encode()))
    }
}

impl fmt::Debug for MlDsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlDsaKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

fn too_long(why: &'static str) -> Error {
    Error::Syntax {
        what: "cosigner's key",
        why,
    }
}
