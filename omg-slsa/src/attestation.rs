//! Evidence: who signed what, and when.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::digest::Digests;
use crate::statement::{Statement, Subject};
use crate::trust_root::Domain;

/// The proof that somebody signed a statement about the artifact, or the artifact itself. Only
/// the check makes it. It says who that was, and not that they may.
#[derive(Clone, Debug)]
#[must_use]
pub struct Attestation {
    pub(crate) signer: Signer,
    pub(crate) times: Vec<DateTime<Utc>>,
    pub(crate) log_entries: Vec<LogEntry>,
    pub(crate) domain: Domain,
    pub(crate) digests: Digests,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) statement: Option<Statement>,
}

impl Attestation {
    /// Who signed.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// When, as logs and timestamp authorities say; the earliest first.
    pub fn times(&self) -> &[DateTime<Utc>] {
        &self.times
    }

    /// Where the signature is logged.
    pub fn log_entries(&self) -> &[LogEntry] {
        &self.log_entries
    }

    /// The rules that were applied.
    pub fn domain(&self) -> Domain {
        self.domain
    }

    /// The artifact's digests, as they were given.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }

    /// The subjects of the statement that are this artifact.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// What was signed, if it is a statement and not the artifact itself.
    pub fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref()
    }
}

/// Who signed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Signer {
    /// The name in the certificate: a URI or an e-mail address.
    pub identity: Option<String>,
    /// Whether that is a URI.
    pub identity_is_uri: bool,
    /// Who vouched for the name.
    pub issuer: Option<String>,
    /// The digest of the key, if it is trusted by itself.
    pub key: Option<String>,
    /// What the certificate says of the build.
    pub claims: Claims,
}

/// What a certificate says of the build that it was made for.
///
/// <https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Claims {
    /// The kind of runner, such as `github-hosted`.
    pub runner_environment: Option<String>,
    /// The repository that was built, as a URI.
    pub source_repository: Option<String>,
    /// The commit.
    pub source_commit: Option<String>,
    /// The branch or tag, such as `refs/tags/v1.0.0`.
    pub source_ref: Option<String>,
    /// The number of the repository, which stays when names are exchanged.
    pub source_repository_id: Option<String>,
    /// The number of its owner.
    pub source_owner_id: Option<String>,
    /// The workflow that ran.
    pub build_config: Option<String>,
    /// What started it, such as `push`.
    pub trigger: Option<String>,
    /// The run.
    pub run: Option<String>,
}

/// Where a signature is logged.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// The log, by the digest of its key in Base64.
    pub log: String,
    /// The place in it.
    pub index: u64,
    /// The kind of entry, such as `hashedrekord 0.0.1`.
    pub kind: String,
    /// When it was logged, if the log says so.
    pub integrated: Option<DateTime<Utc>>,
}
