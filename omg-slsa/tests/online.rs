//! The network's side, over a transport made of a table: a Rekor entry that is a recorded bundle,
//! and a repository of roots that the test signs.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use common::at;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omg_slsa::online::{Answer, OnlineError, Transport, TransportError, rekor, tuf};
use omg_slsa::{
    Algorithm, Digest, Digests, Domain, Expectations, Pattern, Rejection, TrustRoot, Verifier,
};
use serde_json::{Value, json};

/// Documents by address; what is asked for is noted.
#[derive(Default)]
struct Table {
    documents: BTreeMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

impl Table {
    fn answer(&self, url: &str, limit: u64) -> Answer<'_> {
        self.asked.lock().unwrap().push(url.to_owned());
        let found = self.documents.get(url).cloned();
        let over = found.as_ref().is_some_and(|d| d.len() as u64 > limit);
        let answer = match over {
            true => Err(TransportError("too large".to_owned())),
            false => Ok(found),
        };
        Box::pin(async { answer })
    }
}

impl Transport for Table {
    fn get<'a>(&'a self, url: &'a str, limit: u64) -> Answer<'a> {
        self.answer(url, limit)
    }

    fn post<'a>(&'a self, url: &'a str, _: Vec<u8>, limit: u64) -> Answer<'a> {
        self.answer(url, limit)
    }
}

/// A table answers at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a table answers at once"),
    }
}

const LOG: &str = "http://127.0.0.1/rekor";
const UUID: &str =
    "24296fb24b8ad77a0000000000000000000000000000000000000000000000000000000000000001";

fn log(index: &Value, entries: &Value) -> Table {
    let documents = [("index", index), ("log/entries", entries)];
    let documents = documents.map(|(name, value)| {
        (
            format!("{LOG}/api/v1/{name}/retrieve"),
            value.to_string().into(),
        )
    });
    Table {
        documents: documents.into_iter().collect(),
        ..Table::default()
    }
}

