//! Single flipped bits of good bundles: none may be accepted but where nothing is signed.
//!
//! `OMG_SLSA_FLIPS=100000` for the long run; the default is for every day.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod common;

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Case, shared};
use serde_json::Value;

/// What nothing vouches for, and nothing is concluded from: a hint, and the id of an envelope's
/// key. White space and the case of escapes are the same document.
const UNSIGNED: [&str; 2] = [
    "/verificationMaterial/publicKey/hint",
    "/dsseEnvelope/signatures/0/keyid",
];

const HAPPY: [&str; 7] = [
    "happy-path-v0.1",
    "happy-path-v0.3",
    "intoto-with-custom-trust-root",
    "managed-key-happy-path",
    "rekor2-dsse-happy-path",
    "rekor2-timestamp-with-embedded-cert",
    "bundle-with-sct-with-extensions",
];

/// A small generator (xorshift64): the same flips in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

fn pruned(bytes: &[u8]) -> Option<Value> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    for path in UNSIGNED {
        if let Some(field) = value.pointer_mut(path) {
            *field = Value::Null;
        }
    }
    // Cosignatures of witnesses, whom nobody asked for: all but the log's own, which has its name.
    let entries = value.pointer_mut("/verificationMaterial/tlogEntries");
    for entry in entries.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(envelope) = entry.pointer_mut("/inclusionProof/checkpoint/envelope")
            && let Some(text) = envelope.as_str()
            && let Some((body, signatures)) = text.split_once("\n\n")
        {
            let own = format!("\u{2014} {} ", body.lines().next().unwrap_or_default());
            let own = signatures.lines().filter(|line| line.starts_with(&own));
            *envelope = format!("{body}\n\n{}", own.collect::<Vec<_>>().join("\n")).into();
        }
    }
    // The same version has two names.
    let media = value.get_mut("mediaType")?;
    if media == "application/vnd.dev.sigstore.bundle+json;version=0.3" {
        *media = "application/vnd.dev.sigstore.bundle.v0.3+json".into();
    }
    Some(value)
}

/// Where a timestamp token says what nothing depends on (RFC 5652): its list of digest algorithms,
/// which stands before the signed content, the frame of that content (only what is in it is
/// signed), the version of the signer's record, the name of the signature's algorithm, and its
/// authority's certificate, which the trusted root has itself.
fn unsigned(case: &Case) -> Vec<Range<usize>> {
    let bundle: Value = serde_json::from_slice(&case.bundle).unwrap();
    let root = case
        .root
        .as_ref()
        .map(|root| serde_json::from_slice(root).unwrap());
    let root: Value = root.unwrap_or_default();
    let path =
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
    let Some(token) = bundle.pointer(path).and_then(Value::as_str) else {
        return Vec::new();
    };
    let der = STANDARD.decode(token).unwrap();
    let text = String::from_utf8(case.bundle.clone()).unwrap();
    let start = text.find(token).unwrap();
    let find = |part: &[u8]| der.windows(part.len()).position(|window| window == part);
    let base64 = |from: usize, to: usize| start + from / 3 * 4..start + to.div_ceil(3) * 4;
    let content = [
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
    ];
    let at = find(&content).unwrap();
    let frame = at + content.len();
    let mut ranges = vec![base64(0, at), base64(frame, frame + 6)];
    let version = [0x02, 0x01, 0x01, 0x30];
    let last = der
        .windows(version.len())
        .rposition(|window| window == version);
    ranges.extend(last.map(|at| base64(at, at + 3)));
    // The signature's algorithm stands before it once more, where the key decides which it is.
    let ecdsa = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    let last = der.windows(ecdsa.len()).rposition(|window| window == ecdsa);
    ranges.extend(last.map(|at| base64(at - 4, at + 8)));
    let leaf = root.pointer("/timestampAuthorities/0/certChain/certificates/0/rawBytes");
    if let Some(leaf) = leaf.and_then(Value::as_str) {
        let leaf = STANDARD.decode(leaf).unwrap();
        if let Some(at) = find(&leaf) {
            ranges.push(base64(at - 4, at + leaf.len()));
        }
    }
    ranges
}

#[test]
fn no_flip_is_accepted() {
    let Some(dir) = shared("conformance") else {
        return;
    };
    let flips = std::env::var("OMG_SLSA_FLIPS").map_or(4_000, |n| n.parse().unwrap());
    let mut random = Random(0x5157_ace5_0f11_b175);
    let mut wrong = Vec::new();
    let ranges = HAPPY.map(|name| unsigned(&Case::read(dir.join(name))));
    let mut cases: Vec<_> = HAPPY.map(|name| Case::read(dir.join(name))).into();
    for flip in 0..flips {
        let index = flip % cases.len();
        let case = &mut cases[index];
        let (at, bit) = (random.below(case.bundle.len()), random.below(8));
        let before = pruned(&case.bundle);
        case.bundle[at] ^= 1 << bit;
        let result = case.verify(flip % 2 == 1);
        let unsigned = ranges[index].iter().any(|range| range.contains(&at));
        if result.is_ok() && !unsigned && pruned(&case.bundle) != before {
            let text = String::from_utf8_lossy(&case.bundle);
            let around: String = text.chars().skip(at.saturating_sub(60)).take(90).collect();
            wrong.push(format!("{} {at} {bit}: {around}", HAPPY[index]));
        }
        case.bundle[at] ^= 1 << bit;
    }
    let count = wrong.len();
    wrong.truncate(12);
    assert!(wrong.is_empty(), "{count} of {flips}: {wrong:#?}");
}
