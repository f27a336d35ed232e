//! Has this history been altered? An append-only log of JSON lines whose verifier says exactly
//! what was changed, and what it could not prove.
//!
//! Each entry is one canonical line (RFC 8785) that carries the hash of the line before it; the
//! hashes are also the leaves of a Merkle tree (RFC 6962), whose root a checkpoint signs (C2SP
//! tlog-checkpoint). The format is specified in `docs/FORMAT.md`.
//!
//! # Examples
//!
//! ```
//! use omg_auditlog::{
//!     Actor, BreakKind, Chain, Checkpoint, Event, EventKind, Machine, Origin, Signer, SigningKey,
//!     Status, Trust, Verifier, merkle::Frontier,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let origin: Origin = "example.org/log".parse()?;
//! let (actor, machine) = (Actor::uid(0), Machine::new("host", "boot"));
//! let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap_or_default();
//! let (mut chain, opened) = Chain::open(&origin, &machine, &actor, at)?;
//! let event = Event::new(EventKind::PackageInstall).with("package", "zlib");
//! let entry = chain.append(event, &actor, &machine, at)?;
//! let log = format!("{opened}\n{entry}\n");
//!
//! // A checkpoint, kept where nobody who can write the log can write.
//! let mut tree = Frontier::default();
//! tree.extend([opened.hash(), entry.hash()]);
//! let key = SigningKey::from_seed("example.org/log", [7; 32])?;
//! let held = Checkpoint::new(origin, tree.size(), tree.root()).sign(&[&key])?;
//!
//! let trust = Trust::none().pin(key.verifying_key().clone()).hold(held);
//! let verifier = Verifier::new(trust);
//! let report = verifier.verify(log.as_bytes())?;
//! assert_eq!((report.status(), report.unanchored()), (Status::Intact, 0));
//!
//! let cut_off = verifier.verify(format!("{opened}\n").as_bytes())?;
//! assert_eq!(cut_off.breaks[0].kind, BreakKind::Truncated);
//! # Ok(())
//! # }
//! ```
//!
//! # Feature flags
//!
//! | Feature | Default | Adds |
//! |---|---|---|
//! | `fs` | no | `fs`: the log on disk, for many threads and processes (Unix only) |
//! | `witness` | no | `witness`: the client of C2SP tlog-witness; cosignatures with Ed25519 |
//! | `mldsa` | no | `MlDsaKey`: cosignatures with ML-DSA-44, in addition to Ed25519 |
//! | `pkcs11` | no | `pkcs11`: signs with a key in a token |
//! | `tracing` | no | spans of appends, syncs, checkpoints and verifications |
//!
//! # What this crate does not do
//!
//! It is tamper-*evident*, not tamper-proof: who can write the log can destroy it. Without a
//! checkpoint that this person cannot replace, a log that was cut off or written anew looks like
//! any other; a [`Report`] says which entries that concerns. An entry that was made with the
//! writer's own authority is genuine, also when it is a lie.
//!
//! It reads no clock, environment, user or host name, and without the feature `fs` opens no file.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod chain;
mod checkpoint;
#[cfg(any(feature = "witness", feature = "mldsa"))]
mod cosign;
mod entry;
mod error;
mod event;
pub mod export;
#[cfg(feature = "fs")]
#[cfg_attr(docsrs, doc(cfg(feature = "fs")))]
pub mod fs;
mod hash;
mod key;
mod line;
pub mod merkle;
#[cfg(feature = "mldsa")]
mod mldsa;
mod note;
#[cfg(feature = "pkcs11")]
#[cfg_attr(docsrs, doc(cfg(feature = "pkcs11")))]
pub mod pkcs11;
mod query;
mod trace;
mod value;
mod verify;
#[cfg(feature = "witness")]
#[cfg_attr(docsrs, doc(cfg(feature = "witness")))]
pub mod witness;

pub use chain::{Chain, Origin};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
#[cfg(any(feature = "witness", feature = "mldsa"))]
pub use cosign::{Cosigner, CosignerKey, cosign_ed25519};
pub use entry::{Entry, MAX_ENTRY_BYTES, Machine};
pub use error::Error;
pub use event::{Actor, CustomKind, Event, EventKind, Outcome, Severity};
pub use hash::Hash;
pub use key::{SigningKey, VerifyingKey};
#[cfg(feature = "mldsa")]
#[cfg_attr(docsrs, doc(cfg(feature = "mldsa")))]
pub use mldsa::MlDsaKey;
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, NoteSignature, SignedNote, Signer};
pub use query::Filter;
pub use value::{MAX_DEPTH, MAX_INTEGER, Value};
pub use verify::{
    Break, BreakKind, Claim, Head, MAX_BREAKS, Report, Resume, Statement, Status, Trust, Verifier,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
