//! Shared test data, and what is common to cases.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout
)] // A test may fail anywhere.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use omg_slsa::{
    Bundle, Digest, Digests, Domain, Error, Expectations, Pattern, Provenance, PublicKey,
    TrustRoot, Verifier,
};
use serde_json::Value;

pub const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
pub const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The folder of shared test data, if it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let data = std::env::var_os("OMG_TEST_DATA")
        .map_or_else(|| workspace.join("../shared/data"), PathBuf::from);
    let dir = data.join("slsa").join(name);
    if dir.exists() {
        return Some(dir);
    }
    assert!(
        std::env::var_os("OMG_REQUIRE_TOOLS").is_none(),
        "no {dir:?}"
    );
    println!("skipped: no {}", dir.display());
    None
}

pub fn at() -> DateTime<Utc> {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

pub fn cases(dir: &Path) -> Vec<Value> {
    let text = std::fs::read(dir.join("cases.json")).unwrap();
    let list: Value = serde_json::from_slice(&text).unwrap();
    list.as_array().unwrap().clone()
}

/// A case of the conformance suite's layout.
pub struct Case {
    pub dir: PathBuf,
    pub artifact: Vec<u8>,
    pub root: Option<Vec<u8>>,
    pub key: Option<String>,
    pub identity: String,
    pub issuer: String,
    pub bundle: Vec<u8>,
}

impl Case {
    pub fn read(dir: PathBuf) -> Self {
        let own = |name: &str| std::fs::read(dir.join(name)).ok();
        let text = |name: &str| own(name).map(|bytes| String::from_utf8(bytes).unwrap());
        let name = |name: &str, default: &str| {
            text(name).map_or_else(|| default.to_owned(), |text| text.trim().to_owned())
        };
        Self {
            artifact: own("artifact").unwrap_or_else(|| own("../a.txt").unwrap()),
            root: own("trusted_root.json"),
            key: text("key.pub"),
            identity: name("identity", IDENTITY),
            issuer: name("issuer", ISSUER),
            bundle: own("bundle.sigstore.json").unwrap(),
            dir,
        }
    }

    pub fn verify(&self, by_digest: bool) -> Result<Provenance, Error> {
        let root = match &self.root {
            Some(root) => TrustRoot::parse(root, Domain::PublicGood)?,
            None => TrustRoot::embedded(Domain::PublicGood)?,
        };
        let mut verifier = Verifier::new(&root)?;
        let mut expectations = Expectations::default();
        match &self.key {
            Some(key) => verifier = verifier.with_key(PublicKey::from_pem(key)?),
            None => {
                expectations.identity = Some(Pattern::exact(&self.identity));
                expectations.issuer = Some(Pattern::exact(&self.issuer));
            }
        }
        let bundle = Bundle::parse(&self.bundle)?;
        let mut digests = Digests::of_reader(&self.artifact[..], &bundle.algorithms()).unwrap();
        if by_digest {
            let text = digests
                .get(omg_slsa::Algorithm::Sha256)
                .unwrap()
                .to_string();
            digests = text.parse::<Digest>().unwrap().into();
        }
        verifier.verify(&bundle, &digests, &expectations, at())
    }
}
