//! Did enough independent people rebuild these very bytes? For distributions that publish no
//! provenance, it is the way to evidence of a build.
//!
//! ```sh
//! cd omg-slsa/tests/vectors/rebuild
//! cargo run --example verify-rebuilds -- 2 demo-1.0-1-x86_64.pkg.tar one two three
//! ```
//!
//! Each NAME stands for `NAME.pub`, a public key in PEM, and `NAME.link`, what its holder signed.
#![allow(clippy::print_stdout)] // What an example is for.

use std::fs::{self, File};

use omg_slsa::{Algorithm, Digests, PublicKey, Rebuilder, Rebuilds};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [needed, package, names @ ..] = args.as_slice() else {
        return Err("usage: verify-rebuilds NEEDED PACKAGE NAME…".into());
    };
    let algorithms = [Algorithm::Sha256, Algorithm::Sha512];
    let digests = Digests::of_reader(File::open(package)?, &algorithms)?;

    let (mut links, mut rebuilders) = (Vec::new(), Vec::new());
    for name in names {
        links.push(fs::read(format!("{name}.link"))?);
        let key = PublicKey::from_pem(&fs::read_to_string(format!("{name}.pub"))?)?;
        rebuilders.push(Rebuilder::new(name, &key)?);
    }
    let links: Vec<&[u8]> = links.iter().map(Vec::as_slice).collect();
    let evidence = Rebuilds::verify(&links, &rebuilders, &digests, needed.parse()?)?;
    println!(
        "{} rebuilt these bytes: {}",
        evidence.count(),
        evidence.by().join(", ")
    );
    Ok(())
}
