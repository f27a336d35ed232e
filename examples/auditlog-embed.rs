//! An audit log in a program of its own: open, append, sign a checkpoint, verify. No runtime, no
//! threads.
//!
//! `cargo run --example auditlog-embed`
#![allow(clippy::print_stdout)] // An example shows what it does.

use omg_auditlog::fs::{Log, LogOptions, LogReader};
use omg_auditlog::{Actor, Event, EventKind, Machine, Signer as _, SigningKey, Trust};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("audit.jsonl");
    let (actor, now) = (Actor::uid(0), std::time::SystemTime::now().into());
    // In earnest: 32 bytes of the system's random source, kept outside of the log's directory.
    let key = SigningKey::from_seed("example.org/log", [7; 32])?;

    let options = LogOptions::new("example.org/log".parse()?, Machine::new("host", "boot"));
    let log = Log::open(&path, options, &actor, now)?;
    let event = Event::new(EventKind::PackageInstall).with("package", "zlib");
    log.append(event, &actor, now)?; // On the disk when this returns.
    let checkpoint = log.checkpoint(&key, &actor, now)?; // To be kept elsewhere.

    let trust = Trust::none()
        .pin(key.verifying_key().clone())
        .hold(checkpoint);
    let reader = LogReader::open(&path)?.ok_or("the log is gone")?;
    let report = reader.verify(trust, std::num::NonZeroUsize::MIN)?;
    println!(
        "{}, {} entries, {} unanchored",
        report.status(),
        report.entries,
        report.unanchored()
    );
    Ok(())
}
