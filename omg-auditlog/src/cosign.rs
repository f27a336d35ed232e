//! Cosignatures: what others say of a checkpoint after they have seen that it continues the one
//! before (C2SP tlog-cosignature), with Ed25519 (features `witness` or `mldsa`) or ML-DSA-44
//! (feature `mldsa`).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, SigningKey as Ed25519Key};

use crate::checkpoint::SignedCheckpoint;
use crate::error::Error;
use crate::hash::Hash;
use crate::key::check_name;
use crate::note::{NoteSignature, decode_base64, encode_base64};

/// "Format": the first byte of key material and of what a key's number is made from.
const ED25519: u8 = 0x04;
#[cfg(feature = "mldsa")]
const MLDSA44: u8 = 0x06;

/// `timestamped_signature.timestamp`.
const TIMESTAMP: usize = 8;

/// The public key of a cosigner, with its name: `name+hash+base64`, as
/// [`VerifyingKey`](crate::VerifyingKey), with another algorithm byte.
#[derive(Clone, Eq, PartialEq)]
pub struct CosignerKey {
    name: String,
    id: u32,
    algorithm: Algorithm,
}

#[derive(Clone, Eq, PartialEq)]
enum Algorithm {
    Ed25519(ed25519_dalek::VerifyingKey),
    #[cfg(feature = "mldsa")]
    MlDsa44(Box<crate::mldsa::Public>),
}

impl CosignerKey {
    /// An Ed25519 key from its 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the bytes are no key, or a weak one, or the name cannot be a key's.
    pub fn ed25519(name: &str, bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes);
        let key = key.map_err(|_| bad("it is no Ed25519 key"))?;
        if key.is_weak() {
            return Err(bad("it is a weak Ed25519 key"));
        }
        Self::new(name, Algorithm::Ed25519(key))
    }

    /// An ML-DSA-44 key from its 1312 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the bytes are no key, or the name cannot be a key's.
    #[cfg(feature = "mldsa")]
    #[cfg_attr(docsrs, doc(cfg(feature = "mldsa")))]
    pub fn ml_dsa_44(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let key = crate::mldsa::Public::from_bytes(bytes).ok_or(bad("it is no ML-DSA-44 key"))?;
        Self::new(name, Algorithm::MlDsa44(Box::new(key)))
    }

    fn new(name: &str, algorithm: Algorithm) -> Result<Self, Error> {
        check_name(name)?;
        let mut bytes = format!("{name}\n").into_bytes();
        bytes.extend(algorithm.material());
        let [a, b, c, d, ..] = *Hash::of(&bytes).as_bytes();
        Ok(Self {
            name: name.to_owned(),
            id: u32::from_be_bytes([a, b, c, d]),
            algorithm,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number that its signatures carry.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Checks this key's cosignature on a checkpoint; the time it states, in seconds since 1970:
    /// then the checkpoint was the largest that the cosigner had seen. Whether that is long ago
    /// is for the caller to judge.
    ///
    /// # Errors
    ///
    /// [`Error::NotSigned`] if no signature names the key, [`Error::BadSignature`] if one does
    /// and is not the key's.
    pub fn verify(&self, checkpoint: &SignedCheckpoint) -> Result<u64, Error> {
        let mut all = checkpoint.note().signatures().iter();
        let own = all.find(|one| one.name == self.name && one.id == self.id);
        let own = own.ok_or_else(|| Error::NotSigned { key: self.label() })?;
        let bad = || Error::BadSignature { key: self.label() };
        let (time, signature) = own.bytes.split_first_chunk::<TIMESTAMP>().ok_or_else(bad)?;
        let time = u64::from_be_bytes(*time);
        // "It MUST NOT exceed 2^63 - 1."
        if i64::try_from(time).is_err() {
            return Err(bad());
        }
        let valid = match &self.algorithm {
            Algorithm::Ed25519(key) => {
                let message = ed25519_message(checkpoint, time);
                let signature = Signature::from_slice(signature).map_err(|_| bad())?;
                key.verify_strict(message.as_bytes(), &signature).ok()
            }
            #[cfg(feature = "mldsa")]
            Algorithm::MlDsa44(key) => crate::mldsa::message(&self.name, checkpoint, time)
                .and_then(|message| key.verify(&message, signature)),
        };
        valid.map(|()| time).ok_or_else(bad)
    }

    pub(crate) fn label(&self) -> String {
        format!("{}+{:08x}", self.name, self.id)
    }
}

impl Algorithm {
    /// The algorithm's byte and the key.
    fn material(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => [&[ED25519], &key.as_bytes()[..]].concat(),
            #[cfg(feature = "mldsa")]
            Self::MlDsa44(key) => [&[MLDSA44], key.to_bytes()].concat(),
        }
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = encode_base64(&self.algorithm.material());
        write!(f, "{}+{material}", self.label())
    }
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({})", self.label())
    }
}

