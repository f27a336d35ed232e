//! Has this history been altered?
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod chain;
mod checkpoint;
mod entry;
mod error;
mod event;
#[cfg(feature = "fs")]
#[cfg_attr(docsrs, doc(cfg(feature = "fs")))]
pub mod fs;
mod hash;
mod line;
pub mod merkle;
mod note;
mod query;
mod value;
mod verify;

pub use chain::{Chain, Origin};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use entry::{Entry, MAX_ENTRY_BYTES, Machine};
pub use error::Error;
pub use event::{Actor, CustomKind, Event, EventKind, Outcome, Severity};
pub use hash::Hash;
pub use note::{
    MAX_NOTE_BYTES, MAX_SIGNATURES, NoteSignature, SignedNote, Signer, SigningKey, VerifyingKey,
};
pub use query::Filter;
pub use value::{MAX_DEPTH, MAX_INTEGER, Value};
pub use verify::{
    Break, BreakKind, Claim, Head, MAX_BREAKS, Report, Resume, Statement, Status, Trust, Verifier,
};
