//! Whether a trusted key signed a file: `verify-signature FILE SIGNATURE KEYRING RFC3339`.
//!
//! ```sh
//! cargo run --example verify-signature -- omg-pgp/tests/vectors/data.bin \
//!     omg-pgp/tests/vectors/good.sig omg-pgp/tests/vectors/good.cert 2026-11-24T00:00:00Z
//! ```
#![allow(clippy::print_stdout)] // What an example is for.

use std::error::Error;
use std::fs::{self, File};

use omg_pgp::{Keyring, Policy, TrustModel, Verifier};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, signature, keyring, now] = args.as_slice() else {
        return Err("usage: verify-signature FILE SIGNATURE KEYRING RFC3339".into());
    };
    let keyring = Keyring::from_bytes(keyring, &fs::read(keyring)?)?;
    let verifier = Verifier::new(&keyring, TrustModel::Plain, Policy::at(now.parse()?));
    let evidence = verifier.verify_detached(File::open(file)?, &fs::read(signature)?)?;
    for signer in evidence.signers() {
        let name = signer.user_id.as_deref().unwrap_or("(no name)");
        println!("{name}, {}, {}", signer.certificate, signer.created);
    }
    println!(
        "signed these {} bytes: {}",
        evidence.size(),
        hex::encode(evidence.sha256())
    );
    Ok(())
}
