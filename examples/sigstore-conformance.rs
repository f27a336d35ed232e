//! The client that the sigstore-conformance suite drives: verifies a bundle, and says so by its
//! exit code alone.
//!
//! ```sh
//! cargo run --example sigstore-conformance -- verify-bundle --bundle FILE \
//!     --certificate-identity NAME --certificate-oidc-issuer URL ARTIFACT
//! ```
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use omg_slsa::{
    Bundle, Digest, Digests, Domain, Expectations, Pattern, PublicKey, TrustRoot, Verifier,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<(), Failure> {
    if args.next().as_deref() != Some("verify-bundle") {
        return Err("this client verifies only: verify-bundle".into());
    }
    let mut options = BTreeMap::new();
    let mut artifact = None;
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--") {
            Some("staging") => return Err("staging needs its root: --trusted-root FILE".into()),
            Some(name) => {
                let value = args.next().ok_or("an option without its value")?;
                options.insert(name.to_owned(), value);
            }
            None => artifact = Some(arg),
        }
    }
    let artifact = artifact.ok_or("no artifact")?;
    let option = |name: &str| options.get(name);
    let root = match option("trusted-root") {
        Some(path) => TrustRoot::parse(&std::fs::read(path)?, Domain::PublicGood)?,
        None => TrustRoot::embedded(Domain::PublicGood)?,
    };
    let mut verifier = Verifier::new(&root)?;
    let mut expectations = Expectations::default();
    if let Some(path) = option("key") {
        verifier = verifier.with_key(PublicKey::from_pem(&std::fs::read_to_string(path)?)?);
    }
    expectations.identity = option("certificate-identity").map(Pattern::exact);
    expectations.issuer = option("certificate-oidc-issuer").map(Pattern::exact);
    let bundle = Bundle::parse(&std::fs::read(option("bundle").ok_or("no bundle")?)?)?;
    let digests: Digests = match artifact.parse::<Digest>() {
        Ok(digest) if !Path::new(&artifact).exists() => digest.into(),
        _ => Digests::of_reader(File::open(&artifact)?, &bundle.algorithms())?,
    };
    // The suite is run by the clock of the day.
    let evidence = verifier.verify(
        &bundle,
        &digests,
        &expectations,
        std::time::SystemTime::now().into(),
    )?;
    let signer = evidence.findings().attestation().signer();
    eprintln!(
        "{}",
        signer
            .identity
            .as_deref()
            .or(signer.key.as_deref())
            .unwrap_or("verified")
    );
    Ok(())
}
