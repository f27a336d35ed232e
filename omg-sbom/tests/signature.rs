//! Signatures within documents: the example of the specification, openssl, and what is refused.
#![cfg(feature = "sign")]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

mod common;
#[path = "common/schema.rs"]
mod schema;

use std::{fs, process::Command};

use chrono::DateTime;
use common::{data, have, output, run};
use omg_sbom::{
    Sbom, Serial,
    cyclonedx::{self, Version},
    inventory::{Inventory, Package, PackageKind, Source},
    signature::{PublicKey, SignatureError, SigningKey, sign, verify},
};
use proptest::{prelude::*, sample::Index};
use schema::Schema;
use serde_json::{Value, json};

/// The example of the JSF specification (cyberphone.github.io/doc/security/jsf.html), with its
/// key `example.com:p256`, which is published to be tested with.
const EXAMPLE: &str = r#"{
  "now": "2019-02-10T11:23:06Z", "name": "Joe", "id": 2200063,
  "signature": {
    "algorithm": "ES256",
    "publicKey": {
      "kty": "EC", "crv": "P-256",
      "x": "6BKxpty8cI-exDzCkh-goU6dXq3MbcY0cd1LaAxiNrU",
      "y": "mCbcvUzm44j3Lt2b5BPyQloQ91tf2D2V-gzeUxWaUdg"
    },
    "value":
"ybT1qz5zHNi4Ndc6y7Zhamuf51IqXkPkZwjH1XcC-KSuBiaQplTw6Jasf2MbCLg3CF7PAdnMO__WSLwvI5r2jA"
  }
}"#;

const EXAMPLE_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6BKxpty8cI+exDzCkh+goU6dXq3M\n\
    bcY0cd1LaAxiNrWYJty9TObjiPcu3ZvkE/JCWhD3W1/YPZX6DN5TFZpR2A==\n\
    -----END PUBLIC KEY-----\n";

/// A scalar that everybody can guess, as SEC 1 (RFC 5915).
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----\n\
    MDECAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHoAoGCCqGSM49\n\
    AwEH\n-----END EC PRIVATE KEY-----\n";

fn key() -> SigningKey {
    SigningKey::from_pem(KEY).unwrap()
}

fn example() -> (Value, [PublicKey; 1]) {
    let key = PublicKey::from_pem(EXAMPLE_KEY).unwrap();
    (serde_json::from_str(EXAMPLE).unwrap(), [key])
}

fn document(version: Version) -> Vec<u8> {
    let mut package = Package::new(PackageKind::Alpm, "zlib", "1:1.3-1");
    package.description = Some("\u{e4} \u{1f980} \"quoted\" \\ \u{2028}".to_owned());
    let sbom = Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent)
        .inventory(Inventory::new(Source::Pacman, vec![package], vec![]))
        .build(&common::order);
    let mut out = Vec::new();
    cyclonedx::write_json(&sbom, version, &mut out).unwrap();
    out
}

#[test]
fn the_example_of_the_specification_is_valid() {
    let (_, trusted) = example();
    let verified = verify(EXAMPLE.as_bytes(), &trusted).unwrap();
    assert_eq!(verified.key(), &trusted[0]);
    assert_eq!(trusted[0].to_pem().unwrap(), EXAMPLE_KEY);
    let other = key().public_key();
    let key = trusted[0];
    let untrusted = Err(SignatureError::Untrusted { key });
    assert_eq!(verify(EXAMPLE.as_bytes(), &[]), untrusted);
    assert_eq!(verify(EXAMPLE.as_bytes(), &[other]), untrusted);
    assert!(verify(EXAMPLE.as_bytes(), &[other, key]).is_ok());
}

