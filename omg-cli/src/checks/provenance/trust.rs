//! Trusted roots and keys.

use std::path::Path;

use omg_slsa::{Error, EvidenceFile, PublicKey, TrustRoot, Verifier};

use super::online;
use super::query::ProvenanceQuery;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::read_small;

/// The longest key.
const MAX_KEY: u64 = 1 << 16;

/// The trusted root, and a verifier that believes it.
pub struct Trust {
    pub root: TrustRoot,
    pub verifier: Verifier,
}

impl Trust {
    pub fn root(context: &Context, query: &ProvenanceQuery) -> Result<TrustRoot, Failure> {
        let domain = query.trust_domain;
        let root = match &query.trusted_root {
            None if query.refresh_root => Ok(online::refresh(context, domain)?),
            None => match online::kept(context, domain) {
                Some(root) => Ok(root),
                None => online::embedded(context, domain),
            },
            Some(path) => {
                let file = EvidenceFile::read(path).map_err(|error| {
                    Failure::config(format!("cannot read the trusted root {}", path.display()))
                        .because(&error)
                })?;
                TrustRoot::parse(&file.bytes, domain)
            }
        };
        root.map_err(|error| unusable(&error))
    }

    pub fn verifier(root: &TrustRoot) -> Result<Verifier, Failure> {
        Verifier::new(root).map_err(|error| unusable(&error))
    }

    pub fn of(context: &Context, query: &ProvenanceQuery) -> Result<Self, Failure> {
        let root = Self::root(context, query)?;
        let mut verifier = Self::verifier(&root)?;
        if let Some(path) = &query.key {
            let key = public_key(path)?;
            verifier = verifier.with_key(key);
        }
        Ok(Self { root, verifier })
    }
}

/// The failure of a trusted root that cannot be used.
pub fn unusable(error: &Error) -> Failure {
    Failure::config("cannot verify").because(error)
}

/// Reads the public key that `--key` names, in PEM.
pub fn public_key(path: &Path) -> Result<PublicKey, Failure> {
    let unreadable = || Failure::config(format!("cannot read the key {}", path.display()));
    let text = read_small(path, MAX_KEY).map_err(|error| unreadable().because(&error))?;
    PublicKey::from_pem(&text).map_err(|error| unusable(&error))
}

/// Reads one of several public keys; the failure names it.
pub fn named_key(path: &Path) -> Result<PublicKey, Failure> {
    let unusable = || Failure::config(format!("cannot use the key {}", path.display()));
    let text = read_small(path, MAX_KEY).map_err(|error| unusable().because(&error))?;
    PublicKey::from_pem(&text).map_err(|error| unusable().because(&error))
}
