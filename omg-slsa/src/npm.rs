//! npm's attestations: that a package was published, by the registry's key, and how it was
//! built, by a certificate. Both are asked for.
//!
//! <https://github.com/npm/attestation>

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::bundle::Bundle;
use crate::digest::Digests;
use crate::error::{Error, Rejection};
use crate::expectations::{Expectations, Provenance};
use crate::statement::Statement;
use crate::strict;
use crate::trust_root::{PublicKey, TrustRoot};
use crate::verifier::Verifier;

const PUBLISH: &str = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1";

/// The registry's key from 2022 on, as `/-/npm/v1/keys` of the registry has it, where it is named
/// `SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA`.
const REGISTRY_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+\
    IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==";

/// The attestations of one version of an npm package.
#[derive(Clone, Debug)]
pub struct NpmAttestations {
    publish: Bundle,
    provenance: Bundle,
}

impl NpmAttestations {
    /// Whether a file looks like one of attestations and not like a bundle. Says nothing of more.
    pub fn recognise(bytes: &[u8]) -> bool {
        strict::parse(bytes, strict::BUNDLE_VALUES)
            .is_ok_and(|value| value.get("attestations").is_some())
    }

    /// Reads the file of attestations that the registry hands out.
    ///
    /// # Errors
    /// With a [`Rejection`] if it is none, or does not hold one attestation of each kind.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let value = strict::parse(bytes, strict::BUNDLE_VALUES)?;
        let list = value.get("attestations").and_then(Value::as_array);
        let bad = |detail: &str| Error::rejected(Rejection::BundleStructure, detail);
        let list = list.ok_or_else(|| bad("no list of attestations"))?;
        let [one, other] = list.as_slice() else {
            return Err(bad("not two attestations"));
        };
        let bundle = |item: &Value| {
            let bundle = item.get("bundle");
            Bundle::from_value(bundle.ok_or_else(|| bad("an attestation without a bundle"))?)
        };
        let (one, other) = (bundle(one)?, bundle(other)?);
        // What it says outside the signed part is not looked at.
        let publishes = |bundle: &Bundle| {
            let statement = bundle
                .statement
                .as_ref()
                .and_then(|found| found.as_ref().ok());
            statement.is_some_and(|statement| statement.predicate_type() == PUBLISH)
        };
        let (publish, provenance) = match (publishes(&one), publishes(&other)) {
            (true, false) => (one, other),
            (false, true) => (other, one),
            _ => return Err(bad("not one attestation of the publication")),
        };
        Ok(Self {
            publish,
            provenance,
        })
    }

    /// The attestation of the build.
    pub fn provenance(&self) -> &Bundle {
        &self.provenance
    }

    /// Whether the registry published these bytes under this name, and they were built as
    /// expected. A builder must be expected: the publisher's workflow may be anybody's.
    ///
    /// # Errors
    /// As [`Verifier::verify`]; [`Rejection::Contradiction`] if the attestations are of
    /// different packages.
    pub fn verify(
        &self,
        root: &TrustRoot,
        digests: &Digests,
        expectations: &Expectations,
        package: &Package,
        at: DateTime<Utc>,
    ) -> Result<Provenance, Error> {
        let key = PublicKey::from_base64(REGISTRY_KEY)?;
        let verifier = Verifier::new(root)?;
        let attestation = verifier.authenticate(&self.provenance, digests, at);
        let registry = verifier.with_key(key);
        let published = registry.authenticate(&self.publish, digests, at)?;
        let attestation = attestation?;
        let statement = published.statement();
        let (name, version) = (said(statement, "name")?, said(statement, "version")?);
        let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        for attestation in [&published, &attestation] {
            if !attestation
                .subjects()
                .iter()
                .all(|subject| subject.name == purl)
            {
                return Err(contradiction(format!("an attestation is not of {purl}")));
            }
        }
        expectations.check_package(attestation, package, &name, &version)
    }
}

/// A text that the registry signed about the package.
fn said(statement: Option<&Statement>, name: &str) -> Result<String, Error> {
    let value = statement.and_then(|statement| statement.predicate.get(name));
    let text = value.and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| contradiction(format!("the registry's attestation has no {name}")))
}

fn contradiction(detail: String) -> Error {
    Error::rejected(Rejection::Contradiction, detail)
}

/// The package that is expected.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Its name, such as `@scope/name`.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_without_a_name_contradicts_every_package() {
        let statement = |predicate: &str| {
            let digest = "0".repeat(64);
            let text = format!(
                r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{PUBLISH}",
                "subject":[{{"name":"pkg:npm/@","digest":{{"sha256":"{digest}"}}}}]{predicate}}}"#
            );
            Statement::parse(text.as_bytes()).unwrap()
        };
        let whole = statement(r#","predicate":{"name":"a","version":"1.0.0"}"#);
        assert_eq!(said(Some(&whole), "name").unwrap(), "a");
        for predicate in ["", r#","predicate":{}"#, r#","predicate":{"name":7}"#] {
            let error = said(Some(&statement(predicate)), "name").unwrap_err();
            assert_eq!(error.rejection(), Some(Rejection::Contradiction));
        }
        assert!(said(None, "name").is_err());
    }

    #[test]
    fn an_attestation_without_a_bundle_is_none() {
        let file = br#"{"attestations":[{"predicateType":"a"},{"predicateType":"b"}]}"#;
        let error = NpmAttestations::parse(file).unwrap_err();
        assert_eq!(error.rejection(), Some(Rejection::BundleStructure));
        let lone = br#"{"attestations":[{"predicateType":"a"}]}"#;
        let bundle = crate::documents::parse_bundles(lone).unwrap().remove(0);
        assert_eq!(
            bundle.unwrap_err().rejection(),
            Some(Rejection::BundleStructure)
        );
    }
}