#[test]
fn what_is_signed_is_valid_by_the_schemas_and_the_same_every_time() {
    let trusted = [key().public_key()];
    for version in [Version::V1_5, Version::V1_6, Version::V1_7] {
        let plain = document(version);
        let signed = sign(&plain, &key()).unwrap();
        assert!(verify(&signed, &trusted).is_ok());
        assert_eq!(sign(&plain, &key()).unwrap(), signed);
        assert_eq!(sign(&signed, &key()), Err(SignatureError::Signed));
        let start = plain.trim_ascii_end().strip_suffix(b"}").unwrap();
        assert!(signed.starts_with(start.trim_ascii_end()));
        // Other white space and another order are the same document.
        let value: Value = serde_json::from_slice(&signed).unwrap();
        assert!(verify(value.to_string().as_bytes(), &trusted).is_ok());
        if let Some(folder) = data("sbom") {
            let schema = Schema::cyclonedx(&folder.join("schema"), version.as_str());
            schema.check(&value);
        }
    }
    let empty = sign(b" { } ", &key()).unwrap();
    assert!(verify(&empty, &trusted).is_ok());
}

/// Python's JSON in canonical order, and openssl's ECDSA, over the same document.
#[test]
fn openssl_says_the_same() {
    if !have(&["openssl", "python3"]) {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| work.path().join(name);
    fs::write(at("key.pem"), KEY).unwrap();
    let curve = "ec_paramgen_curve:P-256";
    let mut openssl = Command::new("openssl");
    openssl.args(["genpkey", "-algorithm", "EC", "-pkeyopt", curve]);
    let generated = String::from_utf8(run(&mut openssl)).unwrap();
    for pem in [KEY, &generated] {
        let key = SigningKey::from_pem(pem).unwrap();
        let signed = sign(&document(Version::V1_6), &key).unwrap();
        assert!(verify(&signed, &[key.public_key()]).is_ok());
        fs::write(at("signed.json"), &signed).unwrap();
        fs::write(at("public.pem"), key.public_key().to_pem().unwrap()).unwrap();
        let script = "import base64, json\n\
            d = json.load(open('signed.json', encoding='utf-8'))\n\
            v = base64.urlsafe_b64decode(d['signature'].pop('value') + '==')\n\
            n = lambda b: bytes([2, len(b.lstrip(b'\\0')) + 1]) + b'\\0' + b.lstrip(b'\\0') \
            if b.lstrip(b'\\0')[0] > 127 else bytes([2, len(b.lstrip(b'\\0'))]) + b.lstrip(b'\\0')\n\
            s = n(v[:32]) + n(v[32:])\n\
            open('value.der', 'wb').write(bytes([48, len(s)]) + s)\n\
            t = json.dumps(d, sort_keys=True, ensure_ascii=False, separators=(',', ':'))\n\
            open('canonical', 'wb').write(t.encode())\n";
        run(Command::new("python3")
            .args(["-c", script])
            .current_dir(work.path()));
        let check = |file: &str| {
            let mut openssl = Command::new("openssl");
            openssl.args(["dgst", "-sha256", "-verify", "public.pem"]);
            openssl.args(["-signature", "value.der", file]);
            output(openssl.current_dir(work.path())).status.success()
        };
        assert!(check("canonical"));
        assert!(!check("signed.json"));
    }
}

#[test]
fn what_was_altered_is_invalid() {
    let (document, trusted) = example();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = document.clone();
        change(&mut document);
        verify(document.to_string().as_bytes(), &trusted)
    };
    assert!(changed(&|_| {}).is_ok());
    assert_eq!(
        changed(&|d| d["name"] = "Jane".into()),
        Err(SignatureError::Invalid)
    );
    assert_eq!(
        changed(&|d| d["more"] = Value::Null),
        Err(SignatureError::Invalid)
    );
    assert_eq!(
        changed(&|d| d["signature"]["keyId"] = "x".into()),
        Err(SignatureError::Invalid)
    );
    // The value of another document.
    let other = sign(b"{}", &key()).unwrap();
    let other: Value = serde_json::from_slice(&other).unwrap();
    let value = &other["signature"]["value"];
    assert_eq!(
        changed(&|d| d["signature"]["value"] = value.clone()),
        Err(SignatureError::Invalid)
    );
    // Our key in place of theirs.
    let own = &other["signature"]["publicKey"];
    assert_eq!(
        changed(&|d| d["signature"]["publicKey"] = own.clone()),
        Err(SignatureError::Invalid)
    );
}

