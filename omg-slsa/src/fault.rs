//! The verifier's errors as reasons of our own.

use sigstore_verify::bundle::Error as BundleError;
use sigstore_verify::types::{self, SignatureContent};
use sigstore_verify::{CertificateError, Error as Inner, TimestampError, TransparencyLogError};

use crate::digest::{Algorithm, Digests};
use crate::error::{Error, Rejection};

/// `binding` is what we found ourselves when we looked whether the bundle is about the artifact.
pub(crate) fn of(error: &Inner, bundle: &types::Bundle, binding: Option<&Error>) -> Error {
    let content = matches!(
        error,
        Inner::ArtifactMismatch(_) | Inner::UnsupportedArtifact(_)
    );
    let statement = match binding {
        // It cannot be about the artifact: the statement is none.
        Some(Error::Rejected { reason, .. }) => !matches!(reason, Rejection::ArtifactDigest),
        _ => false,
    };
    let parse = matches!(error, Inner::InvalidBundle(_) | Inner::UnsupportedBundle(_));
    if (content || (statement && parse))
        && let Some(binding) = binding
    {
        return copy(binding);
    }
    let detail = error.to_string();
    let reason = match reason(error) {
        Rejection::TimestampImprint if !names_signature(&detail, &bundle.content) => {
            Rejection::Timestamp
        }
        // Keys and digests that the format has, and the verifier below has not.
        _ if UNKNOWN.iter().any(|text| detail.contains(text)) => Rejection::Unsupported,
        reason => reason,
    };
    Error::rejected(reason, detail)
}

/// What the verifier below says of a key or algorithm that it does not know.
const UNKNOWN: [&str; 3] = [
    "unknown variant `PKIX_",
    "unsupported or invalid EC curve",
    "unsupported key algorithm",
];

/// Two digests can differ in a timestamp, and the verifier below has one text for both: that of
/// the bundle's signature, and that of the signed content. It names what it got.
fn names_signature(detail: &str, content: &SignatureContent) -> bool {
    let signature = match content {
        SignatureContent::MessageSignature(message) => message.signature.as_bytes(),
        SignatureContent::DsseEnvelope(envelope) => envelope.signature.sig.as_bytes(),
        _ => return false,
    };
    let algorithms = [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];
    Digests::of_reader(signature, &algorithms)
        .is_ok_and(|digests| digests.iter().any(|one| detail.contains(&one.to_hex())))
}

fn copy(error: &Error) -> Error {
    match error {
        Error::Rejected { reason, detail } => Error::rejected(*reason, detail.clone()),
        Error::MissingDigest { needed } => Error::MissingDigest {
            needed: needed.clone(),
        },
        other => Error::rejected(Rejection::ArtifactDigest, other.to_string()),
    }
}

fn reason(error: &Inner) -> Rejection {
    match error {
        Inner::SignatureInvalid(_) | Inner::Crypto(_) => Rejection::Signature,
        // The artifact is the right one, as we have seen ourselves; what is logged is another.
        Inner::ArtifactMismatch(_) => Rejection::LogEntryMismatch,
        Inner::UnsupportedArtifact(_) | Inner::UnsupportedBundle(_) => Rejection::Unsupported,
        Inner::Certificate(error) => certificate(error),
        Inner::TransparencyLog(error) => log(error),
        Inner::Timestamp(error) => timestamp(error),
        Inner::Types(_) => Rejection::Parse,
        Inner::Bundle(error) => bundle(error),
        // The logs of certificates are looked for only when there is a certificate to check.
        Inner::InvalidTrustRoot(detail) if detail.contains("CT log") => Rejection::Sct,
        Inner::InvalidTrustRoot(_) | Inner::TrustRoot(_) | Inner::TrustedCertificate(_) => {
            Rejection::TrustRoot
        }
        _ => Rejection::BundleStructure,
    }
}

fn certificate(error: &CertificateError) -> Rejection {
    match error {
        CertificateError::Malformed(_) => Rejection::Certificate,
        // The path builder sees the dates first, and its own error is text by now.
        CertificateError::ChainInvalid(detail)
            if detail.contains("CertExpired") || detail.contains("CertNotValidYet") =>
        {
            Rejection::TimeVsCert
        }
        CertificateError::ChainInvalid(_) => Rejection::CertificateChain,
        CertificateError::NoValidAuthority { .. } => Rejection::CaValidity,
        CertificateError::NotYetValid { .. } | CertificateError::Expired { .. } => {
            Rejection::TimeVsCert
        }
        CertificateError::Sct(_) => Rejection::Sct,
        _ => Rejection::CertificateChain,
    }
}

fn log(error: &TransparencyLogError) -> Rejection {
    match error {
        TransparencyLogError::UnknownLog { .. } => Rejection::UnknownLog,
        TransparencyLogError::InclusionProof(_) => Rejection::InclusionProof,
        TransparencyLogError::Checkpoint(_) => Rejection::Checkpoint,
        TransparencyLogError::InclusionPromise(_) => Rejection::InclusionPromise,
        TransparencyLogError::IntegratedTime(_) => Rejection::TimeVsCert,
        // Bodies are read after the log has vouched for them: it holds something else.
        _ => Rejection::LogEntryMismatch,
    }
}

fn timestamp(error: &TimestampError) -> Rejection {
    match error {
        TimestampError::Invalid(detail) if detail.contains("message hash mismatch") => {
            Rejection::TimestampImprint
        }
        TimestampError::Invalid(detail)
            if detail.contains("CertExpired") || detail.contains("CertNotValidYet") =>
        {
            Rejection::TsaValidity
        }
        TimestampError::Invalid(detail)
            if detail.contains("not match any trusted")
                || detail.contains("no timestamp authorities")
                || detail.contains("certificate validation failed") =>
        {
            Rejection::TsaUntrusted
        }
        TimestampError::OutsideAuthorityValidity { .. } => Rejection::TsaValidity,
        TimestampError::NoVerifiedTimestamp(_) => Rejection::NoTimestamp,
        _ => Rejection::Timestamp,
    }
}

fn bundle(error: &BundleError) -> Rejection {
    match error {
        BundleError::UnsupportedMediaType(_) | BundleError::UnsupportedVerificationMaterial => {
            Rejection::Unsupported
        }
        BundleError::MissingInclusionPromise(_) => Rejection::InclusionPromise,
        BundleError::MissingInclusionProof(_) | BundleError::LogIndexOutOfRange { .. } => {
            Rejection::InclusionProof
        }
        BundleError::MissingCheckpoint | BundleError::CheckpointRootMismatch => {
            Rejection::Checkpoint
        }
        BundleError::MissingSigningTimeEvidence | BundleError::MissingTimestamp => {
            Rejection::NoTimestamp
        }
        _ => Rejection::BundleStructure,
    }
}
