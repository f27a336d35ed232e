//! An organisation's policy: a file that is only read after its signature was checked.

use chrono::{DateTime, Utc};

use crate::error::PolicyError;
use crate::layer::{Layer, LayerKind};

/// Whether the machine was told whom its organisation's policy comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TrustRoot {
    /// It was not: there is no organisation layer.
    NotConfigured,
    /// These many keys or certificates are trusted. None is an error, not "nobody to ask".
    Configured {
        /// How many.
        keys: usize,
    },
}

/// What became of the bundle's signature; the caller checks it, for example with `omg-pgp`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BundleSignature {
    /// There is none.
    Missing,
    /// It is not one over these bytes.
    Invalid,
    /// By somebody who is not of the trust root.
    Untrusted,
    /// By somebody of the trust root, over exactly the bytes that are given.
    Trusted,
}

/// What the machine remembers of the last bundle that it accepted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastBundle {
    /// Its revision.
    pub revision: u64,
    /// The hash of what it meant, [`Bundle::canonical`].
    pub fingerprint: String,
    hash: fn(&str) -> String,
}

impl LastBundle {
    /// What was remembered, and how hashes of it are made.
    pub fn new(revision: u64, fingerprint: impl Into<String>, hash: fn(&str) -> String) -> Self {
        Self {
            revision,
            fingerprint: fingerprint.into(),
            hash,
        }
    }

    fn means(&self, bundle: &Bundle) -> bool {
        (self.hash)(&bundle.canonical()) == self.fingerprint
    }
}

/// An organisation's policy that was accepted. Only [`Bundle::accept`] makes one.
#[derive(Clone, Debug)]
pub struct Bundle {
    layer: Layer,
    revision: u64,
    expires: DateTime<Utc>,
}

/// An organisation's policy that is not accepted. None of these may be passed over: the policy
/// of an organisation that is not there does not permit anything.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A trust root is configured that holds no key.
    #[error("the trust root of the organisation's policy is empty")]
    EmptyTrustRoot,
    /// There is a bundle, and nobody said whose signature counts.
    #[error("there is an organisation's policy, and no trust root for it")]
    NoTrustRoot,
    /// A trust root is configured, and there is no bundle.
    #[error("the organisation's policy is missing")]
    Missing,
    /// A trust root is configured, and the bundle has no signature.
    #[error("the organisation's policy has no signature")]
    Unsigned,
    /// Its signature is invalid.
    #[error("the signature of the organisation's policy is invalid")]
    InvalidSignature,
    /// Its signer is not trusted.
    #[error("the organisation's policy is signed by somebody who is not trusted")]
    UntrustedSigner,
    /// It is older than one that was accepted before.
    #[error("the organisation's policy has revision {found}, older than {last}")]
    RolledBack {
        /// Its revision.
        found: u64,
        /// The one that was accepted before.
        last: u64,
    },
    /// It has the revision of one that was accepted before, and says something else.
    #[error("two organisation's policies have revision {revision}")]
    SameRevision {
        /// The revision.
        revision: u64,
    },
    /// It is no longer valid.
    #[error("the organisation's policy expired at {at}")]
    Expired {
        /// When.
        at: DateTime<Utc>,
    },
    /// It is no policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Bundle {
    /// Accepts an organisation's policy, or says why not. `toml` is absent if there is no file;
    /// `last` if none was ever accepted. `None` comes out only where no trust root is configured
    /// and there is no file either.
    ///
    /// The file is a policy with two keys more, which stand below its signature:
    ///
    /// ```toml
    /// [bundle]
    /// revision = 12                       # larger than that of any before
    /// expires = 2027-01-01T00:00:00Z
    /// ```
    ///
    /// # Errors
    ///
    /// Every [`BundleError`]; a signature that is missing is looked for before anything else in
    /// the file is, so that stripping it gains nothing.
    pub fn accept(
        root: TrustRoot,
        file: &str,
        toml: Option<&[u8]>,
        signature: BundleSignature,
        last: Option<&LastBundle>,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, BundleError> {
        let toml = match (root, toml) {
            (TrustRoot::NotConfigured, None) => return Ok(None),
            (TrustRoot::NotConfigured, Some(_)) => return Err(BundleError::NoTrustRoot),
            (TrustRoot::Configured { keys: 0 }, _) => return Err(BundleError::EmptyTrustRoot),
            (TrustRoot::Configured { .. }, None) => return Err(BundleError::Missing),
            (TrustRoot::Configured { .. }, Some(toml)) => toml,
        };
        match signature {
            BundleSignature::Missing => return Err(BundleError::Unsigned),
            BundleSignature::Invalid => return Err(BundleError::InvalidSignature),
            BundleSignature::Untrusted => return Err(BundleError::UntrustedSigner),
            BundleSignature::Trusted => {}
        }
        let layer = crate::policy::parse(LayerKind::Organisation, file, toml, true)?;
        // The parser lets no organisation's policy through without.
        let (revision, expires) = match &layer.bundle {
            Some(head) => (head.revision, head.expires),
            None => return Err(BundleError::Missing),
        };
        let bundle = Self {
            layer,
            revision,
            expires,
        };
        match last {
            Some(last) if revision < last.revision => {
                return Err(BundleError::RolledBack {
                    found: revision,
                    last: last.revision,
                });
            }
            Some(last) if revision == last.revision && !last.means(&bundle) => {
                return Err(BundleError::SameRevision { revision });
            }
            _ => {}
        }
        if now >= expires {
            return Err(BundleError::Expired { at: expires });
        }
        Ok(Some(bundle))
    }

    /// Its revision; to be remembered.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Until when it is valid.
    pub fn expires(&self) -> DateTime<Utc> {
        self.expires
    }

    /// What it means, as text; this or a hash of it is to be remembered.
    pub fn canonical(&self) -> String {
        self.layer.canonical()
    }

    /// The layer.
    pub fn into_layer(self) -> Layer {
        self.layer
    }
}
