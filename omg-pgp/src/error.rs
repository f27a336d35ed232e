//! What can go wrong, and why a signature does not count.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::verification::Refusal;

/// A keyring that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The file or folder cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// There is no certificate in it.
    #[error("{name} holds no certificate")]
    Empty {
        /// The name of the keyring.
        name: String,
    },
    /// It is larger than [`MAX_KEYRING_BYTES`](crate::MAX_KEYRING_BYTES).
    #[error("{name} is larger than {limit} bytes")]
    TooLarge {
        /// The name of the keyring.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// It is no keyring.
    #[error("{name} is no OpenPGP keyring: {reason}")]
    Malformed {
        /// The name of the keyring.
        name: String,
        /// What is there instead.
        reason: String,
    },
    /// A list of fingerprints has a line that is none.
    #[error("{name}, line {line}: not a fingerprint")]
    Fingerprint {
        /// The name of the list.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// A main key is not in the keyring, or cannot be used.
    #[error("none of the {count} trust anchors is in the keyring and valid")]
    NoAnchors {
        /// How many were named.
        count: usize,
    },
}

/// The bytes were not shown to be signed as asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The data could not be read to their end.
    #[error("cannot read the signed data")]
    Io(#[source] std::io::Error),
    /// There is no signature: an empty file, or nothing but what is to be ignored.
    #[error("there is no signature")]
    NoSignature,
    /// What is there is no detached signature, or over a limit. No signature was looked at.
    #[error("this is no detached signature: {detail}")]
    NotASignature {
        /// The kind of fault.
        reason: Rejection,
        /// For people.
        detail: String,
    },
    /// The signatures were checked and do not suffice; the evidence says why each did not.
    #[error("{}", .0.summary())]
    Rejected(Box<Refusal>),
}

/// Why a signature, or a whole file of them, does not count.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rejection {
    /// No certificate in the keyring has the key that is named.
    MissingKey,
    /// The arithmetic says no: other data, or another key.
    BadSignature,
    /// Made with a hash or key algorithm, or a key size, that is no longer relied on.
    WeakAlgorithm,
    /// Not a signature over binary data: over text, a certification, a revocation.
    WrongType,
    /// A version of signatures that this crate does not know.
    UnsupportedVersion,
    /// It does not say when it was made.
    NoCreationTime,
    /// It has an expiry time of its own, and that is over.
    Expired,
    /// It was made later than now.
    NotYetValid,
    /// The key did not exist yet, or had expired.
    KeyExpired,
    /// The key was revoked.
    KeyRevoked,
    /// The key is not bound to its certificate as a key that signs.
    NoBinding,
    /// The key may not sign data.
    NotSigningCapable,
    /// It says something critical that this crate does not understand.
    CriticalUnknown,
    /// The key is known and good, and nobody who is trusted vouches for it.
    Untrusted,
    /// The key is on the list of disabled keys.
    Disabled,
    /// It cannot be parsed.
    Malformed,
    /// Something that is no detached signature stands beside it.
    NotDetached,
    /// Bytes stand beside it.
    TrailingData,
    /// Over a limit on size or number.
    Limit,
    /// A fault of this crate: the signature was not checked.
    Internal,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingKey => "the signer's certificate is not in the keyring",
            Self::BadSignature => "the signature does not match the data",
            Self::WeakAlgorithm => "the algorithm is too weak",
            Self::WrongType => "it is not a signature over binary data",
            Self::UnsupportedVersion => "its version is not supported",
            Self::NoCreationTime => "it does not say when it was made",
            Self::Expired => "the signature has expired",
            Self::NotYetValid => "the signature was made in the future",
            Self::KeyExpired => "the key was not valid at the time",
            Self::KeyRevoked => "the key is revoked",
            Self::NoBinding => "the key is not bound to its certificate",
            Self::NotSigningCapable => "the key may not sign data",
            Self::CriticalUnknown => "it has a critical part that is not understood",
            Self::Untrusted => "nobody who is trusted vouches for the key",
            Self::Disabled => "the key is on the list of revoked keys",
            Self::Malformed => "it is malformed",
            Self::NotDetached => "it is not a detached signature",
            Self::TrailingData => "there are bytes beside it",
            Self::Limit => "it is over a limit",
            Self::Internal => "an internal error kept it from being checked",
        })
    }
}
