//! Did a trusted key sign exactly these bytes?
//!
//! This crate is reserved for the answer to that question and does not give it yet: it has
//! no public items, so nothing here can be mistaken for a check that was made.
//!
//! # What it will answer
//!
//! Given a file, a detached OpenPGP signature and a keyring: which keys signed it, which of
//! them are trusted under a stated trust model (Arch Linux's among them), and why every other
//! signature was rejected. An empty or missing keyring is an error, never "nothing to check".
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
