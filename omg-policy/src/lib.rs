//! Given the evidence, is this allowed?
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bundle;
mod cases;
mod decision;
mod diff;
mod engine;
mod error;
mod evidence;
mod explain;
mod grade;
pub mod inspect;
mod layer;
mod licence;
mod matcher;
mod period;
mod policy;
mod rule;

pub use bundle::{Bundle, BundleError, BundleSignature, LastBundle, TrustRoot};
pub use cases::{CaseResult, MAX_CASES_BYTES, PolicyTests};
pub use decision::{Decision, Excepted, Fact, Outcome, Place, Reason, Step, StepResult, Verdict};
pub use diff::{Comparison, Witness};
pub use error::{PolicyError, Problem};
pub use evidence::{
    Anchor, Aur, Checksum, Coverage, Epss, Evidence, Finding, Fix, Inspection, MaintainerChanged,
    Origin, Provenance, Severity, Signature,
};
pub use grade::Grade;
pub use layer::{Layer, LayerKind, Policy, Review, Shown};
pub use licence::{Expression, Licence, LicenceError, Licences, MAX_LICENCE_BYTES};
pub use matcher::Order;
pub use policy::{MAX_POLICY_BYTES, SecurityPolicy};
