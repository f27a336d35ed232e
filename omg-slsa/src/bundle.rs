//! Sigstore bundles, read strictly: what a verifier might overlook is refused before it looks.

use serde_json::{Map, Value};
use sigstore_verify::types;
use x509_cert::der::Decode as _;

use crate::digest::Algorithm;
use crate::error::{Error, Rejection};
use crate::statement::Statement;
use crate::strict;

/// How many certificates a chain may have.
const MAX_CHAIN: usize = 10;
/// How many log entries, and how many timestamps, a bundle may have.
const MAX_ENTRIES: usize = 32;
/// How many hashes a proof may have: one for each bit of the tree's size.
const MAX_PROOF: usize = 64;
/// Names of algorithms, in the case in which protobuf has them.
const HASHES: [&str; 5] = ["SHA2_256", "SHA2_384", "SHA2_512", "SHA3_256", "SHA3_384"];
/// What a DSSE envelope must hold to be an in-toto statement.
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// A Sigstore bundle of version 0.1, 0.2 or 0.3, read and not yet verified.
#[derive(Clone, Debug)]
pub struct Bundle {
    pub(crate) inner: types::Bundle,
    pub(crate) statement: Option<Result<Statement, (Rejection, String)>>,
    /// The digest over which a message signature is, as its certificate's key has it.
    pub(crate) message: Option<Algorithm>,
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    /// With a [`Rejection`] if it is larger than [`MAX_DOCUMENT_BYTES`](crate::MAX_DOCUMENT_BYTES)
    /// or over another limit, has a key twice, a field that bundles do not have, no media type,
    /// both kinds of content or of verification material, a log entry twice, a root certificate
    /// in its chain, or anything after its end.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let value = strict::parse(bytes, strict::BUNDLE_VALUES)?;
        Self::from_value(&value)
    }

    pub(crate) fn from_value(value: &Value) -> Result<Self, Error> {
        check(value)?;
        let inner: types::Bundle = serde::Deserialize::deserialize(value)
            .map_err(|error| Error::rejected(Rejection::Parse, error.to_string()))?;
        check_chain(&inner)?;
        let statement = match &inner.content {
            types::SignatureContent::DsseEnvelope(envelope) => Some(statement(envelope)),
            _ => None,
        };
        let message = crate::verifier::message_algorithm(&inner);
        Ok(Self {
            inner,
            statement,
            message,
        })
    }

    /// The digests of the artifact that verifying this bundle takes.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = match &self.statement {
            Some(Ok(statement)) => statement.algorithms(),
            _ => Vec::new(),
        };
        algorithms.push(Algorithm::Sha256);
        algorithms.extend(self.message);
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// What it says, which is not yet verified to be said by anybody.
    pub fn statement(&self) -> Option<&Statement> {
        self.statement
            .as_ref()
            .and_then(|found| found.as_ref().ok())
    }

    /// Whether it was signed with a key of its own and not with a certificate.
    pub fn has_managed_key(&self) -> bool {
        self.inner.signing_certificate().is_none()
    }
}

fn statement(envelope: &types::DsseEnvelope) -> Result<Statement, (Rejection, String)> {
    if envelope.payload_type != IN_TOTO {
        let detail = format!("the payload is {:?}", envelope.payload_type);
        return Err((Rejection::Unsupported, detail));
    }
    Statement::parse(envelope.payload.as_bytes()).map_err(|error| match error {
        Error::Rejected { reason, detail } => (reason, detail),
        other => (Rejection::Statement, other.to_string()),
    })
}

fn bad(detail: impl Into<String>) -> Error {
    Error::rejected(Rejection::BundleStructure, detail)
}

pub(crate) type Object = Map<String, Value>;

/// An object with no other fields than these. A field with a misspelt name would be overlooked.
pub(crate) fn object<'a>(
    value: &'a Value,
    what: &str,
    known: &[&str],
) -> Result<&'a Object, Error> {
    let object = value
        .as_object()
        .ok_or_else(|| Error::rejected(Rejection::Parse, format!("{what} is no object")))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(bad(format!("{what} has an unknown field {key:?}"))),
        None => Ok(object),
    }
}

/// A field that is there; protobuf's JSON lets null stand for absence.
fn field<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn list<'a>(object: &'a Object, name: &str, most: usize) -> Result<&'a [Value], Error> {
    let Some(value) = field(object, name) else {
        return Ok(&[]);
    };
    let list = value
        .as_array()
        .ok_or_else(|| Error::rejected(Rejection::Parse, format!("{name} is no list")))?;
    match list.len() > most {
        true => Err(Error::rejected(
            Rejection::Limit,
            format!("more than {most} {name}"),
        )),
        false => Ok(list),
    }
}

fn one_of<'a>(
    object: &'a Object,
    names: &[&'static str],
) -> Result<(&'static str, &'a Value), Error> {
    let mut there = names
        .iter()
        .filter_map(|name| field(object, name).map(|value| (*name, value)));
    match (there.next(), there.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(bad(format!("none of {}", names.join(", ")))),
        _ => Err(bad(format!("more than one of {}", names.join(", ")))),
    }
}