impl FromStr for CosignerKey {
    type Err = Error;

    /// Reads `name+hash+base64`; a line feed at the end is allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything else, also if the hash is not the key's.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("it is not name+hash+base64"));
        };
        let bytes = decode_base64(key).ok_or(bad("it is not Base64"))?;
        let key = match bytes.split_first() {
            Some((&ED25519, key)) => {
                let key = key.try_into().map_err(|_| bad("it is not 32 bytes"))?;
                Self::ed25519(name, key)?
            }
            #[cfg(feature = "mldsa")]
            Some((&MLDSA44, key)) => Self::ml_dsa_44(name, key)?,
            _ => return Err(bad("it is no cosigner's key")),
        };
        if format!("{:08x}", key.id) != id {
            return Err(bad("its hash is not its own"));
        }
        Ok(key)
    }
}

fn bad(why: &'static str) -> Error {
    Error::Syntax {
        what: "cosigner's key",
        why,
    }
}

/// What adds its cosignature to checkpoints, such as [`MlDsaKey`](crate::MlDsaKey).
pub trait Cosigner: Send + Sync {
    /// The checkpoint with one more signature, which states this time in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::Signer`] if the key cannot be used.
    fn cosign(&self, checkpoint: &SignedCheckpoint, time: u64) -> Result<SignedCheckpoint, Error>;
}

/// "Ed25519 signed message".
fn ed25519_message(checkpoint: &SignedCheckpoint, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{}", checkpoint.note().text())
}

/// Cosigns a checkpoint with Ed25519, as a witness does once it has checked that it continues the
/// one before.
///
/// # Errors
///
/// [`Error::Syntax`] if the name cannot be a key's.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Checkpoint, CosignerKey, Hash, SigningKey, cosign_ed25519};
///
/// let key = SigningKey::from_seed("example.org/log", [7; 32])?;
/// let checkpoint = Checkpoint::new("example.org/log".parse()?, 0, Hash::EMPTY_TREE).sign(&[&key])?;
/// let (witness, cosigned) = cosign_ed25519("witness.example/w1", &[8; 32], &checkpoint, 1_764_000_000)?;
/// assert_eq!(witness.verify(&cosigned)?, 1_764_000_000);
/// assert!(witness.verify(&checkpoint).is_err());
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
pub fn cosign_ed25519(
    name: &str,
    seed: &[u8; 32],
    checkpoint: &SignedCheckpoint,
    time: u64,
) -> Result<(CosignerKey, SignedCheckpoint), Error> {
    use ed25519_dalek::Signer as _;
    let secret = Ed25519Key::from_bytes(seed);
    let key = CosignerKey::ed25519(name, secret.verifying_key().as_bytes())?;
    let signature = secret.sign(ed25519_message(checkpoint, time).as_bytes());
    let cosigned = with(checkpoint, &key, time, &signature.to_bytes());
    Ok((key, cosigned))
}

pub(crate) fn with(
    checkpoint: &SignedCheckpoint,
    key: &CosignerKey,
    time: u64,
    signature: &[u8],
) -> SignedCheckpoint {
    let bytes = [&time.to_be_bytes()[..], signature].concat();
    let (name, id) = (key.name.clone(), key.id);
    checkpoint.with_signature(NoteSignature { name, id, bytes })
}
