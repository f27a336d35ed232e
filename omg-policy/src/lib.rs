//! Given the evidence, is this allowed?
//!
//! ```
//! use omg_policy::{
//!     Checked, Evidence, Grade, Layer, LayerKind, Policy, Sha256, Signature, Subject, Verdict,
//! };
//!
//! let system = Layer::parse(LayerKind::System, "/etc/omg/policy.toml", br#"
//!     schema = 1
//!     [grade]
//!     minimum = "verified"
//!     [[ban]]
//!     package = "xz"
//!     versions = ">=5.6.0, <5.6.2"
//!     reason = "CVE-2024-3094"
//! "#)?;
//! let policy = Policy::new([system]);
//!
//! // Evidence is about one package, and what was checked about bytes is about these bytes.
//! let mut subject = Subject::new("xz", "5.6.1");
//! let digest = Sha256::new([0x5e; 32]);
//! subject.sha256 = Some(digest);
//! let mut evidence = Evidence::about(subject);
//! evidence.add_signature(Checked::new(digest, Signature::Trusted))?;
//!
//! // The caller says what time it is, and how two versions compare.
//! let now = "2026-11-24T12:00:00Z".parse()?;
//! let decision = policy.decide(&evidence, now, &|a, b| a.cmp(b));
//!
//! assert_eq!(decision.verdict, Verdict::Reject);
//! assert_eq!(decision.grade, Grade::Community); // Nobody looked for vulnerabilities.
//! let ban = decision.reasons().into_iter().find(|reason| reason.rule == "ban").unwrap();
//! assert_eq!(ban.origin.to_string(), "/etc/omg/policy.toml:5");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//!
//! - Deciding is total and pure: no error, no clock, no file. The same in gives the same out.
//! - Nothing unknown is safe: a rule about a fact that is unknown is violated.
//! - Nothing earns trust by its name, and evidence about one file never counts for another: see
//!   [`Evidence`].
//! - Better evidence never gives a lower grade or a worse verdict, and a stricter policy never
//!   allows more. The tests look at every abstract state under every abstract policy.
//! - Every violation is a reason, with rule, file and line, the facts that it rests on and what
//!   would make it pass.
//! - Layers only tighten one another. See [`Policy`].
//! - A policy that is not understood in full is an error, with the place and what was probably
//!   meant. See [`Layer::parse`].
//!
//! # Grades
//!
//! [`Grade::Locked`] needs a trusted signature *and* verified provenance or independent rebuilds.
//! Few packages of today's distributions can have it: provenance that names a build level is not
//! published for them, and rebuilds are by few. A policy that asks for it of everything rejects
//! nearly everything.
//!
//! # Feature flags
//!
//! - `history` (off): `MaintainerHistory`, who maintained a recipe of the AUR, and since when.
//! - `rego` (off): `Rego`, policies in that language, which may only add warnings
//!   and rejections. It brings an interpreter, some forty crates and 2 MB of program, and needs
//!   Rust 1.95.
//!
//! # What this crate does not do
//!
//! It gathers no evidence: signatures, provenance and vulnerabilities are looked at elsewhere, and
//! what comes out is handed in as [`Evidence`]. The one thing that it looks at itself are install
//! scripts, from bytes: see [`inspect`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bundle;
mod caps;
mod cases;
mod checks;
mod decision;
mod diff;
mod effective;
mod engine;
mod error;
mod evidence;
mod explain;
mod facts;
mod grade;
#[cfg(feature = "history")]
mod history;
pub mod inspect;
mod layer;
mod licence;
mod matcher;
mod period;
mod policy;
#[cfg(feature = "rego")]
mod rego;
mod rule;
mod words;

pub use bundle::{Bundle, BundleError, BundleSignature, LastBundle, TrustRoot};
pub use cases::{CaseResult, MAX_CASES_BYTES, PolicyTests};
pub use decision::{Decision, Excepted, Fact, Outcome, Place, Reason, Step, StepResult, Verdict};
pub use diff::{Comparison, Witness};
pub use effective::{Policy, Review, Shown};
pub use error::{PolicyError, Problem};
pub use evidence::{Checked, Evidence, EvidenceError, Recorded, Sha256, Subject};
pub use facts::{
    Anchor, Aur, Checksum, Coverage, Epss, Facts, Finding, Fix, Inspection, MaintainerChanged,
    Origin, Provenance, Severity, Signature,
};
pub use grade::Grade;
#[cfg(feature = "history")]
#[cfg_attr(docsrs, doc(cfg(feature = "history")))]
pub use history::{
    HistoryError, HistoryJsonError, MAX_HISTORY_BYTES, MaintainerHistory, Maintainers, Observation,
};
pub use layer::{Layer, LayerKind};
pub use licence::{Expression, Licence, LicenceError, Licences, MAX_LICENCE_BYTES};
pub use matcher::Order;
pub use policy::{MAX_POLICY_BYTES, SecurityPolicy};
#[cfg(feature = "rego")]
pub use rego::{MAX_REGO_BYTES, MAX_REGO_TIME, Rego, RegoError, RegoProblem};

/// The example of the README is run like every other.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
