//! Entries of a Rekor log, version 1, by an artifact's digest.
//!
//! That there is an entry proves nothing: anybody may log anything. An entry that holds the whole
//! signature becomes a [`Bundle`], which is then verified like any other, against an identity.
//! Rekor of version 2 has no search; bundles come with artifacts there.
//!
//! <https://github.com/sigstore/rekor/blob/main/openapi.yaml>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{OnlineError, Transport, body, malformed};
use crate::bundle::Bundle;
use crate::digest::{Algorithm, Digest};
use crate::error::{Error, Rejection};
use crate::strict;

/// The public log.
pub const PUBLIC_LOG: &str = "https://rekor.sigstore.dev";

/// How many entries are fetched of all that there are for a digest.
pub const MAX_ENTRIES: usize = 32;

/// The largest answer, in bytes.
const MAX_ANSWER: u64 = 8 << 20;

/// What a log holds of a digest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// The entries that were fetched.
    pub entries: Vec<Entry>,
    /// How many more there are.
    pub more: usize,
}

/// An entry of a log. Whether the log really holds it is not yet known.
#[derive(Clone, Debug)]
pub struct Entry {
    uuid: String,
    kind: String,
    version: String,
    value: Value,
    body: Value,
}

/// Looks up the SHA-256 of an artifact. The log learns which artifact is asked about.
///
/// # Errors
/// [`OnlineError::Transport`], and [`OnlineError::Answer`] if what comes back is no list of
/// entries, or one that was not asked for.
///
/// # Examples
///
/// ```
/// # use omg_slsa::online::{Answer, Transport, TransportError, rekor};
/// struct Nothing;
/// impl Transport for Nothing {
///     fn get<'a>(&'a self, _: &'a str, _: u64) -> Answer<'a> {
///         Box::pin(async { Ok(None) })
///     }
///     fn post<'a>(&'a self, _: &'a str, _: Vec<u8>, _: u64) -> Answer<'a> {
///         Box::pin(async { Ok(Some(b"[]".to_vec())) })
///     }
/// }
///
/// let digest = format!("sha256:{}", "0".repeat(64)).parse()?;
/// let found = rekor::search(&Nothing, rekor::PUBLIC_LOG, &digest);
/// # let mut found = Box::pin(found);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let std::task::Poll::Ready(found) = found.as_mut().poll(&mut context) else { panic!() };
/// assert!(found?.entries.is_empty()); // With `found.await?` in a program.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn search(
    transport: &dyn Transport,
    log: &str,
    digest: &Digest,
) -> Result<Found, OnlineError> {
    let log = log.trim_end_matches('/');
    let url = format!("{log}/api/v1/index/retrieve");
    if digest.algorithm() != Algorithm::Sha256 {
        return Err(malformed(&url, "the log is searched by SHA-256 only"));
    }
    let query = json!({ "hash": digest.to_string() });
    let answer = transport.post(&url, query.to_string().into_bytes(), MAX_ANSWER);
    let mut uuids = uuids(&url, &body(&url, answer.await)?)?;
    let more = uuids.len().saturating_sub(MAX_ENTRIES);
    uuids.truncate(MAX_ENTRIES);
    if uuids.is_empty() {
        let entries = Vec::new();
        return Ok(Found { entries, more });
    }
    let url = format!("{log}/api/v1/log/entries/retrieve");
    let query = json!({ "entryUUIDs": uuids });
    let answer = transport.post(&url, query.to_string().into_bytes(), MAX_ANSWER);
    let entries = entries(&url, &body(&url, answer.await)?, &uuids)?;
    Ok(Found { entries, more })
}

