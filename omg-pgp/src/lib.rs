//! Did a trusted key sign exactly these bytes?
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
#[cfg(feature = "sequoia")]
mod hash;
#[cfg(feature = "sequoia")]
mod keyring;
mod packet;
mod policy;
#[cfg(feature = "sequoia")]
mod signatures;
#[cfg(feature = "sequoia")]
mod trust;
#[cfg(feature = "sequoia")]
mod verification;
#[cfg(feature = "sequoia")]
mod verifier;

pub use crate::error::*;
pub use crate::keyring::*;
pub use crate::policy::*;
pub use crate::trust::{Anchors, Certification, NotCounted, Standing, Trust, TrustModel};
pub use crate::verification::{Refusal, RefusalKind, RejectedSignature, Signer, Verification};
pub use crate::verifier::Verifier;
