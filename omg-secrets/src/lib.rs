//! Are there credentials in these bytes?
//!
//! This crate is reserved for the answer to that question and does not give it yet: it has
//! no public items, so nothing here can be mistaken for a check that was made.
//!
//! # What it will answer
//!
//! Given bytes: where credentials stand in them, of which provider, with which confidence.
//! A found value is never printable by accident.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
