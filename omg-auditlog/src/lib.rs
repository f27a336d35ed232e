//! Has this history been altered?
//!
//! This crate is reserved for the answer to that question and does not give it yet: it has
//! no public items, so nothing here can be mistaken for a check that was made.
//!
//! # What it will answer
//!
//! An append-only JSON-lines log whose verifier says what was altered and what it could not
//! prove. A hash chain is tamper-*evident*: cutting off its tail shows only against a
//! checkpoint that the attacker cannot rewrite.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
