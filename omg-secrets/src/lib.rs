//! Find leaked credentials in bytes you already hold.
//!
//! # Examples
//!
//! ```
//! use omg_secrets::{Scanner, Severity};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let scanner = Scanner::builder().build()?;
//! // Put together here, so that this text is no finding itself.
//! let text = ["db = \"postgres://app:", "k2J9sLq0ZtVb", "@db.internal/app\""].concat();
//! let findings: Vec<_> = scanner.scan(text.as_bytes()).collect();
//! assert_eq!(findings[0].rule.id(), "uri-password");
//! assert_eq!(findings[0].severity, Severity::High);
//! assert_eq!(findings[0].redacted(), "k2****");
//! # Ok(())
//! # }
//! ```
//!
//! # Feature flags
//!
//! | Feature | Default | Adds |
//! |---|---|---|
//! | `config` | no | `Config::parse`: own rules, rule selection and allow-lists in TOML |
//! | `walk` | no | `Walk`: a directory tree, in parallel (Unix only) |
//! | `git` | no | `git`: staged changes and the history of a repository |
//! | `archive` | no | `archive`: the members of zip, tar, gzip and zstd files |
//!
//! # What this crate does not do
//!
//! It asks no provider whether a credential still works: it opens no socket at all. A
//! checksum that holds says that a token was issued, not that it is valid. Without features
//! it opens no file. It never prints, and no error or `Debug` of its holds a secret.
//!
//! It sets no panic hook. zstd is decoded by `ruzstd`, and a panic of that crate is caught (feature
//! `archive`) and is an error of the file: one file must not end the scan of all the others. None is
//! known that a file alone causes; with `panic = "abort"` nothing could be caught, and what the
//! process says of such a panic is for its own hook to decide.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

// From the bytes to a finding, each importing only what is before it: `text` (lines, encodings) and
// `rules`; `search` finds candidates, `extract` parses the text around them; `classify` judges what
// was parsed; `resolve` settles overlaps, with `finding` and `allow`; `scanner` joins these. Beyond
// it are those who call it: `sources` with bytes, `config` with rules of the user.
mod allow;
mod baseline;
mod classify;
#[cfg(feature = "config")]
mod config;
mod error;
mod extract;
mod finding;
mod resolve;
mod rules;
mod scanner;
mod search;
mod sources;
mod text;

pub use baseline::{Baseline, BaselineEntry};
#[cfg(feature = "config")]
pub use config::Config;
pub use error::BuildError;
#[cfg(feature = "config")]
pub use error::ConfigError;
pub use finding::{Finding, Fingerprint, Secret};
pub use rules::{Confidence, Group, Rule, Severity, builtin_rules};
pub use scanner::{GroupState, Scanner, ScannerBuilder, StandIns};
#[cfg(feature = "archive")]
pub use sources::archive;
#[cfg(feature = "git")]
pub use sources::git;
pub use sources::stream::Streamed;
#[cfg(feature = "walk")]
pub use sources::walk::{Archives, IgnoreFiles, Located, Problem, ProblemKind, Tree, Walk};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
