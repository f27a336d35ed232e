//! Transparency logs: Rekor of the first kind, which promises, and of the second, which does not.

use serde_json::{Value, json};

use super::keys::Key;
use super::{Forge, Signed, World, base64, pae, pem, sha256};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Log {
    Rekor1,
    /// The same, with the older kind of entry for statements.
    Rekor1InToto,
    Rekor2,
}

/// The log's signed head, and what may be wrong with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Head {
    Good,
    /// The log signed another tree.
    OtherRoot,
    /// Somebody signed in the log's name.
    OtherKey,
    /// The log's signature stands under somebody else's name.
    OtherName,
    /// Signatures of others stand before and after the log's.
    Cosigned,
    /// There are signatures of others only.
    OthersOnly,
}

/// The log's promise to take the entry up, and what may be wrong with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Promise {
    Good,
    Missing,
    OtherKey,
    /// The time was exchanged after it was signed.
    Redated,
}

const NAME1: &str = "rekor.example";
const NAME2: &str = "log2.example";
/// The place of the entry in its tree, and how many that has.
const INDEX: u64 = 2;
const SIZE: u64 = 4;
/// The place in all trees of the first kind of log.
const GLOBAL: u64 = 1002;

/// The name of a log of the second kind, by its key (C2SP signed-note).
pub fn id(key: &Key) -> Vec<u8> {
    let raw = &key.spki[key.spki.len() - 32..];
    sha256(&[NAME2.as_bytes(), b"\n\x01", raw].concat())
}

fn node(left: &[u8], right: &[u8]) -> Vec<u8> {
    sha256(&[&[1], left, right].concat())
}

/// The proof and the root of a tree of four, in which this is the third.
fn tree(leaf: &[u8]) -> (Vec<Vec<u8>>, Vec<u8>) {
    let leaf = sha256(&[&[0], leaf].concat());
    let hashes = vec![sha256(b"sibling"), sha256(b"elders")];
    let root = node(&hashes[1], &node(&leaf, &hashes[0]));
    (hashes, root)
}

fn note(name: &str, hint: &[u8], signature: &[u8]) -> String {
    let signature = base64(&[&hint[..4], signature].concat());
    format!("\u{2014} {name} {signature}\n")
}

fn head(kind: Head, log: Log, key: &Key, root: &[u8], other: &Key) -> String {
    let (name, id, origin) = match log {
        Log::Rekor2 => (NAME2, id(key), NAME2.to_owned()),
        _ => (NAME1, sha256(&key.spki), format!("{NAME1} - 4711")),
    };
    let root = match kind {
        Head::OtherRoot => sha256(b"another tree"),
        _ => root.to_vec(),
    };
    let body = format!("{origin}\n{SIZE}\n{}\n", base64(&root));
    let signer = match kind {
        Head::OtherKey => other,
        _ => key,
    };
    let own = note(name, &id, &signer.sign(body.as_bytes()));
    let witness = |name: &str| {
        let hint = sha256(name.as_bytes());
        note(name, &hint, &other.sign(body.as_bytes()))
    };
    let signatures = match kind {
        Head::OtherName => note("elsewhere.example", &id, &key.sign(body.as_bytes())),
        Head::Cosigned => [witness("one.example"), own, witness("two.example")].concat(),
        Head::OthersOnly => [witness("one.example"), witness("two.example")].concat(),
        _ => own,
    };
    format!("{body}\n{signatures}")
}