fn check(value: &Value) -> Result<(), Error> {
    let contents = ["messageSignature", "dsseEnvelope"];
    let known = [
        "mediaType",
        "verificationMaterial",
        contents[0],
        contents[1],
    ];
    let bundle = object(value, "the bundle", &known)?;
    let media_type = field(bundle, "mediaType").and_then(Value::as_str);
    let media_type = media_type.ok_or_else(|| bad("no media type"))?;
    if media_type.parse::<types::MediaType>().is_err() {
        let detail = format!("the media type is {media_type:?}");
        return Err(Error::rejected(Rejection::Unsupported, detail));
    }
    match one_of(bundle, &contents)? {
        ("dsseEnvelope", envelope) => check_envelope(envelope)?,
        (_, message) => {
            let message = object(message, "the signature", &["messageDigest", "signature"])?;
            if let Some(digest) = field(message, "messageDigest") {
                let digest = object(digest, "the message digest", &["algorithm", "digest"])?;
                let algorithm = field(digest, "algorithm").and_then(Value::as_str);
                if let Some(other) = algorithm.filter(|name| !HASHES.contains(name)) {
                    let detail = format!("the algorithm is {other:?}");
                    return Err(Error::rejected(Rejection::Unsupported, detail));
                }
            }
        }
    }
    let material = field(bundle, "verificationMaterial").ok_or_else(|| bad("no evidence"))?;
    check_material(material)
}

pub(crate) fn check_envelope(value: &Value) -> Result<(), Error> {
    let envelope = object(
        value,
        "the envelope",
        &["payload", "payloadType", "signatures"],
    )?;
    let signatures = list(envelope, "signatures", MAX_ENTRIES)?;
    let [signature] = signatures else {
        return Err(bad(format!(
            "{} signatures in place of one",
            signatures.len()
        )));
    };
    object(signature, "the signature", &["sig", "keyid"]).map(|_| ())
}

fn check_material(value: &Value) -> Result<(), Error> {
    let keys = ["certificate", "x509CertificateChain", "publicKey"];
    let more = ["tlogEntries", "timestampVerificationData"];
    let known = [keys[0], keys[1], keys[2], more[0], more[1]];
    let material = object(value, "the evidence", &known)?;
    match one_of(material, &keys)? {
        ("x509CertificateChain", chain) => {
            let chain = object(chain, "the chain", &["certificates"])?;
            let certificates = list(chain, "certificates", MAX_CHAIN)?;
            if certificates.is_empty() {
                return Err(bad("the chain of certificates is empty"));
            }
            for certificate in certificates {
                object(certificate, "a certificate", &["rawBytes"])?;
            }
        }
        ("publicKey", key) => drop(object(key, "the key", &["hint", "rawBytes"])?),
        (_, certificate) => drop(object(certificate, "the certificate", &["rawBytes"])?),
    }
    let entries = list(material, more[0], MAX_ENTRIES)?;
    for (index, entry) in entries.iter().enumerate() {
        let identity = check_entry(entry)?;
        for earlier in entries.iter().take(index) {
            if check_entry(earlier)? == identity {
                return Err(Error::rejected(
                    Rejection::DuplicateEntry,
                    "a log entry stands twice",
                ));
            }
        }
    }
    if let Some(data) = field(material, more[1]) {
        let data = object(data, "the timestamps", &["rfc3161Timestamps"])?;
        for token in list(data, "rfc3161Timestamps", MAX_ENTRIES)? {
            object(token, "a timestamp", &["signedTimestamp"])?;
        }
    }
    Ok(())
}

/// Looks at a log entry, and returns what tells it from others: its body and its log.
fn check_entry(value: &Value) -> Result<(Option<&Value>, Option<&Value>), Error> {
    let known = [
        "logIndex",
        "logId",
        "kindVersion",
        "integratedTime",
        "inclusionPromise",
        "inclusionProof",
        "canonicalizedBody",
    ];
    let entry = object(value, "a log entry", &known)?;
    let parts: [(&str, &[&str]); 3] = [
        ("logId", &["keyId"]),
        ("kindVersion", &["kind", "version"]),
        ("inclusionPromise", &["signedEntryTimestamp"]),
    ];
    for (name, known) in parts {
        if let Some(part) = field(entry, name) {
            object(part, name, known)?;
        }
    }
    if let Some(proof) = field(entry, "inclusionProof") {
        let known = ["logIndex", "rootHash", "treeSize", "hashes", "checkpoint"];
        let proof = object(proof, "the inclusion proof", &known)?;
        list(proof, "hashes", MAX_PROOF)?;
        if let Some(checkpoint) = field(proof, "checkpoint") {
            let checkpoint = object(checkpoint, "the checkpoint", &["envelope"])?;
            let envelope = field(checkpoint, "envelope").and_then(Value::as_str);
            let envelope = envelope.ok_or_else(|| {
                Error::rejected(Rejection::Checkpoint, "the checkpoint has no envelope")
            })?;
            let checked = types::CheckpointData::new(envelope);
            checked.map_err(|error| Error::rejected(Rejection::Checkpoint, error.to_string()))?;
        }
    }
    Ok((field(entry, "canonicalizedBody"), field(entry, "logId")))
}

/// A chain leads from the signer to its authority, each certificate by the next, and brings no
/// root of trust: its reader has them. Bundles of version 0.1 in the field end with the root all
/// the same; there, at its end, it is let stand, and is not believed.
fn check_chain(bundle: &types::Bundle) -> Result<(), Error> {
    use types::bundle::VerificationMaterialContent;
    let VerificationMaterialContent::X509CertificateChain { certificates } =
        &bundle.verification_material.content
    else {
        return Ok(());
    };
    let mut awaited = None;
    for (index, certificate) in certificates.iter().enumerate() {
        let parsed = x509_cert::Certificate::from_der(certificate.raw_bytes.as_bytes())
            .map_err(|error| Error::rejected(Rejection::Certificate, error.to_string()))?;
        let body = parsed.tbs_certificate;
        let root = body.issuer == body.subject;
        let last = index + 1 == certificates.len() && index > 0;
        if root && !(last && bundle.media_type == types::MediaType::Bundle0_1) {
            return Err(bad("the chain holds a root certificate"));
        }
        if awaited.is_some_and(|issuer| issuer != body.subject) {
            return Err(bad("the chain of certificates is out of order"));
        }
        awaited = Some(body.issuer);
    }
    Ok(())
}
