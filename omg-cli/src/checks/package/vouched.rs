//! A package file with the evidence beside it, each part with the digest of the bytes that it is
//! about.

use omg_policy::{Checked, Provenance, Sha256, Signature};

use super::content::Content;
use super::result::{ProvenanceCheck, SignatureCheck};

/// A package file that was read, and what vouches for it.
pub struct Vouched {
    pub content: Content,
    pub signature: (Option<Checked<Signature>>, SignatureCheck),
    pub provenance: (Option<Checked<Provenance>>, ProvenanceCheck),
    /// What could not be read of the evidence.
    pub problems: Vec<String>,
}

impl Vouched {
    /// The digest of the bytes that the content was read from.
    pub fn sha256(&self) -> Sha256 {
        Sha256::new(*self.content.archive.sha256().as_bytes())
    }
}