/// What the log says of the bundle, from the bundle.
fn entry(bundle: &Value) -> Value {
    let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
    let proof = &entry["inclusionProof"];
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let hex = |value: &Value| hex::encode(STANDARD.decode(value.as_str().unwrap()).unwrap());
    let hashes = proof["hashes"].as_array().unwrap().iter().map(hex);
    json!({
        "body": entry["canonicalizedBody"],
        "integratedTime": number(&entry["integratedTime"]),
        "logID": hex(&entry["logId"]["keyId"]),
        "logIndex": number(&entry["logIndex"]),
        "verification": {
            "inclusionProof": {
                "checkpoint": proof["checkpoint"]["envelope"],
                "hashes": hashes.collect::<Vec<_>>(),
                "logIndex": number(&proof["logIndex"]),
                "rootHash": hex(&proof["rootHash"]),
                "treeSize": number(&proof["treeSize"]),
            },
            "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        },
    })
}

#[test]
fn an_entry_of_the_log_is_a_bundle() {
    let Some(folder) = common::shared("conformance") else {
        return;
    };
    let bundle = std::fs::read(folder.join("happy-path-v0.3/bundle.sigstore.json")).unwrap();
    let bundle: Value = serde_json::from_slice(&bundle).unwrap();
    let artifact = std::fs::read(folder.join("a.txt")).unwrap();
    let digests = Digests::of_reader(&artifact[..], &[Algorithm::Sha256]).unwrap();
    let digest = digests.get(Algorithm::Sha256).unwrap();
    let entry = entry(&bundle);
    let search = |entry: &Value| {
        let table = log(&json!([UUID]), &json!([{ UUID: entry }]));
        let found = now(rekor::search(&table, LOG, digest)).unwrap();
        assert_eq!((found.entries.len(), found.more), (1, 0));
        found.entries[0].bundle()
    };
    let verifier = Verifier::new(&TrustRoot::embedded(Domain::PublicGood).unwrap()).unwrap();
    let found = search(&entry).unwrap();
    let attestation = verifier.authenticate(&found, &digests, at()).unwrap();
    // Found is not expected: that takes an identity.
    let mut expectations = Expectations::default();
    assert!(expectations.check(attestation.clone()).is_err());
    let identity = attestation.signer().identity.clone().unwrap();
    expectations.identity = Some(Pattern::exact(&identity));
    let issuer = attestation.signer().issuer.clone().unwrap();
    expectations.issuer = Some(Pattern::exact(&issuer));
    assert!(expectations.check(attestation).is_ok());
    // What the log says is checked, not believed.
    for (path, reason) in [
        (
            "/verification/inclusionProof/rootHash",
            Rejection::InclusionProof,
        ),
        (
            "/verification/inclusionProof/hashes/0",
            Rejection::InclusionProof,
        ),
        ("/logID", Rejection::UnknownLog),
    ] {
        let mut changed = entry.clone();
        let text = changed.pointer(path).unwrap().as_str().unwrap();
        let digit = if text.starts_with('0') { "1" } else { "0" };
        let text = format!("{digit}{}", &text[1..]);
        *changed.pointer_mut(path).unwrap() = text.into();
        let found = search(&changed).unwrap();
        let error = verifier.authenticate(&found, &digests, at()).unwrap_err();
        let found = error.rejection().unwrap();
        assert!(
            found == reason || found == Rejection::Checkpoint,
            "{path}: {found:?}"
        );
    }
    let mut less = entry.clone();
    less["verification"]["inclusionProof"] = Value::Null;
    let error = search(&less).unwrap_err();
    assert_eq!(error.rejection(), Some(Rejection::BundleStructure));
}

#[test]
fn other_kinds_of_entries_are_told_of() {
    let body = json!({"kind": "dsse", "apiVersion": "0.0.1", "spec": {}}).to_string();
    let entry = json!({ "body": STANDARD.encode(body) });
    let table = log(&json!([UUID]), &json!([{ UUID: entry }]));
    let found = now(rekor::search(&table, LOG, &zeros())).unwrap();
    assert_eq!(found.entries[0].kind(), "dsse");
    let error = found.entries[0].bundle().unwrap_err();
    assert_eq!(error.rejection(), Some(Rejection::Unsupported));
}

fn zeros() -> Digest {
    format!("sha256:{}", "0".repeat(64)).parse().unwrap()
}

#[test]
fn answers_that_are_none() {
    let fails = |index: Value, entries: Value| {
        let error = now(rekor::search(&log(&index, &entries), LOG, &zeros())).unwrap_err();
        assert!(matches!(error, OnlineError::Answer { .. }), "{error}");
    };
    let body = json!({"kind": "dsse", "apiVersion": "0.0.1"}).to_string();
    let entry = json!({ "body": STANDARD.encode(body) });
    fails(json!({}), json!([]));
    fails(json!([1]), json!([]));
    fails(json!(["../../x"]), json!([]));
    fails(json!([UUID]), json!({}));
    fails(json!([UUID]), json!([{ UUID: {} }]));
    fails(json!([UUID]), json!([null, { UUID: entry }]));
    fails(json!([UUID]), json!([{ "0".repeat(64): entry }]));
    fails(json!([UUID]), json!([{ UUID: entry }, { UUID: entry }]));
    let error = now(rekor::search(&Table::default(), LOG, &zeros())).unwrap_err();
    assert!(error.to_string().contains("no such document"));
    // Only so many are fetched, and the rest is counted.
    let many: Vec<String> = (0..40).map(|n| format!("{n:064x}")).collect();
    let found = now(rekor::search(&log(&json!(many), &json!([])), LOG, &zeros())).unwrap();
    assert_eq!(found.more, 8);
}

/// A repository of one key, which signs all roles.
struct Repository {
    key: Ed25519KeyPair,
    table: Table,
}

const TUF: &str = "http://127.0.0.1/tuf";

impl Repository {
    fn new(root: &[u8]) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let mut repository = Self {
            key,
            table: Table::default(),
        };
        repository.publish(1, root, "2027-01-01T00:00:00Z");
        repository
    }

    fn sign(&self, signed: Value) -> Vec<u8> {
        let bytes = sigstore_tuf::canonical_json::to_canonical_bytes(&signed).unwrap();
        let sig = hex::encode(self.key.sign(&bytes));
        json!({"signed": signed, "signatures": [{"keyid": "k", "sig": sig}]})
            .to_string()
            .into_bytes()
    }

    fn role(kind: &str, version: u64, expires: &str, more: Value) -> Value {
        let mut role = json!({
            "_type": kind, "spec_version": "1.0.31", "version": version, "expires": expires,
        });
        let more = more.as_object().unwrap().clone();
        role.as_object_mut().unwrap().extend(more);
        role
    }

    fn root(&self, version: u64) -> Vec<u8> {
        let public = hex::encode(self.key.public_key().as_ref());
        let keys = json!({"keyids": ["k"], "threshold": 1});
        self.sign(Self::role("root", version, "2028-01-01T00:00:00Z", json!({
            "consistent_snapshot": false,
            "keys": {"k": {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public}}},
            "roles": {"root": keys, "timestamp": keys, "snapshot": keys, "targets": keys},
        })))
    }

    fn publish(&mut self, version: u64, file: &[u8], expires: &str) {
        let sha256 = Digests::of_reader(file, &[Algorithm::Sha256]).unwrap();
        let sha256 = sha256.get(Algorithm::Sha256).unwrap().to_hex();
        let target = json!({"length": file.len(), "hashes": {"sha256": sha256}});
        let meta = |name: &str| json!({"meta": {name: {"version": version}}});
        let roles = [
            ("targets", json!({"targets": {"trusted_root.json": target}})),
            ("snapshot", meta("targets.json")),
            ("timestamp", meta("snapshot.json")),
        ];
        for (kind, more) in roles {
            let bytes = self.sign(Self::role(kind, version, expires, more));
            self.put(&format!("{kind}.json"), bytes);
        }
        self.put("targets/trusted_root.json", file.to_vec());
    }

    fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.table.documents.insert(format!("{TUF}/{path}"), bytes);
    }

    fn refresh(&self, seen: Option<&std::path::Path>, day: &str) -> Result<Vec<u8>, OnlineError> {
        let table = Table {
            documents: self.table.documents.clone(),
            ..Table::default()
        };
        let at = format!("{day}T00:00:00Z").parse().unwrap();
        let first = self.root(1);
        let domain = Domain::PublicGood;
        now(tuf::refresh(table, TUF, &first, domain, seen, at)).map(|(_, file)| file)
    }
}

