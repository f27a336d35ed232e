//! Whether the audit log was altered.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use omg_auditlog::fs::LogReader;
use omg_auditlog::{MAX_NOTE_BYTES, Report, SignedCheckpoint, Status, Trust, Verifier};

use crate::session::auditlog::read_key;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::read_small;

/// Each takes about 3 MiB, and all of it shall stay below 32.
const MOST_THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// The question whether the audit log was altered.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Checkpoints that somebody kept.
    pub checkpoints: Vec<PathBuf>,
    /// The key that must have signed.
    pub public_key: Option<PathBuf>,
    /// Whether only what is new since the last time is read.
    pub incremental: bool,
}

/// A log that was read to its end.
pub struct LogResult {
    pub log: PathBuf,
    /// Whether there is a log.
    pub exists: bool,
    pub report: Report,
    /// Why the checkpoint beside the log is none.
    pub bad_beside: Option<String>,
}

impl LogResult {
    pub fn status(&self) -> Status {
        match self.report.status() {
            Status::Intact if self.bad_beside.is_some() || !self.exists => Status::Incomplete,
            status => status,
        }
    }

    pub fn exit(&self) -> Exit {
        match self.status() {
            Status::Intact => Exit::Ok,
            Status::Incomplete => Exit::Incomplete,
            Status::Tampered => Exit::Integrity,
        }
    }
}

/// Reads the log to its end.
pub fn perform(context: &Context, query: &LogQuery) -> Result<LogResult, Failure> {
    let trust = trust(context, query)?;
    let log = context.log_path()?;
    let reader = LogReader::open(&log).map_err(|error| context.log_failure(&error))?;
    let report = match &reader {
        Some(reader) => {
            let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            let threads = threads.min(MOST_THREADS);
            let report = if query.incremental {
                reader.verify_new(trust, threads)
            } else {
                reader.verify(trust, threads)
            };
            report.map_err(|error| context.log_failure(&error))?
        }
        // Without a log there can still be a checkpoint that says that there was one.
        None => Verifier::new(trust)
            .verify(std::io::empty())
            .map_err(|error| Failure::incomplete("cannot verify").because(&error))?,
    };
    let beside = reader.as_ref().and_then(LogReader::beside);
    Ok(LogResult {
        log,
        exists: reader.is_some(),
        report,
        bad_beside: beside.and_then(Result::err).map(str::to_owned),
    })
}

fn trust(context: &Context, query: &LogQuery) -> Result<Trust, Failure> {
    let mut trust = Trust::none();
    if let Some(path) = &query.public_key {
        if let Some(key) = read_key(path, true)? {
            trust = trust.pin(key);
        }
    } else if let Some(key) = context.default_public_key()? {
        trust = trust.recognise(key);
    }
    for path in &query.checkpoints {
        trust = trust.hold(checkpoint(path)?);
    }
    Ok(trust)
}

fn checkpoint(path: &Path) -> Result<SignedCheckpoint, Failure> {
    let name = path.display();
    let text = read_small(path, MAX_NOTE_BYTES as u64).map_err(|error| {
        Failure::config(format!("cannot read the checkpoint {name}")).because(&error)
    })?;
    SignedCheckpoint::parse(&text)
        .map_err(|error| Failure::config(format!("{name} is no checkpoint")).because(&error))
}
