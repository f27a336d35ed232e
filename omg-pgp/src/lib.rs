//! Did a trusted key sign exactly these bytes?
//!
//! A verifier of detached OpenPGP signatures, for packages: it reads the data once, checks every
//! signature of versions 4 and 6 (post-quantum ones among them), decides whether the signers are
//! trusted, and returns [evidence](Verification) or says [why not](Error). Arch Linux's web of
//! trust needs no GnuPG, no root and no state.
//!
//! ```
//! use omg_pgp::{Error, Keyring, Policy, TrustModel, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let certificate = include_bytes!("../tests/vectors/good.cert");
//! # let signature = include_bytes!("../tests/vectors/good.sig");
//! # let data = include_bytes!("../tests/vectors/data.bin");
//! let keyring = Keyring::from_bytes("vendor.gpg", certificate)?;
//! let policy = Policy::at("2026-11-24T00:00:00Z".parse()?);
//! let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
//!
//! let evidence = verifier.verify_detached(&data[..], signature)?;
//! assert_eq!(evidence.signers()[0].algorithm, "Ed25519");
//!
//! let other = verifier.verify_detached(&b"other bytes"[..], signature);
//! assert!(matches!(other, Err(Error::Rejected(_))));
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! It reads no clock and no default places, fetches nothing, and knows nothing of packages. It
//! does not expand compressed data and takes no signature from within a message: a file of
//! detached signatures holds signatures, and what RFC 9580 says is to be ignored.
//!
//! # The backend
//!
//! Packets, certificates and arithmetic are [sequoia-openpgp]'s, none of whose types are in this
//! interface. A program has exactly one of its backends: `crypto-rust`, the default here. A library
//! that uses this crate takes the feature `verify` alone, and so leaves it to the program to add
//! sequoia-openpgp with `crypto-rust`, `crypto-nettle` or `crypto-openssl`. Without `verify` only
//! [`Policy`] and [`SigLevel`] are left. The feature `aws-lc` checks RSA keys of 4,097 to
//! 8,192 bits with AWS-LC, which `crypto-rust` refuses.
//!
//! sequoia-openpgp is LGPL-2.0-or-later; this crate is not, and a program that is built with it
//! must let its users exchange that library.
//!
//! [sequoia-openpgp]: https://docs.rs/sequoia-openpgp
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "fs")]
mod beside;
#[cfg(feature = "verify")]
mod error;
#[cfg(feature = "verify")]
mod hash;
#[cfg(feature = "verify")]
mod keyring;
#[cfg(feature = "aws-lc")]
mod large_rsa;
#[cfg(feature = "verify")]
mod packet;
mod policy;
mod siglevel;
#[cfg(feature = "verify")]
mod signatures;
#[cfg(feature = "verify")]
mod trust;
#[cfg(feature = "verify")]
mod verification;
#[cfg(feature = "verify")]
mod verifier;
#[cfg(all(feature = "fs", feature = "verify"))]
mod voa;

#[cfg(feature = "fs")]
pub use crate::beside::SignatureFile;
pub use crate::policy::{KeysAsOf, Policy};
pub use crate::siglevel::{Level, SigLevel, SigLevelError, Verify};
#[cfg(all(feature = "fs", feature = "verify"))]
pub use crate::voa::voa;
#[cfg(feature = "verify")]
pub use crate::{
    error::{Error, KeyringError, Rejection},
    keyring::{Keyring, MAX_CERTIFICATE_BYTES, MAX_CERTIFICATES, MAX_KEYRING_BYTES, Skipped},
    trust::{Anchors, Certification, NotCounted, Standing, Trust, TrustModel},
    verification::{Refusal, RefusalKind, RejectedSignature, Signer, Verification},
    verifier::{AtLevel, Verifier, decode_pgpsig},
};
