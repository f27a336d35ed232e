//! The result: each file with its checks and the decision.

use std::path::PathBuf;

use omg_policy::{Observation, Sha256, Verdict};

use super::aur::rpc::RecipeInfo;
use crate::checks::policy::active::ActivePolicy;
use crate::checks::policy::result::PackageDecision;
use crate::checks::provenance::result::ProvenanceResult;
use crate::checks::signature::result::SignatureResult;
use crate::session::exit::Exit;

/// One thing that was looked at, and its outcome.
pub enum Check {
    Signature(SignatureCheck),
    Checksum(ChecksumCheck),
    Provenance(ProvenanceCheck),
    Vulnerabilities(VulnerabilityCheck),
    /// The licences as recorded; empty if none is.
    Licence(Vec<String>),
    Inspection(InspectionCheck),
    Aur(AurCheck),
}

/// The signature beside the file.
pub enum SignatureCheck {
    /// There is no keyring to check it with.
    NoKeyring,
    Checked(Box<SignatureResult>),
    /// The evidence could not be read, for this reason.
    NotRead(String),
}

/// The provenance beside the file.
pub enum ProvenanceCheck {
    Checked(Box<ProvenanceResult>),
    /// The evidence could not be read, for this reason.
    NotRead(String),
}

/// The list that a checksum was looked up in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PackageIndex {
    /// Databases of pacman's repositories.
    Pacman,
    /// Lists of apt.
    Apt,
}

/// The file's checksum in the indexes of repositories.
pub enum ChecksumCheck {
    /// There is no index for this kind of package.
    NotLookedUp,
    /// The index of this name has this checksum.
    Match {
        index: PackageIndex,
        name: String,
        /// Whether the index is signed, as far as this program checked.
        signed: bool,
    },
    /// The index of this name has another checksum for this version.
    Mismatch { index: PackageIndex, name: String },
    /// No index has this package.
    Missing { index: PackageIndex },
}

/// Known vulnerabilities of the package.
pub enum VulnerabilityCheck {
    /// No source of advisories covers it.
    NotCovered,
    /// These advisories affect it.
    Found(Vec<String>),
    /// Nothing is known of it, and something of the version that is installed.
    FixesInstalled,
    NoneKnown,
}

/// The content of the package.
pub struct InspectionCheck {
    pub findings: usize,
    pub scripts: usize,
    pub units: usize,
    pub setuid: Vec<String>,
    pub replaces: Vec<String>,
}

/// The package's recipe in the AUR.
pub enum AurCheck {
    /// The AUR could not be asked, for this reason.
    NotAsked(String),
    /// The AUR has no package of this name.
    NoRecipe,
    Recipe {
        info: RecipeInfo,
        seen: Observation,
    },
}

/// A package file and the decision about it.
pub struct GatedPackage {
    pub file: PathBuf,
    /// The digest of the bytes that were checked, and that the decision is about.
    pub sha256: Sha256,
    pub decided: PackageDecision,
    pub checks: Vec<Check>,
}

/// The decisions about all files.
pub struct GateResult {
    pub active: ActivePolicy,
    pub packages: Vec<GatedPackage>,
    /// Files that two checks read differently: nothing is decided about them.
    pub changed: Vec<PathBuf>,
    /// Files whose content cannot be read, and whose signature is refused.
    pub refused: Vec<SignatureResult>,
    /// Files of which nothing is known, and what was not checked.
    pub problems: Vec<String>,
}

impl GateResult {
    /// Whether all evidence that lies beside the files could be read.
    pub fn is_evidence_read(&self) -> bool {
        let unread = |check: &Check| {
            matches!(
                check,
                Check::Signature(SignatureCheck::NotRead(_))
                    | Check::Provenance(ProvenanceCheck::NotRead(_))
            )
        };
        let mut checks = self.packages.iter().flat_map(|gated| &gated.checks);
        !checks.any(unread)
    }

    pub fn exit(&self) -> Exit {
        let tampered = |gated: &GatedPackage| {
            let mut violated = gated.decided.decision.violated();
            violated.any(|(rule, _)| rule == "integrity")
        };
        let rejected = |gated: &GatedPackage| gated.decided.decision.verdict == Verdict::Reject;
        let alarm = !self.changed.is_empty()
            || !self.refused.is_empty()
            || self.packages.iter().any(tampered);
        let integrity = alarm.then_some(Exit::Integrity);
        let findings = self.packages.iter().any(rejected).then_some(Exit::Findings);
        let incomplete = (!self.problems.is_empty()).then_some(Exit::Incomplete);
        [integrity, findings, incomplete]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(Exit::Ok)
    }
}
