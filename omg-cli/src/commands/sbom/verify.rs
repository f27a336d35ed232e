//! `omg audit sbom verify FILE --key FILE`.

use std::path::{Path, PathBuf};

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_sbom::inventory::limits::MAX_SBOM_BYTES;
use omg_sbom::signature::{self, PublicKey, SignatureError};

use super::sign::MAX_KEY;
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::record::read_small;
use crate::render;

pub fn run(context: &Context, file: &Path, keys: &[PathBuf]) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &[Format::Table, Format::Json])?;
    let keys = keys.iter().map(|path| key(path));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let text = read_small(file, MAX_SBOM_BYTES as u64).map_err(|error| {
        Failure::incomplete(format!("cannot read the SBOM {}", file.display())).because(&error)
    })?;
    let result = signature::verify(text.as_bytes(), &keys);
    let (status, exit) = match &result {
        Ok(_) => ("valid", Exit::Ok),
        Err(SignatureError::Untrusted { .. }) => ("untrusted", Exit::Findings),
        Err(SignatureError::Unsigned) => ("missing", Exit::Incomplete),
        Err(SignatureError::Unsupported { .. }) => ("unsupported", Exit::Incomplete),
        Err(_) => ("invalid", Exit::Integrity),
    };
    let signer = match &result {
        Ok(verified) => Some(verified.key().to_string()),
        Err(SignatureError::Untrusted { key }) => Some(key.to_string()),
        Err(_) => None,
    };
    let detail = result.err().map(|error| error.to_string());
    plan.write(|format, _| {
        render::sbom_verify(status, signer.as_deref(), detail.as_deref(), format)
    })?;
    let (kind, severity, outcome) = match exit {
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
    let event = event
        .with("file", file.display().to_string())
        .with("status", status);
    Ok(exit.max(context.record(vec![event])))
}

fn key(path: &Path) -> Result<PublicKey, Failure> {
    let failed = || Failure::config(format!("cannot use the key {}", path.display()));
    let pem = read_small(path, MAX_KEY).map_err(|error| failed().because(&error))?;
    PublicKey::from_pem(&pem).map_err(|error| failed().because(&error))
}
