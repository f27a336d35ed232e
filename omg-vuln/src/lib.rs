//! Which known vulnerabilities affect these packages?
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod severity;
pub mod version;

#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;

pub use severity::{Cvss, CvssError, CvssVersion, Severity};
