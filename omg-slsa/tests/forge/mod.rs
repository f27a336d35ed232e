//! A small Sigstore of our own: an authority, logs of both kinds, a log of certificates and a
//! timestamp authority. It makes bundles that are good, but for the one thing that a test breaks
//! before anything is signed over it, so that a refusal has that reason and no other.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // A test may fail anywhere, and its numbers are small.

pub mod der;
pub mod keys;
pub mod log;
pub mod pki;
pub mod tsa;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omg_slsa::{Bundle, Digests, Domain, Error, Provenance, PublicKey, TrustRoot, Verifier};
use omg_slsa::{Expectations, Pattern};
use serde_json::{Value, json};

use self::keys::{Key, Kind};
use self::log::{Head, Log, Promise};
use self::pki::{Certificate, Sct};
use self::tsa::Token;

/// When things are signed: 3 July 2024, in seconds since 1970.
pub const SIGNED: i64 = 1_720_000_000;
pub const YEAR: i64 = 365 * 86_400;
pub const TSA_SERIAL: u64 = 77;
pub const ARTIFACT: &[u8] = b"an artifact\n";
pub const IDENTITY: &str = "https://github.com/owner/tool/.github/workflows/a.yml@refs/heads/main";
pub const ISSUER: &str = "https://token.actions.githubusercontent.com";
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

pub fn sha256(data: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, data).as_ref().to_vec()
}

pub fn base64(data: &[u8]) -> String {
    STANDARD.encode(data)
}

pub fn unbase64(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

pub fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        base64(der)
    )
}

/// The keys of everybody, and the certificates of authorities.
pub struct World {
    pub root: Key,
    pub authority: Key,
    pub stranger: Key,
    pub certificates_log: Key,
    pub rekor1: Key,
    pub rekor2: Key,
    pub tsa_root: Key,
    pub tsa: Key,
    /// The chain of the authority, its own certificate first.
    pub chain: [Vec<u8>; 2],
    pub tsa_chain: [Vec<u8>; 2],
}

fn authority(subject: &str, issuer: &str, serial: u64) -> Certificate {
    Certificate {
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        from: SIGNED - 2 * YEAR,
        to: SIGNED + 9 * YEAR,
        serial,
        extensions: pki::authority(),
    }
}

impl World {
    pub fn new() -> Self {
        let [root, authority_key, stranger] = [1, 2, 3].map(|seed| Key::new(Kind::P384, seed));
        let [certificates_log, rekor1, tsa_root, tsa] =
            [4, 5, 6, 7].map(|seed| Key::new(Kind::P256, seed));
        let rekor2 = Key::new(Kind::Ed25519, 8);
        let top = authority("root", "root", 1).sign(&root.spki, &root);
        let middle = authority("authority", "root", 2).sign(&authority_key.spki, &root);
        let tsa_top = authority("tsa root", "tsa root", 3).sign(&tsa_root.spki, &tsa_root);
        let tsa_leaf = Certificate {
            extensions: vec![pki::usage(pki::TIME_STAMPING)],
            ..authority("tsa", "tsa root", TSA_SERIAL)
        };
        let tsa_leaf = tsa_leaf.sign(&tsa.spki, &tsa_root);
        Self {
            root,
            authority: authority_key,
            stranger,
            certificates_log,
            rekor1,
            rekor2,
            tsa_root,
            tsa,
            chain: [middle, top],
            tsa_chain: [tsa_leaf, tsa_top],
        }
    }

    pub fn trusted_root(&self) -> Value {
        let valid = json!({ "start": "2023-01-01T00:00:00Z" });
        let log = |url: &str, key: &Key, id: &[u8]| {
            json!({
                "baseUrl": url,
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": base64(&key.spki), "keyDetails": key.details(), "validFor": valid,
                },
                "logId": { "keyId": base64(id) },
            })
        };
        let chain = |chain: &[Vec<u8>]| {
            let list = chain.iter().map(|one| json!({ "rawBytes": base64(one) }));
            json!({ "certificates": list.collect::<Vec<_>>() })
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [
                log("https://rekor.example", &self.rekor1, &sha256(&self.rekor1.spki)),
                log("https://log2.example", &self.rekor2, &log::id(&self.rekor2)),
            ],
            "certificateAuthorities": [{
                "subject": { "organization": "example", "commonName": "authority" },
                "uri": "https://fulcio.example",
                "certChain": chain(&self.chain),
                "validFor": valid,
            }],
            "ctlogs": [log(
                "https://ct.example", &self.certificates_log, &sha256(&self.certificates_log.spki),
            )],
            "timestampAuthorities": [{
                "subject": { "organization": "example", "commonName": "tsa" },
                "uri": "https://tsa.example",
                "certChain": chain(&self.tsa_chain),
                "validFor": valid,
            }],
        })
    }
}

