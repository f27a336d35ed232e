//! What can go wrong, and why evidence does not count.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::expectations::{Check, Refusal};

/// Provenance was not shown as asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The trusted root, or a key that was given, cannot be used.
    #[error("the trusted root cannot be used: {detail}")]
    TrustRoot {
        /// For people.
        detail: String,
    },
    /// A signed table of builders cannot be used.
    #[error("the table of builders cannot be used: {detail}")]
    Builders {
        /// For people.
        detail: String,
    },
    /// The evidence needs a digest of the artifact that was not given.
    #[error("the artifact's {needed} digest is needed")]
    MissingDigest {
        /// Which.
        needed: String,
    },
    /// The evidence is broken: it proves nothing.
    #[error("{reason}: {detail}")]
    Rejected {
        /// The kind of fault.
        reason: Rejection,
        /// For people.
        detail: String,
    },
    /// The evidence is good, and not what is expected.
    #[error("{}", .0.summary())]
    Unmet(Box<Refusal>),
    /// A verification summary is good, and not what is expected.
    #[error("the summary is not as expected: {}", lacks(.0))]
    UnmetSummary(Vec<Check>),
    /// Fewer rebuilders than needed got the same bytes.
    #[error("not rebuilt as needed: {}", lacks(.0))]
    UnmetRebuilds(Vec<Check>),
}

fn lacks(checks: &[Check]) -> String {
    let unmet = checks.iter().filter(|check| !check.met);
    let unmet: Vec<_> = unmet
        .map(|check| format!("{}: {}", check.name, check.detail))
        .collect();
    unmet.join("; ")
}

impl Error {
    pub(crate) fn rejected(reason: Rejection, detail: impl Into<String>) -> Self {
        Self::Rejected {
            reason,
            detail: detail.into(),
        }
    }

    /// The kind of fault, if the evidence is broken.
    pub fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Rejected { reason, .. } => Some(*reason),
            Self::TrustRoot { .. } | Self::Builders { .. } => Some(Rejection::TrustRoot),
            _ => None,
        }
    }
}

/// Why evidence proves nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rejection {
    /// It is not the JSON that it should be.
    Parse,
    /// Over a limit on size, depth or number.
    Limit,
    /// A key stands twice in an object.
    DuplicateKey,
    /// A part is missing, is there twice, or does not go with another.
    BundleStructure,
    /// The same log entry stands twice.
    DuplicateEntry,
    /// Something that this version does not verify.
    Unsupported,
    /// The trusted root cannot be used.
    TrustRoot,
    /// There is no certificate, or one that cannot be read.
    Certificate,
    /// The certificate does not come from a trusted authority.
    CertificateChain,
    /// The authority was not trusted at the time of signing.
    CaValidity,
    /// The certificate was not logged: its timestamp is missing or not good.
    Sct,
    /// It was not signed while the certificate was valid.
    TimeVsCert,
    /// There is no time of signing that can be relied on.
    NoTimestamp,
    /// It was signed in the future.
    FutureTime,
    /// A timestamp is not good.
    Timestamp,
    /// A timestamp is over other bytes.
    TimestampImprint,
    /// A timestamp is by nobody who is trusted.
    TsaUntrusted,
    /// A timestamp was made when its authority was not trusted.
    TsaValidity,
    /// An entry is from a log that is not trusted.
    UnknownLog,
    /// The log's promise is missing or not good.
    InclusionPromise,
    /// The proof that the log holds the entry is missing or not good.
    InclusionProof,
    /// The log's signed head is missing or not good.
    Checkpoint,
    /// The log entry is of something else.
    LogEntryMismatch,
    /// The signature does not match.
    Signature,
    /// It is about another artifact.
    ArtifactDigest,
    /// It is no in-toto statement.
    Statement,
    /// A statement contradicts itself or the certificate.
    Contradiction,
}

impl Rejection {
    /// The name, as in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Limit => "limit",
            Self::DuplicateKey => "duplicate_key",
            Self::BundleStructure => "bundle_structure",
            Self::DuplicateEntry => "duplicate_entry",
            Self::Unsupported => "unsupported",
            Self::TrustRoot => "trust_root",
            Self::Certificate => "certificate",
            Self::CertificateChain => "certificate_chain",
            Self::CaValidity => "ca_validity",
            Self::Sct => "sct",
            Self::TimeVsCert => "time_vs_cert",
            Self::NoTimestamp => "no_timestamp",
            Self::FutureTime => "future_time",
            Self::Timestamp => "timestamp",
            Self::TimestampImprint => "timestamp_imprint",
            Self::TsaUntrusted => "tsa_untrusted",
            Self::TsaValidity => "tsa_validity",
            Self::UnknownLog => "unknown_log",
            Self::InclusionPromise => "inclusion_promise",
            Self::InclusionProof => "inclusion_proof",
            Self::Checkpoint => "checkpoint",
            Self::LogEntryMismatch => "log_entry_mismatch",
            Self::Signature => "signature",
            Self::ArtifactDigest => "artifact_digest",
            Self::Statement => "statement",
            Self::Contradiction => "contradiction",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parse => "it cannot be parsed",
            Self::Limit => "it is over a limit",
            Self::DuplicateKey => "a key stands twice",
            Self::BundleStructure => "its parts do not make a bundle",
            Self::DuplicateEntry => "a log entry stands twice",
            Self::Unsupported => "it needs what this version does not verify",
            Self::TrustRoot => "the trusted root cannot be used",
            Self::Certificate => "the certificate is missing or malformed",
            Self::CertificateChain => "the certificate is by no trusted authority",
            Self::CaValidity => "the authority was not trusted at that time",
            Self::Sct => "the certificate was not logged",
            Self::TimeVsCert => "it was not signed while the certificate was valid",
            Self::NoTimestamp => "no time of signing can be relied on",
            Self::FutureTime => "it was signed in the future",
            Self::Timestamp => "the timestamp is not good",
            Self::TimestampImprint => "the timestamp is over other bytes",
            Self::TsaUntrusted => "the timestamp is by no trusted authority",
            Self::TsaValidity => "the timestamp authority was not trusted at that time",
            Self::UnknownLog => "the log is not trusted",
            Self::InclusionPromise => "the log's promise is missing or not good",
            Self::InclusionProof => "the log's proof of inclusion is missing or not good",
            Self::Checkpoint => "the log's signed head is missing or not good",
            Self::LogEntryMismatch => "the log entry is of something else",
            Self::Signature => "the signature does not match",
            Self::ArtifactDigest => "it is about another artifact",
            Self::Statement => "it is no statement about an artifact",
            Self::Contradiction => "it contradicts itself or its certificate",
        })
    }
}
