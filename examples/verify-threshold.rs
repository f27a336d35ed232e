//! Two of the people in a keyring must have signed, none of it with what is weak: a policy in
//! code, and every signature that did not count with its reason.
//!
//! ```sh
//! cargo run --example verify-threshold -- 1 omg-pgp/tests/vectors/data.bin \
//!     omg-pgp/tests/vectors/good.sig omg-pgp/tests/vectors/good.cert
//! ```
#![allow(clippy::print_stdout)] // What an example is for.

use std::error::Error;
use std::fs::{self, File};

use omg_pgp::{Keyring, Policy, TrustModel, Verifier};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [needed, file, signature, keyring] = args.as_slice() else {
        return Err("usage: verify-threshold NEEDED FILE SIGNATURE KEYRING".into());
    };
    let keyring = Keyring::from_bytes(keyring, &fs::read(keyring)?)?;
    for skipped in keyring.skipped() {
        println!("not a usable certificate: {skipped:?}");
    }
    let mut policy = Policy::at("2026-11-24T00:00:00Z".parse()?);
    policy.threshold = needed.parse()?;
    let verifier = Verifier::new(&keyring, TrustModel::Plain, policy);
    let evidence = verifier.verify_detached(File::open(file)?, &fs::read(signature)?)?;
    for rejected in evidence.rejected() {
        println!("does not count: {rejected:?}");
    }
    println!(
        "{} of {needed} signed these bytes",
        evidence.signers().len()
    );
    Ok(())
}