/// A bundle to be made, and the one thing that is wrong with it.
#[derive(Clone)]
pub struct Forge {
    pub media_type: &'static str,
    pub log: Log,
    /// An in-toto statement in place of a signature over the artifact.
    pub statement: bool,
    /// A key of its own in place of a certificate.
    pub managed: bool,
    /// The kind of the signer's key.
    pub kind: Kind,
    /// When it is logged and timestamped.
    pub at: i64,
    pub sct: Sct,
    pub token: Option<Token>,
    pub head: Head,
    pub promise: Promise,
    /// Somebody whom nobody trusts signs the certificate.
    pub other_authority: bool,
    pub certificate: fn(&mut Certificate),
    /// Changes the statement before it is signed.
    pub payload: fn(&mut Value),
    /// Changes the signature before it is logged and timestamped.
    pub signature: fn(&mut Vec<u8>),
    /// Changes what is logged before the log signs.
    pub body: fn(&mut Value),
    /// Changes the bundle at the end.
    pub bundle: fn(&mut Value),
    /// Changes the trusted root.
    pub root: fn(&mut Value),
}

pub const V01: &str = "application/vnd.dev.sigstore.bundle+json;version=0.1";
pub const V02: &str = "application/vnd.dev.sigstore.bundle+json;version=0.2";
pub const V03: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A good bundle of version 0.3 with a log of the first kind.
pub fn rekor1() -> Forge {
    Forge {
        media_type: V03,
        log: Log::Rekor1,
        statement: false,
        managed: false,
        kind: Kind::P256,
        at: SIGNED,
        sct: Sct::Good,
        token: None,
        head: Head::Good,
        promise: Promise::Good,
        other_authority: false,
        certificate: |_| {},
        payload: |_| {},
        signature: |_| {},
        body: |_| {},
        bundle: |_| {},
        root: |_| {},
    }
}

/// A good bundle of version 0.3 with a log of the second kind, and so with a timestamp.
pub fn rekor2() -> Forge {
    Forge {
        log: Log::Rekor2,
        token: Some(Token::Good),
        ..rekor1()
    }
}

/// What was made: a bundle, a trusted root and the signer's key.
pub struct Made {
    pub bundle: Value,
    pub root: Value,
    pub key: String,
}