#[test]
fn other_signatures_are_refused() {
    let (document, trusted) = example();
    let with = |name: &str, value: Value| {
        let mut document = document.clone();
        document["signature"][name] = value;
        verify(document.to_string().as_bytes(), &trusted).unwrap_err()
    };
    let is_unsupported = |error| matches!(error, SignatureError::Unsupported { .. });
    assert!(is_unsupported(with("algorithm", "ES384".into())));
    assert!(is_unsupported(with("algorithm", "none".into())));
    for name in [
        "excludes",
        "signers",
        "chain",
        "certificatePath",
        "extensions",
    ] {
        assert!(is_unsupported(with(name, json!([]))), "{name}");
    }
    let is_malformed = |error| matches!(error, SignatureError::Malformed { .. });
    assert!(is_malformed(with("algorithm", Value::Null)));
    for value in [
        json!(1),
        json!(""),
        json!("x"),
        json!("A".repeat(86)),
        json!("A".repeat(128)),
    ] {
        assert!(is_malformed(with("value", value.clone())), "{value}");
    }
    let jwk = &document["signature"]["publicKey"];
    for (name, value) in [
        ("kty", json!("OKP")),
        ("crv", json!("P-384")),
        ("x", json!("AA")),
        ("x", jwk["y"].clone()),
        ("d", json!("x")),
    ] {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        assert!(is_malformed(with("publicKey", jwk)), "{name}");
    }
    assert!(is_malformed(with("publicKey", Value::Null)));
    let mut list = document.clone();
    list["signature"] = json!([]);
    let error = verify(list.to_string().as_bytes(), &trusted).unwrap_err();
    assert!(is_malformed(error));
    assert_eq!(verify(b"{}", &trusted), Err(SignatureError::Unsigned));
}

#[test]
fn what_readers_read_differently_is_no_document() {
    for text in [
        "",
        "[]",
        "1",
        "{",
        "{} {}",
        "{\"a\":1,\"a\":2}",
        "{\"b\":{\"a\":1,\"a\":1}}",
        "{\"a\":9007199254740993}",
        "{\"a\":-9007199254740993}",
        "{\"a\":1e999}",
        "{\"a\":\"\\ud800\"}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":NaN}",
    ] {
        let signed = sign(text.as_bytes(), &key());
        assert!(
            matches!(signed, Err(SignatureError::Syntax { .. })),
            "{text}: {signed:?}"
        );
        let verified = verify(text.as_bytes(), &[]);
        assert!(
            matches!(verified, Err(SignatureError::Syntax { .. })),
            "{text}"
        );
    }
    let limit = omg_sbom::inventory::limits::MAX_SBOM_BYTES;
    let long = vec![b' '; limit + 1];
    assert_eq!(verify(&long, &[]), Err(SignatureError::TooLarge { limit }));
}

#[test]
fn keys_of_other_kinds_are_refused_and_private_ones_not_shown() {
    for pem in ["", "x", EXAMPLE_KEY] {
        assert!(SigningKey::from_pem(pem).is_err());
    }
    for pem in ["", "x", KEY] {
        assert!(PublicKey::from_pem(pem).is_err());
    }
    let shown = format!("{:?}", key());
    assert!(
        shown.starts_with("SigningKey(of 0") && shown.len() < 90,
        "{shown}"
    );
    if !have(&["openssl"]) {
        return;
    }
    for curve in ["P-384", "secp256k1"] {
        let option = format!("ec_paramgen_curve:{curve}");
        let mut openssl = Command::new("openssl");
        openssl.args(["genpkey", "-algorithm", "EC", "-pkeyopt", &option]);
        let pem = String::from_utf8(run(&mut openssl)).unwrap();
        assert!(SigningKey::from_pem(&pem).is_err(), "{curve}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A changed byte is an error, or changes nothing that the document says.
    #[test]
    fn no_changed_byte_passes(changes in prop::collection::vec(any::<(Index, u8)>(), 1..3)) {
        let signed = sign(&document(Version::V1_5), &key()).unwrap();
        let mut bytes = signed.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if verify(&bytes, &[key().public_key()]).is_ok() {
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
            prop_assert_eq!(read(&bytes), read(&signed));
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(&bytes, &[]).is_err());
    }
}
