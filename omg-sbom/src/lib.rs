//! What is installed, as a standard document?
#![forbid(unsafe_code)]
#![deny(missing_docs)]
