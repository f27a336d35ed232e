//! Which known vulnerabilities affect these packages?
#![forbid(unsafe_code)]
#![deny(missing_docs)]
