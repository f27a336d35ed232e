//! The question whether a trusted key signed a file.

use std::path::PathBuf;

use omg_pgp::KeysAsOf;

/// How certificates of a keyring earn trust.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TrustChoice {
    /// Every certificate in the keyring is trusted.
    Plain,
    /// Arch Linux's model: certified by its main keys.
    Arch,
    /// The hierarchy of the File Hierarchy for the Verification of OS Artifacts.
    Voa,
}

/// A file, its signature, and who may have made it.
#[derive(Clone, Debug)]
pub struct SignatureQuery {
    pub file: PathBuf,
    /// The signature, instead of the one beside the file.
    pub signature: Option<PathBuf>,
    /// Keyrings, instead of the distribution's.
    pub keyrings: Vec<PathBuf>,
    /// The trust model, instead of the keyring's own.
    pub trust: Option<TrustChoice>,
    /// The list of main keys, instead of the one beside the keyring.
    pub trusted: Option<PathBuf>,
    /// The list of revoked keys, instead of the one beside the keyring.
    pub revoked: Option<PathBuf>,
    /// How many certificates must have signed.
    pub threshold: usize,
    pub require_pqc: bool,
    pub require_classical: bool,
    /// Whether every signature must be good.
    pub all_signatures: bool,
    /// The time at which keys must be good.
    pub keys_as_of: KeysAsOf,
    pub accept_text: bool,
    /// Whether a damaged keyring is an error.
    pub strict_keyring: bool,
}

impl SignatureQuery {
    /// The signature beside a file, by the distribution's keyring.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            signature: None,
            keyrings: Vec::new(),
            trust: None,
            trusted: None,
            revoked: None,
            threshold: 1,
            require_pqc: false,
            require_classical: false,
            all_signatures: false,
            keys_as_of: KeysAsOf::Signature,
            accept_text: false,
            strict_keyring: false,
        }
    }
}
