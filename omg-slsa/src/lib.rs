//! How, from what and by whom was this artifact built?
//!
//! This crate is reserved for the answer to that question and does not give it yet: it has
//! no public items, so nothing here can be mistaken for a check that was made.
//!
//! # What it will answer
//!
//! Given an artifact and a Sigstore bundle: who built it, from which source, with which
//! workflow, and to which SLSA Build level that is proven. A level is computed from verified
//! evidence only, never from a package's name.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
