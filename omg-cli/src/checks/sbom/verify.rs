//! Whether a document is signed by one of these keys.

use std::path::{Path, PathBuf};

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_sbom::inventory::limits::MAX_SBOM_BYTES;
use omg_sbom::signature::{self, PublicKey, SignatureError};

use super::sign::MAX_KEY;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::read_small;

/// The state of a document's signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DocumentStatus {
    Valid,
    Untrusted,
    Missing,
    Unsupported,
    Invalid,
}

impl DocumentStatus {
    /// The word in documents and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Untrusted => "untrusted",
            Self::Missing => "missing",
            Self::Unsupported => "unsupported",
            Self::Invalid => "invalid",
        }
    }

    pub fn exit(self) -> Exit {
        match self {
            Self::Valid => Exit::Ok,
            Self::Untrusted => Exit::Findings,
            Self::Missing | Self::Unsupported => Exit::Incomplete,
            Self::Invalid => Exit::Integrity,
        }
    }
}

/// The result of verifying a document.
pub struct DocumentResult {
    pub file: PathBuf,
    pub status: DocumentStatus,
    /// The key that signed, if it could be read.
    pub signer: Option<String>,
    /// Why it is not valid, if so.
    pub detail: Option<String>,
}

/// Verifies the signature within a document.
pub fn verify(file: &Path, keys: &[PathBuf]) -> Result<DocumentResult, Failure> {
    let keys = keys.iter().map(|path| key(path));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let text = read_small(file, MAX_SBOM_BYTES as u64).map_err(|error| {
        Failure::incomplete(format!("cannot read the SBOM {}", file.display())).because(&error)
    })?;
    let result = signature::verify(text.as_bytes(), &keys);
    let status = match &result {
        Ok(_) => DocumentStatus::Valid,
        Err(SignatureError::Untrusted { .. }) => DocumentStatus::Untrusted,
        Err(SignatureError::Unsigned) => DocumentStatus::Missing,
        Err(SignatureError::Unsupported { .. }) => DocumentStatus::Unsupported,
        Err(_) => DocumentStatus::Invalid,
    };
    let signer = match &result {
        Ok(verified) => Some(verified.key().to_string()),
        Err(SignatureError::Untrusted { key }) => Some(key.to_string()),
        Err(_) => None,
    };
    Ok(DocumentResult {
        file: file.to_owned(),
        status,
        signer,
        detail: result.err().map(|error| error.to_string()),
    })
}

/// The entry in the audit log.
pub fn event(result: &DocumentResult) -> Event {
    let (kind, severity, outcome) = match result.status.exit() {
        Exit::Ok => (
            EventKind::SignatureVerified,
            Severity::Info,
            Outcome::Success,
        ),
        Exit::Integrity => (
            EventKind::SignatureFailed,
            Severity::Error,
            Outcome::Failure,
        ),
        _ => (
            EventKind::SignatureFailed,
            Severity::Warning,
            Outcome::Failure,
        ),
    };
    let event = Event::new(kind)
        .with_severity(severity)
        .with_outcome(outcome);
    event
        .with("file", result.file.display().to_string())
        .with("status", result.status.as_str())
}

fn key(path: &Path) -> Result<PublicKey, Failure> {
    let failed = || Failure::config(format!("cannot use the key {}", path.display()));
    let pem = read_small(path, MAX_KEY).map_err(|error| failed().because(&error))?;
    PublicKey::from_pem(&pem).map_err(|error| failed().because(&error))
}