fn body(log: Log, signed: &Signed) -> (&'static str, &'static str, Value) {
    let label = match signed.managed {
        true => "PUBLIC KEY",
        false => "CERTIFICATE",
    };
    let verifier = base64(pem(label, &signed.verifier).as_bytes());
    let signature = base64(&signed.signature);
    match (log, &signed.payload) {
        (Log::Rekor2, payload) => {
            let (algorithm, digest) = match payload {
                Some(payload) => ("SHA2_256", sha256(&pae(payload))),
                None => (signed.digest.0, signed.digest.1.clone()),
            };
            let own = match signed.managed {
                true => "publicKey",
                false => "x509Certificate",
            };
            let spec = json!({ "hashedRekordV002": {
                "data": { "algorithm": algorithm, "digest": base64(&digest) },
                "signature": {
                    "content": signature,
                    "verifier": {
                        "keyDetails": signed.details,
                        own: { "rawBytes": base64(&signed.verifier) },
                    },
                },
            }});
            ("hashedrekord", "0.0.2", spec)
        }
        (Log::Rekor1InToto, Some(payload)) => {
            let spec = json!({ "content": {
                "envelope": {
                    "payload": base64(base64(payload).as_bytes()),
                    "payloadType": super::IN_TOTO,
                    "signatures": [{
                        "publicKey": verifier, "sig": base64(signature.as_bytes()),
                    }],
                },
                "hash": { "algorithm": "sha256", "value": hex::encode(sha256(b"envelope")) },
                "payloadHash": { "algorithm": "sha256", "value": hex::encode(sha256(payload)) },
            }});
            ("intoto", "0.0.2", spec)
        }
        (_, Some(payload)) => {
            let spec = json!({
                "envelopeHash": { "algorithm": "sha256", "value": hex::encode(sha256(b"envelope")) },
                "payloadHash": { "algorithm": "sha256", "value": hex::encode(sha256(payload)) },
                "signatures": [{ "signature": signature, "verifier": verifier }],
            });
            ("dsse", "0.0.1", spec)
        }
        (_, None) => {
            let (name, digest) = &signed.digest;
            let name = name.to_lowercase().replace("sha2_", "sha");
            let spec = json!({
                "data": { "hash": { "algorithm": name, "value": hex::encode(digest) } },
                "signature": { "content": signature, "publicKey": { "content": verifier } },
            });
            ("hashedrekord", "0.0.1", spec)
        }
    }
}

pub fn entry(forge: &Forge, world: &World, signed: &Signed) -> Value {
    let (kind, version, spec) = body(forge.log, signed);
    let mut body = json!({ "apiVersion": version, "kind": kind, "spec": spec });
    (forge.body)(&mut body);
    let body = body.to_string();
    let (hashes, root) = tree(body.as_bytes());
    let (key, log_id) = match forge.log {
        Log::Rekor2 => (&world.rekor2, id(&world.rekor2)),
        _ => (&world.rekor1, sha256(&world.rekor1.spki)),
    };
    let index = match forge.log {
        Log::Rekor2 => INDEX,
        _ => GLOBAL,
    };
    let other = match forge.log {
        Log::Rekor2 => Key::new(super::Kind::Ed25519, 99),
        _ => Key::new(super::Kind::P256, 99),
    };
    let hashes: Vec<_> = hashes.iter().map(|hash| base64(hash)).collect();
    let mut entry = json!({
        "logIndex": index.to_string(),
        "logId": { "keyId": base64(&log_id) },
        "kindVersion": { "kind": kind, "version": version },
        "inclusionProof": {
            "logIndex": INDEX.to_string(),
            "rootHash": base64(&root),
            "treeSize": SIZE.to_string(),
            "hashes": hashes,
            "checkpoint": { "envelope": head(forge.head, forge.log, key, &root, &other) },
        },
        "canonicalizedBody": base64(body.as_bytes()),
    });
    if forge.log == Log::Rekor2 {
        return entry;
    }
    let at = match forge.promise {
        Promise::Redated => forge.at + 1,
        _ => forge.at,
    };
    entry["integratedTime"] = at.to_string().into();
    let promise = format!(
        r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{index}}}"#,
        base64(body.as_bytes()),
        forge.at,
        hex::encode(&log_id),
    );
    let signature = match forge.promise {
        Promise::OtherKey => other.sign(promise.as_bytes()),
        _ => key.sign(promise.as_bytes()),
    };
    if forge.promise != Promise::Missing {
        let signature = base64(&signature);
        entry["inclusionPromise"] = json!({ "signedEntryTimestamp": signature });
    }
    entry
}