/// Everything that goes into an entry of a log.
pub struct Signed {
    pub digest: (&'static str, Vec<u8>),
    pub payload: Option<Vec<u8>>,
    pub signature: Vec<u8>,
    /// The certificate or the key.
    pub verifier: Vec<u8>,
    pub managed: bool,
    pub details: &'static str,
}

pub fn pae(payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {IN_TOTO} {} ", IN_TOTO.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// The name of the hash that a key is used with, and the hash itself.
fn message_digest(kind: Kind) -> (&'static str, Vec<u8>) {
    let (name, algorithm) = match kind {
        Kind::P384 => ("SHA2_384", &digest::SHA384),
        Kind::P521 | Kind::Ed25519 => ("SHA2_512", &digest::SHA512),
        Kind::P256 | Kind::Rsa => ("SHA2_256", &digest::SHA256),
    };
    (name, digest::digest(algorithm, ARTIFACT).as_ref().to_vec())
}

impl Forge {
    pub fn make(&self) -> Made {
        let world = World::new();
        let key = Key::new(self.kind, 9);
        let (verifier, material) = self.material(&world, &key);
        let payload = self.statement.then(|| self.statement());
        let mut signature = match &payload {
            Some(payload) => key.sign(&pae(payload)),
            None => key.sign(ARTIFACT),
        };
        (self.signature)(&mut signature);
        let signed = Signed {
            digest: message_digest(self.kind),
            payload,
            signature,
            verifier,
            managed: self.managed,
            details: key.details(),
        };
        let entry = log::entry(self, &world, &signed);
        let mut bundle = json!({ "mediaType": self.media_type });
        bundle["verificationMaterial"] = material;
        bundle["verificationMaterial"]["tlogEntries"] = json!([entry]);
        if let Some(token) = self.token {
            let (key, issuer) = match token {
                Token::Untrusted(_) => (&world.stranger, "nobody's root"),
                _ => (&world.tsa, "tsa root"),
            };
            let leaf = &world.tsa_chain[0];
            let token = tsa::token(&signed.signature, self.at, key, issuer, leaf, token);
            bundle["verificationMaterial"]["timestampVerificationData"] =
                json!({ "rfc3161Timestamps": [{ "signedTimestamp": base64(&token) }] });
        }
        match &signed.payload {
            Some(payload) => {
                bundle["dsseEnvelope"] = json!({
                    "payload": base64(payload),
                    "payloadType": IN_TOTO,
                    "signatures": [{ "sig": base64(&signed.signature) }],
                });
            }
            None => {
                let (algorithm, digest) = &signed.digest;
                bundle["messageSignature"] = json!({
                    "messageDigest": { "algorithm": algorithm, "digest": base64(digest) },
                    "signature": base64(&signed.signature),
                });
            }
        }
        (self.bundle)(&mut bundle);
        let mut root = world.trusted_root();
        (self.root)(&mut root);
        Made {
            bundle,
            root,
            key: pem("PUBLIC KEY", &key.spki),
        }
    }

    fn statement(&self) -> Vec<u8> {
        let mut statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{
                "name": "artifact", "digest": { "sha256": hex::encode(sha256(ARTIFACT)) },
            }],
            "predicateType": "https://example.com/predicate/v1",
            "predicate": { "said": "something" },
        });
        (self.payload)(&mut statement);
        statement.to_string().into_bytes()
    }

    /// The certificate or key, and how the bundle has it.
    fn material(&self, world: &World, key: &Key) -> (Vec<u8>, Value) {
        if self.managed {
            let hint = base64(&sha256(&key.spki));
            return (key.spki.clone(), json!({ "publicKey": { "hint": hint } }));
        }
        let mut certificate = Certificate {
            subject: String::new(),
            issuer: "authority".to_owned(),
            from: SIGNED - 60,
            to: SIGNED + 540,
            serial: 4711,
            extensions: vec![
                pki::usage(pki::CODE_SIGNING),
                pki::san(IDENTITY),
                pki::claim(1, ISSUER),
                pki::claim(8, ISSUER),
                pki::claim(11, "github-hosted"),
                pki::claim(12, "https://github.com/owner/tool"),
            ],
        };
        (self.certificate)(&mut certificate);
        let by = match self.other_authority {
            true => &world.stranger,
            false => &world.authority,
        };
        let log = &world.certificates_log;
        let der = certificate.sign_logged(&key.spki, by, log, self.sct, &world.tsa);
        let one = json!({ "rawBytes": base64(&der) });
        let material = match self.media_type {
            V03 => json!({ "certificate": one }),
            _ => json!({ "x509CertificateChain": { "certificates": [one] } }),
        };
        (der, material)
    }
}

impl Made {
    pub fn verify(&self) -> Result<Provenance, Error> {
        self.verify_bytes(ARTIFACT)
    }

    pub fn verify_bytes(&self, artifact: &[u8]) -> Result<Provenance, Error> {
        self.verify_at(artifact, "2026-11-24T00:00:00Z")
    }

    pub fn verify_at(&self, artifact: &[u8], at: &str) -> Result<Provenance, Error> {
        let root = self.root.to_string();
        let root = TrustRoot::parse(root.as_bytes(), Domain::PublicGood)?;
        let mut verifier = Verifier::new(&root)?;
        let bundle = Bundle::parse(self.bundle.to_string().as_bytes())?;
        let mut expected = Expectations::default();
        match bundle.has_managed_key() {
            true => verifier = verifier.with_key(PublicKey::from_pem(&self.key)?),
            false => {
                expected.identity = Some(Pattern::exact(IDENTITY));
                expected.issuer = Some(Pattern::exact(ISSUER));
            }
        }
        let digests = Digests::of_reader(artifact, &bundle.algorithms()).unwrap();
        verifier.verify(&bundle, &digests, &expected, at.parse().unwrap())
    }
}
