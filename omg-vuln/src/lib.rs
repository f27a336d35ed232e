//! Which known vulnerabilities affect these packages?
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod severity;
pub mod version;

pub use severity::{Cvss, CvssError, CvssVersion, Severity};
