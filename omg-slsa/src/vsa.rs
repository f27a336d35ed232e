//! Verification summaries: somebody else's verdict, signed with a key that is trusted for it.
//!
//! <https://slsa.dev/spec/v1.2/verification_summary>

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::error::{Error, Rejection};
use crate::expectations::{Check, Checks};
use crate::statement::Statement;
use crate::strict;
use crate::trust_root::PublicKey;

const SUMMARY: [&str; 2] = [
    "https://slsa.dev/verification_summary/v1",
    "https://slsa.dev/verification_summary/v0.2",
];
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// What is expected of a summary. Each must be given: a summary of anything by anybody says
/// nothing.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SummaryExpectations {
    /// Digests that the subjects must have, such as `sha256:…` or `gce_image_id:…`.
    pub digests: Vec<String>,
    /// Who verified.
    pub verifier_id: String,
    /// What was verified.
    pub resource_uri: String,
    /// Levels that must have been reached or passed, such as `SLSA_BUILD_LEVEL_2` or
    /// `SLSA_SOURCE_LEVEL_1`.
    pub levels: Vec<String>,
}

/// The proof that a trusted verifier found the artifact to be as expected. Only the check makes
/// it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Summary {
    levels: Vec<String>,
    checks: Vec<Check>,
}

impl Summary {
    /// Checks a DSSE envelope with a summary in it. `key_id` is the name that the envelope must
    /// give to the key.
    ///
    /// # Errors
    /// [`Error::Rejected`] if the envelope or its signature is not good, [`Error::UnmetSummary`]
    /// if it says something else than what is expected.
    pub fn verify(
        envelope: &[u8],
        key: &PublicKey,
        key_id: &str,
        expected: &SummaryExpectations,
    ) -> Result<Self, Error> {
        let statement = open(envelope, key, key_id)?;
        let kind = statement.predicate_type();
        if !SUMMARY.contains(&kind) {
            let detail = format!("it is no verification summary but {kind}");
            return Err(Error::rejected(Rejection::Statement, detail));
        }
        let predicate = &statement.predicate;
        let text = |path: &str| predicate.pointer(path).and_then(Value::as_str);
        let mut checks = Checks(Vec::new());
        for (name, path, wanted) in [
            ("verification_result", "/verificationResult", "PASSED"),
            ("verifier_id", "/verifier/id", &expected.verifier_id),
            ("resource_uri", "/resourceUri", &expected.resource_uri),
        ] {
            // A missing text meets no expectation, not even that of the word "none".
            let said = text(path);
            let met = !wanted.is_empty() && said == Some(wanted);
            checks.expect(name, met, wanted, said.unwrap_or("none"));
        }
        check_digests(&statement, &expected.digests, &mut checks);
        let levels = levels(predicate)?;
        for wanted in &expected.levels {
            let met = levels.iter().any(|level| reaches(level, wanted));
            checks.expect("verified_level", met, wanted, &levels.join(", "));
        }
        match checks.0.iter().all(|check| check.met) {
            true => Ok(Self {
                levels,
                checks: checks.0,
            }),
            false => Err(Error::UnmetSummary(checks.0)),
        }
    }

    /// The levels that the verifier found, by their names.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// Everything that was expected.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}

/// The levels that a summary names. The specification requires the list, which may be empty.
fn levels(predicate: &Value) -> Result<Vec<String>, Error> {
    let list = predicate.get("verifiedLevels").and_then(Value::as_array);
    let list = list.ok_or_else(|| bad(Rejection::Statement, "no list of verifiedLevels"))?;
    let level = |value: &Value| value.as_str().map(str::to_owned);
    let levels: Option<Vec<String>> = list.iter().map(level).collect();
    levels.ok_or_else(|| bad(Rejection::Statement, "a level that is no text"))
}

fn bad(reason: Rejection, detail: &str) -> Error {
    Error::rejected(reason, detail)
}

fn open(envelope: &[u8], key: &PublicKey, key_id: &str) -> Result<Statement, Error> {
    let value = strict::parse(envelope, strict::BUNDLE_VALUES)?;
    crate::bundle::check_envelope(&value)?;
    let text = |path: &str| {
        let text = value.pointer(path).and_then(Value::as_str);
        text.ok_or_else(|| bad(Rejection::Parse, &format!("no {path}")))
    };
    let decode = |text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|error| Error::rejected(Rejection::Parse, error.to_string()))
    };
    let kind = text("/payloadType")?;
    if kind != IN_TOTO {
        return Err(bad(Rejection::Unsupported, kind));
    }
    let payload = decode(text("/payload")?)?;
    let signature = decode(text("/signatures/0/sig")?)?;
    if key_id.is_empty() || text("/signatures/0/keyid").ok() != Some(key_id) {
        let detail = format!("nobody signed with the key {key_id:?}");
        return Err(Error::rejected(Rejection::Signature, detail));
    }
    // The two forms of an ECDSA signature: a pair of numbers of 32 bytes, or the same in DER.
    let algorithm = match signature.len() {
        64 => &ECDSA_P256_SHA256_FIXED,
        _ => &ECDSA_P256_SHA256_ASN1,
    };
    let signed = sigstore_verify::types::pae(kind, &payload);
    UnparsedPublicKey::new(algorithm, key.inner.as_bytes())
        .verify(&signed, &signature)
        .map_err(|_| bad(Rejection::Signature, "the key did not sign this"))?;
    Statement::parse(&payload)
}

fn check_digests(statement: &Statement, expected: &[String], checks: &mut Checks) {
    if expected.is_empty() {
        checks.add("subject", false, "no digest is expected".to_owned());
    }
    for digest in expected {
        let named = digest
            .split_once(':')
            .filter(|(_, value)| !value.is_empty());
        let Some((name, value)) = named else {
            checks.add("subject", false, format!("{digest:?} is no digest"));
            continue;
        };
        let has = |subject: &crate::statement::Subject| {
            let known = subject.digests.iter().any(|found| {
                digest
                    .parse::<crate::digest::Digest>()
                    .is_ok_and(|expected| expected == *found)
            });
            known || subject.other.get(name).is_some_and(|found| found == value)
        };
        let met = statement.subjects().iter().any(has);
        checks.add("subject", met, digest.clone());
    }
}

/// Whether a level is the wanted one, or a higher one of the same track.
fn reaches(level: &str, wanted: &str) -> bool {
    let parts = |text: &str| -> Option<(String, u8)> {
        let (track, number) = text.strip_prefix("SLSA_")?.split_once("_LEVEL_")?;
        Some((track.to_owned(), number.parse().ok()?))
    };
    match (parts(level), parts(wanted)) {
        (Some((track, reached)), Some((other, wanted))) => track == other && reached >= wanted,
        _ => level == wanted,
    }
}
