//! The result of checking a signature.

use std::path::PathBuf;

use omg_pgp::{Refusal, RefusalKind, Rejection, Skipped, Verification};

use crate::session::exit::Exit;

/// The outcome of the check.
pub enum Outcome {
    Valid(Verification),
    Refused(Box<Refusal>),
    /// There is no signature, and no file of the name that was given.
    NoSignatureNamed(PathBuf),
    /// There is no signature beside the file.
    NoSignatureBeside,
    /// The file of signatures is empty.
    EmptySignature,
    /// The file of signatures holds something else.
    NotASignature(Rejection, String),
}

/// The state of a signature, as results name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureStatus {
    Valid,
    Untrusted,
    UnknownSigner,
    Missing,
    Invalid,
}

impl SignatureStatus {
    /// The word in documents and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Untrusted => "untrusted",
            Self::UnknownSigner => "unknown_signer",
            Self::Missing => "missing",
            Self::Invalid => "invalid",
        }
    }

    pub fn exit(self) -> Exit {
        match self {
            Self::Valid => Exit::Ok,
            Self::Untrusted => Exit::Findings,
            Self::UnknownSigner | Self::Missing => Exit::Incomplete,
            Self::Invalid => Exit::Integrity,
        }
    }
}

/// A checked file with its signature and keyring.
pub struct SignatureResult {
    pub file: PathBuf,
    pub signature: Option<PathBuf>,
    pub keyring: KeyringSummary,
    pub outcome: Outcome,
}

/// The keyring that a signature was checked with.
pub struct KeyringSummary {
    pub names: Vec<PathBuf>,
    pub certificates: usize,
    /// How many of the certified signers have expired, and how many there are; only where that
    /// may be why the signature is refused.
    pub expired: Option<(usize, usize)>,
    pub skipped: Vec<Skipped>,
}

impl SignatureResult {
    pub fn status(&self) -> SignatureStatus {
        match &self.outcome {
            Outcome::Valid(_) => SignatureStatus::Valid,
            Outcome::Refused(refusal) => match refusal.kind() {
                RefusalKind::Untrusted => SignatureStatus::Untrusted,
                RefusalKind::UnknownSigner => SignatureStatus::UnknownSigner,
                _ => SignatureStatus::Invalid,
            },
            Outcome::NoSignatureNamed(_) | Outcome::NoSignatureBeside | Outcome::EmptySignature => {
                SignatureStatus::Missing
            }
            Outcome::NotASignature(..) => SignatureStatus::Invalid,
        }
    }

    pub fn exit(&self) -> Exit {
        self.status().exit()
    }

    /// The SHA-256 of the bytes that were checked, if any were.
    pub fn sha256(&self) -> Option<&[u8; 32]> {
        match &self.outcome {
            Outcome::Valid(verification) => Some(verification.sha256()),
            Outcome::Refused(refusal) => Some(refusal.sha256()),
            _ => None,
        }
    }
}
