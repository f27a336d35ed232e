//! Keys, checkpoints, proofs, and closing the log's file.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use omg_auditlog::merkle::TlogProof;
use omg_auditlog::{Signer as _, SigningKey, Status};

use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan, print};

/// Keys, checkpoints and proofs have one form, which their standards give them.
const AS_IT_IS: [Format; 1] = [Format::Table];

pub fn keygen(context: &Context, key: Option<&Path>, name: Option<&str>) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &AS_IT_IS)?;
    let path = context.key_path(key)?;
    if is_beside(&path, &context.log_path()?) {
        return Err(Failure::usage(
            "the key would be in the log's directory: who can write the log could sign it",
        )
        .try_this("--key FILE somewhere else"));
    }
    let name = match name {
        Some(name) => name.to_owned(),
        None => match context.readable_log().and_then(|log| {
            let origin = log.origin();
            origin.map_err(|error| context.log_failure(&error))
        }) {
            Ok(origin) => origin.to_string(),
            Err(_) => context.origin()?.to_string(),
        },
    };
    let mut seed = [0; 32];
    fill_random(&mut seed)?;
    let made = SigningKey::from_seed(&name, seed)
        .map_err(|error| Failure::usage("this name cannot be a key's").because(&error))?;
    let public = format!("{}\n", made.verifying_key());
    write_new(&path, format!("{}\n", made.expose()).as_bytes(), 0o600)?;
    write_new(&path.with_extension("pub"), public.as_bytes(), 0o644)?;
    plan.write(|_, _| public.clone())?;
    Ok(Exit::Ok)
}

pub fn checkpoint(context: &Context, key: Option<&Path>) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &AS_IT_IS)?;
    let note = signed(context, key)?.to_string();
    plan.write(|_, _| note.clone())?;
    Ok(Exit::Ok)
}

pub fn prove(context: &Context, seq: u64, key: Option<&Path>) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &AS_IT_IS)?;
    let note = signed(context, key)?;
    let reader = context.readable_log()?;
    let (inclusion, entry) = reader
        .prove(seq, note.checkpoint().size)
        .map_err(|error| context.log_failure(&error))?;
    // What is handed out has been checked.
    let checked = inclusion
        .verify(&entry.hash(), &note.checkpoint().root)
        .and_then(|()| TlogProof::new(inclusion, note));
    let proof = checked
        .map_err(|error| Failure::new(Exit::Integrity, "the proof fails").because(&error))?;
    plan.write(|_, _| proof.to_string())?;
    Ok(Exit::Ok)
}

pub fn rotate(context: &Context) -> Result<Exit, Failure> {
    context.readable_log()?;
    let log = context.writable_log()?;
    let first = log
        .rotate(&context.env.actor(), context.env.clock())
        .map_err(|error| context.log_failure(&error))?;
    let path = context.log_path()?;
    print(&format!("closed {}.{first:020}\n", path.display()))?;
    Ok(Exit::Ok)
}

fn signed(
    context: &Context,
    key: Option<&Path>,
) -> Result<omg_auditlog::SignedCheckpoint, Failure> {
    // A log that is not there is not begun by asking for its checkpoint, and what is handed to
    // somebody who keeps it is of a log that was read from its start.
    let reader = context.readable_log()?;
    let report = reader.verify(omg_auditlog::Trust::none(), std::num::NonZeroUsize::MIN);
    let report = report.map_err(|error| context.log_failure(&error))?;
    if report.status() == Status::Tampered {
        let why = report.breaks.first().map(ToString::to_string);
        let why = why.unwrap_or_default();
        return Err(
            Failure::new(Exit::Integrity, format!("the log is damaged: {why}"))
                .try_this("omg audit verify"),
        );
    }
    let key = context.signing_key(key)?.ok_or_else(|| {
        Failure::config("there is no key to sign with").try_this("omg audit log keygen")
    })?;
    let log = context.unsigned_log()?;
    log.checkpoint(&key, &context.env.actor(), context.env.clock())
        .map_err(|error| context.log_failure(&error))
}

fn is_beside(key: &Path, log: &Path) -> bool {
    let directory = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let parent = path
            .parent()
            .map_or_else(|| PathBuf::from("/"), Path::to_owned);
        parent.canonicalize().unwrap_or(parent)
    };
    directory(key) == directory(log)
}

fn fill_random(mut seed: &mut [u8]) -> Result<(), Failure> {
    while !seed.is_empty() {
        let flags = rustix::rand::GetRandomFlags::empty();
        match rustix::rand::getrandom(&mut *seed, flags) {
            Ok(count) => seed = &mut seed[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => {
                return Err(Failure::incomplete("the system has no random bytes").because(&error));
            }
        }
    }
    Ok(())
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let write = || {
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(parent)?;
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| {
        let failure = Failure::config(format!("cannot write {}", path.display()));
        let failure = failure.because(&error);
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            failure.try_this("--key FILE for another key; a key is never overwritten")
        } else {
            failure
        }
    })
}
