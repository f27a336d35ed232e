//! Checkpoints, proofs, closing the log's file, and removing closed ones.

use std::path::Path;

use omg_auditlog::merkle::TlogProof;
use omg_auditlog::{Signer as _, Status};

use crate::args::Bound;
use crate::render::words::plural;
use crate::session::auditlog::read_key;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::format::Format;
use crate::session::output::{Plan, print};

/// Keys, checkpoints and proofs have one form, which their standards give them.
pub(super) const AS_IT_IS: [Format; 1] = [Format::Table];

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

pub fn prune(context: &Context, before: Bound, key: Option<&Path>) -> Result<Exit, Failure> {
    let fail = |error| context.log_failure(&error);
    let reader = context.readable_log()?;
    let before = match before {
        Bound::Seq(seq) => seq,
        Bound::Time(time) => {
            let mut first = u64::MAX;
            let later = omg_auditlog::Filter::new().since(time);
            let found = |entry: omg_auditlog::Entry| {
                first = entry.seq();
                false
            };
            reader.each(&later, found).map_err(fail)?;
            first
        }
    };
    let key = match key {
        Some(path) => read_key(path, true)?,
        None => context
            .signing_key(None)?
            .map(|key| key.verifying_key().clone()),
    };
    let key = key.ok_or_else(|| {
        Failure::config("there is no key, and without a signed checkpoint nothing is pruned")
            .try_this("omg audit log keygen, then omg audit log checkpoint")
    })?;
    let pruned =
        context
            .writable_log()?
            .prune(before, &key, &context.env.actor(), context.env.clock());
    let text = match pruned.map_err(fail)? {
        Some(pruned) => format!(
            "removed {}; the first entry is {}\n",
            plural(usize::try_from(pruned.files).unwrap_or(usize::MAX), "file"),
            pruned.first
        ),
        None => "nothing to remove: no closed file has only entries before that\n".to_owned(),
    };
    print(&text)?;
    Ok(Exit::Ok)
}

pub(super) fn signed(
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
