//! Policies in Rego, which were named and may only tighten.
//!
//! A program that was built without them refuses to run with one: what it asks for is not known.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use omg_policy::{Decision, Evidence};

use super::files::{fingerprint, read};
use crate::session::failure::Failure;

/// Those that were named.
#[derive(Clone, Debug, Default)]
pub struct Rego {
    #[cfg(feature = "rego")]
    policies: Vec<omg_policy::Rego>,
    files: Vec<String>,
    /// What they say, by hash; empty if there are none.
    canonical: String,
}

impl Rego {
    /// Reads all of them.
    pub fn load(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut all = Self::default();
        for path in paths {
            let bytes = read(path)?;
            all.add(path, &bytes)?;
            all.files.push(path.to_string_lossy().into_owned());
            let text = String::from_utf8_lossy(&bytes);
            all.canonical
                .push_str(&format!("[rego] {}\n", fingerprint(&text)));
        }
        Ok(all)
    }

    #[cfg(feature = "rego")]
    fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let policy = omg_policy::Rego::parse(&path.to_string_lossy(), bytes)
            .map_err(|error| Failure::config("the policy in Rego is invalid").because(&error))?;
        self.policies.push(policy);
        Ok(())
    }

    #[cfg(not(feature = "rego"))]
    #[allow(clippy::unused_self)] // The other one needs it.
    fn add(&mut self, path: &Path, _: &[u8]) -> Result<(), Failure> {
        let message = format!("this program cannot evaluate Rego: {}", path.display());
        Err(Failure::config(message).try_this("build it with: cargo build -p omg-cli -F rego"))
    }

    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The files' names.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    #[cfg(feature = "rego")]
    pub fn tighten(&self, decision: Decision, evidence: &Evidence, at: DateTime<Utc>) -> Decision {
        let all = self.policies.iter();
        all.fold(decision, |decision, rego| {
            rego.tighten(decision, evidence, at)
        })
    }

    /// There are none.
    #[cfg(not(feature = "rego"))]
    #[allow(clippy::unused_self)] // The other one needs it.
    pub fn tighten(&self, decision: Decision, _: &Evidence, _: DateTime<Utc>) -> Decision {
        decision
    }
}