fn uuids(url: &str, bytes: &[u8]) -> Result<Vec<String>, OnlineError> {
    let value = strict::parse(bytes, strict::BUNDLE_VALUES);
    let value = value.map_err(|error| malformed(url, error))?;
    let list = value.as_array().ok_or_else(|| malformed(url, "no list"))?;
    // 64 digits, or 80 with the number of the tree.
    let is_uuid = |text: &&str| {
        matches!(text.len(), 64 | 80) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let uuid = |value: &Value| value.as_str().filter(is_uuid).map(str::to_owned);
    let found: Option<Vec<_>> = list.iter().map(uuid).collect();
    found.ok_or_else(|| malformed(url, "something in the list is no UUID"))
}

fn entries(url: &str, bytes: &[u8], asked: &[String]) -> Result<Vec<Entry>, OnlineError> {
    let value = strict::parse(bytes, strict::STATEMENT_VALUES);
    let value = value.map_err(|error| malformed(url, error))?;
    let list = value.as_array().ok_or_else(|| malformed(url, "no list"))?;
    let mut found = Vec::new();
    let objects: Option<Vec<_>> = list.iter().map(Value::as_object).collect();
    let objects = objects.ok_or_else(|| malformed(url, "something in the list is no entry"))?;
    for (uuid, value) in objects.into_iter().flatten() {
        // The number of the tree stands before the hash, or does not.
        let tail = |uuid: &str| uuid.get(uuid.len().saturating_sub(64)..).map(str::to_owned);
        if !asked.iter().any(|asked| tail(asked) == tail(uuid)) {
            return Err(malformed(url, format!("{uuid} was not asked for")));
        }
        let entry = Entry::read(uuid, value);
        found.push(entry.ok_or_else(|| malformed(url, format!("{uuid} is no entry")))?);
    }
    match found.len() <= asked.len() {
        true => Ok(found),
        false => Err(malformed(url, "more entries than were asked for")),
    }
}

impl Entry {
    fn read(uuid: &str, value: &Value) -> Option<Self> {
        let body = STANDARD.decode(value.get("body")?.as_str()?).ok()?;
        let body = strict::parse(&body, strict::BUNDLE_VALUES).ok()?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            uuid: uuid.to_owned(),
            kind: text("kind")?,
            version: text("apiVersion")?,
            value: value.clone(),
            body,
        })
    }

    /// Its name in the log.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// The kind of entry, such as `hashedrekord`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The bundle that it is: signature, certificate and the log's proof.
    ///
    /// # Errors
    /// [`Rejection::Unsupported`] if the log does not hold all of what was signed, as with
    /// statements (`dsse`, `intoto`), or it was signed with a bare key;
    /// [`Rejection::BundleStructure`] and others if something is missing.
    pub fn bundle(&self) -> Result<Bundle, Error> {
        if self.kind != "hashedrekord" {
            let detail = format!("the log holds no more of a {} entry than hashes", self.kind);
            return Err(Error::rejected(Rejection::Unsupported, detail));
        }
        let missing = || Error::rejected(Rejection::BundleStructure, "the entry lacks something");
        let bundle = self.parts().ok_or_else(missing)??;
        Bundle::from_value(&bundle)
    }

    fn parts(&self) -> Option<Result<Value, Error>> {
        let text = |path: &str| self.body.pointer(path).and_then(Value::as_str);
        let pem = STANDARD
            .decode(text("/spec/signature/publicKey/content")?)
            .ok()?;
        let pem = String::from_utf8(pem).ok()?;
        let Some((_, rest)) = pem.split_once("-----BEGIN CERTIFICATE-----") else {
            let detail = "it was signed with a bare key, and nothing says whose";
            return Some(Err(Error::rejected(Rejection::Unsupported, detail)));
        };
        let (certificate, _) = rest.split_once("-----END CERTIFICATE-----")?;
        let certificate: String = certificate.split_ascii_whitespace().collect();
        if text("/spec/data/hash/algorithm")? != "sha256" {
            return None;
        }
        let digest = base64_of(text("/spec/data/hash/value")?)?;
        Some(Ok(json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": { "rawBytes": certificate },
                "tlogEntries": [self.log_entry()?],
            },
            "messageSignature": {
                "messageDigest": { "algorithm": "SHA2_256", "digest": digest },
                "signature": text("/spec/signature/content")?,
            },
        })))
    }

    fn log_entry(&self) -> Option<Value> {
        let get = |path: &str| self.value.pointer(path);
        let number = |path: &str| get(path)?.as_u64().map(|number| number.to_string());
        let hex = |value: &Value| value.as_str().and_then(base64_of);
        let proof = "/verification/inclusionProof";
        let hashes = get(&format!("{proof}/hashes"))?.as_array()?;
        let hashes: Option<Vec<_>> = hashes.iter().map(hex).collect();
        Some(json!({
            "logIndex": number("/logIndex")?,
            "logId": { "keyId": hex(get("/logID")?)? },
            "kindVersion": { "kind": self.kind, "version": self.version },
            "integratedTime": number("/integratedTime")?,
            "inclusionPromise": {
                "signedEntryTimestamp": get("/verification/signedEntryTimestamp")?,
            },
            "inclusionProof": {
                "logIndex": number(&format!("{proof}/logIndex"))?,
                "rootHash": hex(get(&format!("{proof}/rootHash"))?)?,
                "treeSize": number(&format!("{proof}/treeSize"))?,
                "hashes": hashes?,
                "checkpoint": { "envelope": get(&format!("{proof}/checkpoint"))? },
            },
            "canonicalizedBody": get("/body")?,
        }))
    }
}

fn base64_of(digits: &str) -> Option<String> {
    hex::decode(digits).ok().map(|bytes| STANDARD.encode(bytes))
}