fn trusted_root() -> Option<Vec<u8>> {
    let folder = common::shared("roots")?;
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    let is_root = |path: &std::path::PathBuf| path.to_string_lossy().contains("public");
    let found = files.iter().find(|path| is_root(path)).unwrap_or(&files[0]);
    Some(std::fs::read(found).unwrap())
}

#[test]
fn a_root_is_fetched_anew() {
    let Some(root) = trusted_root() else { return };
    let mut repository = Repository::new(&root);
    assert_eq!(repository.refresh(None, "2026-11-24").unwrap(), root);
    // A later root, signed by the one before.
    let second = repository.root(2);
    repository.put("2.root.json", second);
    assert_eq!(repository.refresh(None, "2026-11-24").unwrap(), root);
}

#[test]
fn roots_that_are_refused() {
    let Some(root) = trusted_root() else { return };
    let untrusted = |repository: &Repository, day: &str| {
        let error = repository.refresh(None, day).unwrap_err();
        assert!(matches!(error, OnlineError::Untrusted { .. }), "{error}");
        error.to_string()
    };
    // Expired.
    assert!(untrusted(&Repository::new(&root), "2027-06-01").contains("expired"));
    // Other bytes than the ones that are signed for.
    let mut repository = Repository::new(&root);
    let mut changed = root.clone();
    changed[10] ^= 1;
    repository.put("targets/trusted_root.json", changed);
    untrusted(&repository, "2026-11-24");
    // Signed by somebody else.
    let mut repository = Repository::new(&root);
    let own = std::mem::replace(
        &mut repository.key,
        Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap(),
    );
    repository.publish(2, &root, "2027-01-01T00:00:00Z");
    repository.key = own;
    untrusted(&repository, "2026-11-24");
    // Nothing there.
    repository.table.documents.clear();
    untrusted(&repository, "2026-11-24");
}

/// What was seen once is not gone back upon.
#[test]
fn an_older_repository_is_refused() {
    let Some(root) = trusted_root() else { return };
    let seen = std::env::temp_dir().join(format!("omg-slsa-tuf-{}", std::process::id()));
    let mut repository = Repository::new(&root);
    repository.publish(5, &root, "2027-01-01T00:00:00Z");
    repository.refresh(Some(&seen), "2026-11-24").unwrap();
    repository.publish(4, &root, "2027-01-01T00:00:00Z");
    let answer = repository.refresh(Some(&seen), "2026-11-24");
    std::fs::remove_dir_all(&seen).unwrap();
    assert!(
        matches!(answer, Err(OnlineError::Untrusted { .. })),
        "{answer:?}"
    );
}

/// A killed run leaves a temporary file, which the next run removes, unless another is at work.
#[test]
fn what_a_killed_refresh_left_is_removed() {
    let Some(root) = trusted_root() else { return };
    let seen = std::env::temp_dir().join(format!("omg-slsa-left-{}", std::process::id()));
    let repository = Repository::new(&root);
    let history = seen.join("root_history");
    std::fs::create_dir_all(&history).unwrap();
    let left = [seen.join(".tmpAbC123"), history.join(".tmp000000")];
    let others = [seen.join(".tmp"), seen.join(".tmpnotes.txt")];
    for file in left.iter().chain(&others) {
        std::fs::write(file, "half").unwrap();
    }
    let there = |files: &[std::path::PathBuf]| files.iter().all(|file| file.exists());
    let at_work = std::fs::File::open(&seen).unwrap();
    at_work.lock_shared().unwrap();
    repository.refresh(Some(&seen), "2026-11-24").unwrap();
    assert!(there(&left));
    drop(at_work);
    repository.refresh(Some(&seen), "2026-11-24").unwrap();
    let (gone, kept) = (!left.iter().any(|file| file.exists()), there(&others));
    std::fs::remove_dir_all(&seen).unwrap();
    assert!(gone && kept);
}

/// The roots that come with the crate are roots.
#[test]
fn embedded_roots() {
    for domain in [Domain::PublicGood, Domain::Github] {
        let root = sigstore_tuf::TrustedMetadataSet::from_root(tuf::embedded(domain)).unwrap();
        assert!(root.root().version >= 1);
    }
}
