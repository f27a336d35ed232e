//! `--sign KEY`: a signature within the document.

use std::path::Path;

use omg_sbom::signature::{self, SigningKey};

use crate::session::failure::Failure;
use crate::session::files::read_small;
use crate::session::format::Format;

/// The longest key file that is read, in bytes.
pub const MAX_KEY: u64 = 64 << 10;

/// Signs documents, or leaves them as they are.
pub struct Signer(Option<SigningKey>);

impl Signer {
    /// Reads the key before anything else is done.
    pub fn new(path: Option<&Path>, formats: &[Format]) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        if formats
            .iter()
            .any(|format| *format != Format::CycloneDxJson)
        {
            return Err(
                Failure::usage("only CycloneDX in JSON has a place for a signature")
                    .try_this("-f cyclonedx-json"),
            );
        }
        let failed = format!("cannot use the key {}", path.display());
        let pem = read_small(path, MAX_KEY)
            .map_err(|error| Failure::config(failed.clone()).because(&error))?;
        let key = SigningKey::from_pem(&pem).map_err(|error| {
            Failure::config(failed)
                .because(&error)
                .try_this("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
        })?;
        Ok(Self(Some(key)))
    }

    /// Signs, and verifies what was signed before anybody sees it.
    pub fn sign(&self, document: String) -> Result<String, Failure> {
        let Some(key) = &self.0 else {
            return Ok(document);
        };
        let signed = signature::sign(document.as_bytes(), key).and_then(|signed| {
            let _verified = signature::verify(&signed, &[key.public_key()])?;
            Ok(signed)
        });
        let signed = signed.map_err(|error| {
            Failure::incomplete("the document cannot be signed").because(&error)
        })?;
        String::from_utf8(signed)
            .map_err(|error| Failure::incomplete("the document cannot be signed").because(&error))
    }
}
