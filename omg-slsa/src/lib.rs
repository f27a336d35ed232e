//! How, from what and by whom was this artifact built?
//!
//! A verifier of Sigstore bundles and the SLSA provenance in them: it reads strictly, checks
//! signature, certificate, logs and timestamps, and then whether the statement is its signer's to
//! make and is what is [expected](Expectations). It returns [evidence](Provenance) or says
//! [why not](Error), in all that is unmet.
//!
//! ```
//! use omg_slsa::{Algorithm, Bundle, Digests, Domain, Error, Rejection, TrustRoot, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::new(&TrustRoot::embedded(Domain::PublicGood)?)?;
//! let digests = Digests::of_reader(&b"an artifact"[..], &[Algorithm::Sha256])?;
//! assert!(digests.get(Algorithm::Sha256).is_some());
//!
//! let cut = Bundle::parse(br#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json""#);
//! assert!(matches!(cut, Err(Error::Rejected { reason: Rejection::Parse, .. })));
//! # drop(verifier);
//! # Ok(())
//! # }
//! ```
//!
//! # Levels
//!
//! A SLSA Build [`Level`] comes from a verified statement and a table of builders with reasons,
//! never from a name: without a statement there is none. Most packages of distributions have
//! none, since nobody publishes one for them.
//!
//! # What it does not do
//!
//! Without the feature `fs`, which looks for evidence beside an artifact, it opens no file, and it
//! never opens a socket: bundles, digests, roots and the time are given. What it
//! trusts is as fresh as the root that it is given. The verifier of signatures and proofs below
//! it is `sigstore-verify`, none of whose types are in this interface. That crate compares a log's
//! time with the machine's clock too, where this one compares with the time that it is given.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attestation;
#[cfg(feature = "fs")]
mod beside;
mod build;
mod builder;
mod builders;
mod buildinfo;
mod bundle;
mod canonical;
#[cfg(test)]
mod cases;
mod cross;
mod digest;
mod documents;
mod error;
mod expectations;
mod fault;
mod level;
mod link;
pub mod merkle;
mod npm;
#[cfg(feature = "http")]
pub mod online;
mod pattern;
mod pypi;
mod statement;
mod strict;
mod trust_root;
mod verifier;
mod vsa;

pub use crate::attestation::{Attestation, Claims, LogEntry, Signer};
#[cfg(feature = "fs")]
pub use crate::beside::EvidenceFile;
pub use crate::build::Build;
pub use crate::builders::{BUILDERS, Builders, Fresh, MAX_BUILDERS};
pub use crate::buildinfo::{BuildInfo, MAX_BUILDINFO_BYTES};
pub use crate::bundle::Bundle;
pub use crate::digest::{Algorithm, Digest, DigestError, Digests};
pub use crate::documents::{Bundles, parse_bundles};
pub use crate::error::{Error, Rejection};
pub use crate::expectations::{
    Check, Expectations, Findings, Provenance, Refusal, UnreleasedBuilder, inspect,
};
pub use crate::level::{Assessment, Level};
pub use crate::link::{MAX_ATTESTATIONS, MAX_REBUILDERS, Rebuilder, Rebuilds};
pub use crate::npm::{NpmAttestations, Package};
pub use crate::pattern::{Pattern, PatternError};
pub use crate::statement::{Statement, Subject};
pub use crate::strict::MAX_DOCUMENT_BYTES;
pub use crate::trust_root::{Domain, PublicKey, TrustRoot};
pub use crate::verifier::Verifier;
pub use crate::vsa::{Summary, SummaryExpectations};
