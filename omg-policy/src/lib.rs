//! Given the evidence, is this allowed?
//!
//! This crate is reserved for the answer to that question and does not give it yet: it has
//! no public items, so nothing here can be mistaken for a check that was made.
//!
//! # What it will answer
//!
//! A pure, total decision from what was proved about a package: verdict, grade and every
//! reason. No package earns trust by its name, and nothing unknown is safe.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
