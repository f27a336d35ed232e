//! PyPI's attestations: PEP 740.
//!
//! They hold what a Sigstore bundle holds, under other names, and are read as one.
//!
//! <https://peps.python.org/pep-0740/#attestation-object>

use serde_json::{Map, Value, json};

use crate::bundle::{self, Bundle};
use crate::error::{Error, Rejection};

/// The attestations in a file of one, or in the index's file of provenance; `None` if it is
/// neither.
pub(crate) fn attestations(value: &Value, most: usize) -> Option<Result<Vec<&Value>, Error>> {
    if value.get("verification_material").is_some() {
        return Some(Ok(vec![value]));
    }
    let bundles = value.get("attestation_bundles")?;
    let bad = |detail: &str| Err(Error::rejected(Rejection::BundleStructure, detail));
    if value.get("version") != Some(&json!(1)) {
        return Some(bad("not version 1 of PyPI's provenance"));
    }
    let Some(bundles) = bundles.as_array() else {
        return Some(bad("attestation_bundles is no list"));
    };
    let mut found = Vec::new();
    for one in bundles {
        let Some(list) = one.get("attestations").and_then(Value::as_array) else {
            return Some(bad("no list of attestations"));
        };
        found.extend(list);
    }
    match found.len() {
        0 => Some(bad("no attestation")),
        count if count > most => {
            let detail = format!("more than {most} attestations");
            Some(Err(Error::rejected(Rejection::Limit, detail)))
        }
        _ => Some(Ok(found)),
    }
}

/// The bundle that an attestation is.
pub(crate) fn bundle(value: &Value) -> Result<Bundle, Error> {
    let top = ["version", "verification_material", "envelope"];
    let top = bundle::object(value, "the attestation", &top)?;
    if top.get("version") != Some(&json!(1)) {
        let detail = "not version 1 of PyPI's attestations";
        return Err(Error::rejected(Rejection::Unsupported, detail));
    }
    let get = |object: &Map<String, Value>, name: &str| {
        let value = object.get(name).filter(|value| !value.is_null());
        value.cloned().ok_or_else(|| {
            let detail = format!("the attestation has no {name}");
            Error::rejected(Rejection::BundleStructure, detail)
        })
    };
    let part = |name: &str, known: &[&str]| bundle::object(&get(top, name)?, name, known).cloned();
    let material = part(
        "verification_material",
        &["certificate", "transparency_entries"],
    )?;
    let envelope = part("envelope", &["statement", "signature"])?;
    Bundle::from_value(&json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": { "rawBytes": get(&material, "certificate")? },
            "tlogEntries": get(&material, "transparency_entries")?,
        },
        "dsseEnvelope": {
            "payload": get(&envelope, "statement")?,
            "payloadType": bundle::IN_TOTO,
            "signatures": [{ "sig": get(&envelope, "signature")? }],
        },
    }))
}
