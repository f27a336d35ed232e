//! The policy that holds.

use chrono::{DateTime, Utc};
use omg_policy::{Decision, Evidence, Policy};
use omg_vuln::version::Order;

use super::files::fingerprint;
use super::rego::Rego;

/// The policy that holds in this run, and the hash of its meaning.
pub struct ActivePolicy {
    pub policy: Policy,
    /// What may only tighten it.
    pub rego: Rego,
    pub sha256: String,
}

impl ActivePolicy {
    pub fn new(policy: Policy, rego: Rego) -> Self {
        let sha256 = fingerprint(&(policy.canonical() + rego.canonical()));
        Self {
            policy,
            rego,
            sha256,
        }
    }

    /// What all of it says of a package.
    pub fn decide(&self, evidence: &Evidence, at: DateTime<Utc>, order: Order) -> Decision {
        let compare = |a: &str, b: &str| order.compare(a, b);
        let decision = self.policy.decide(evidence, at, &compare);
        self.rego.tighten(decision, evidence, at)
    }
}
