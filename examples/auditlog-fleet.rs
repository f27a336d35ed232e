//! The checkpoints of a fleet of 100,000 machines, as one place collects them every hour: which
//! machine rolled its log back? Only checkpoints travel, 200 bytes each.
//!
//! `cargo run --release --example auditlog-fleet`
#![allow(clippy::print_stdout)] // An example shows what it does.

use std::time::Instant;

use omg_auditlog::{Checkpoint, Error, Hash, SignedCheckpoint, Signer as _, SigningKey};

const HOSTS: u32 = 100_000;

fn main() -> Result<(), Error> {
    let before = hour(|_| 1000)?;
    // An hour later each log is longer, but for one.
    let after = hour(|host| if host == 61_803 { 900 } else { 1024 })?;

    let started = Instant::now();
    let mut rolled_back = Vec::new();
    for (host, (old, new)) in before.iter().zip(&after).enumerate() {
        let key = key(u32::try_from(host).unwrap_or(u32::MAX))?;
        let new = SignedCheckpoint::parse(new)?;
        new.verify(key.verifying_key())?;
        // The old one was verified when it was collected.
        let old = SignedCheckpoint::parse(old)?;
        if new.checkpoint().size < old.checkpoint().size {
            rolled_back.push(new.checkpoint().origin.to_string());
        }
    }
    println!("{HOSTS} checkpoints verified in {:?}", started.elapsed());
    println!("rolled back: {rolled_back:?}");
    assert_eq!(rolled_back, ["omg/fleet/61803"]);
    Ok(())
}

/// What the machines send.
fn hour(size: impl Fn(u32) -> u64) -> Result<Vec<String>, Error> {
    let mut sent = Vec::new();
    for host in 0..HOSTS {
        let origin = format!("omg/fleet/{host}").parse()?;
        let root = Hash::of(format!("{host} {}", size(host)).as_bytes());
        let note = Checkpoint::new(origin, size(host), root).sign(&[&key(host)?])?;
        sent.push(note.to_string());
    }
    Ok(sent)
}

fn key(host: u32) -> Result<SigningKey, Error> {
    let seed = Hash::of(&host.to_be_bytes());
    SigningKey::from_seed(&format!("omg/fleet/{host}"), *seed.as_bytes())
}
