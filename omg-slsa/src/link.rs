//! Independent rebuilds: others built the same sources again, got the same bytes and signed that.
//!
//! It is what distributions have where they publish no provenance: rebuilderd hands out in-toto
//! links, each signed by a rebuilder with Ed25519 (in-toto specification 1.0, section 4.4).
//! Several who agree need all to be wrong in the same way.

use std::collections::BTreeSet;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Map, Value};

use crate::canonical::{self, Escapes};
use crate::digest::{Algorithm, Digest, Digests};
use crate::error::{Error, Rejection};
use crate::expectations::{Check, Checks};
use crate::strict;
use crate::trust_root::PublicKey;

/// The most attestations that are looked at together.
pub const MAX_ATTESTATIONS: usize = 32;
/// The most rebuilders that may be trusted together.
pub const MAX_REBUILDERS: usize = 32;
/// The most signatures of one attestation.
const MAX_SIGNATURES: usize = 8;
/// How an Ed25519 key begins in DER: RFC 8410, section 4.
const ED25519_DER: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Somebody whose rebuilds count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rebuilder {
    name: String,
    key: [u8; 32],
}

impl Rebuilder {
    /// A rebuilder by its key, which must be of Ed25519; `name` is for people.
    ///
    /// # Errors
    /// [`Error::TrustRoot`] if the key is of another kind.
    pub fn new(name: &str, key: &PublicKey) -> Result<Self, Error> {
        let raw = key.inner.as_bytes().strip_prefix(&ED25519_DER[..]);
        let key = raw.and_then(|raw| raw.try_into().ok());
        let key = key.ok_or_else(|| Error::TrustRoot {
            detail: format!("the key of {name} is not an Ed25519 key"),
        })?;
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }
}

/// The proof that enough rebuilders got the same bytes. Only the check makes it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rebuilds {
    by: Vec<String>,
    count: usize,
    checks: Vec<Check>,
    products: Vec<String>,
    recipes: Vec<Option<Digest>>,
}

impl Rebuilds {
    /// Whether at least `needed` of the rebuilders signed that they got the artifact with these
    /// digests. A rebuilder counts once, however often it signed and however it is named; at
    /// least one is needed, whatever is asked for.
    ///
    /// # Errors
    /// [`Error::Rejected`] if no attestation is a link that one of the rebuilders signed,
    /// [`Error::UnmetRebuilds`] if too few agree.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_slsa::{Algorithm, Digests, Rebuilds};
    ///
    /// let package = Digests::of_reader(&b"a package"[..], &[Algorithm::Sha256])?;
    /// let nobody = Rebuilds::verify::<&[u8]>(&[], &[], &package, 0);
    /// assert!(nobody.is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn verify<A: AsRef<[u8]>>(
        attestations: &[A],
        rebuilders: &[Rebuilder],
        digests: &Digests,
        needed: usize,
    ) -> Result<Self, Error> {
        if attestations.len() > MAX_ATTESTATIONS || rebuilders.len() > MAX_REBUILDERS {
            let detail =
                format!("more than {MAX_ATTESTATIONS} attestations or {MAX_REBUILDERS} rebuilders");
            return Err(Error::rejected(Rejection::Limit, detail));
        }
        let mut checks = Checks(Vec::new());
        let mut agreed: BTreeSet<[u8; 32]> = BTreeSet::new();
        let mut by = Vec::new();
        let mut first = None;
        let mut signed = 0;
        let (mut products, mut recipes) = (Vec::new(), Vec::new());
        for attestation in attestations {
            match Link::open(attestation.as_ref(), rebuilders) {
                Err(error) => {
                    checks.add("rebuild", false, error.to_string());
                    first.get_or_insert(error);
                }
                Ok(link) => {
                    signed += 1;
                    let found = link.product(digests);
                    if let Ok(product) = &found {
                        products.push(product.clone());
                        recipes.extend(link.recipes());
                    }
                    for signer in &link.signers {
                        let (met, detail) = match &found {
                            Ok(product) => (true, format!("{} got {product}", signer.name)),
                            Err(other) => (false, format!("{}: {other}", signer.name)),
                        };
                        if !met || agreed.insert(signer.key) {
                            checks.add("rebuild", met, detail);
                        }
                        if met && !by.contains(&signer.name) {
                            by.push(signer.name.clone());
                        }
                    }
                }
            }
        }
        let needed = needed.max(1);
        if agreed.len() >= needed {
            return Ok(Self {
                by,
                count: agreed.len(),
                checks: checks.0,
                products,
                recipes,
            });
        }
        if let (0, Some(error)) = (signed, first) {
            return Err(error);
        }
        let detail = format!("{} of {needed} rebuilders agree", agreed.len());
        checks.add("threshold", false, detail);
        Err(Error::UnmetRebuilds(checks.0))
    }

    /// Who got the same bytes.
    pub fn by(&self) -> &[String] {
        &self.by
    }

    /// How many independent rebuilders got the same bytes.
    pub fn count(&self) -> usize {
        self.count
    }

    /// What those who agree call the artifact: the name of a package file.
    pub fn products(&self) -> &[String] {
        &self.products
    }

    /// The digests (SHA-256) of every PKGBUILD that those who agree say they built from; `None`
    /// for one whose digest is of another kind or cannot be read.
    pub fn recipes(&self) -> &[Option<Digest>] {
        &self.recipes
    }

    /// What was found of each attestation.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}

/// A link that somebody who is trusted signed.
struct Link<'a> {
    products: Map<String, Value>,
    materials: Map<String, Value>,
    signers: Vec<&'a Rebuilder>,
}

impl<'a> Link<'a> {
    fn open(bytes: &[u8], rebuilders: &'a [Rebuilder]) -> Result<Self, Error> {
        let mut value = strict::parse(bytes, strict::STATEMENT_VALUES)?;
        let bad = |detail: &str| Error::rejected(Rejection::BundleStructure, detail);
        let signed = value.get_mut("signed").map(Value::take);
        let mut signed = signed.ok_or_else(|| bad("nothing is signed"))?;
        if signed.get("_type").and_then(Value::as_str) != Some("link") {
            return Err(Error::rejected(Rejection::Statement, "it is no link"));
        }
        let signatures = value.get("signatures").and_then(Value::as_array);
        let signatures = signatures.ok_or_else(|| bad("no signatures"))?;
        if signatures.len() > MAX_SIGNATURES {
            let detail = format!("more than {MAX_SIGNATURES} signatures");
            return Err(Error::rejected(Rejection::Limit, detail));
        }
        // Implementations differ in how control characters are written. Neither way leaves a
        // choice of what was signed.
        let forms = [Escapes::Olpc, Escapes::Rust].map(|escapes| canonical::of(&signed, escapes));
        let [Some(olpc), Some(rust)] = forms else {
            return Err(bad("a number is not an integer"));
        };
        let signature = |one: &Value| {
            let digits = one.get("sig").and_then(Value::as_str)?;
            hex::decode(digits).ok()
        };
        let signatures: Vec<_> = signatures.iter().filter_map(signature).collect();
        let signs = |rebuilder: &&Rebuilder| {
            let key = UnparsedPublicKey::new(&ED25519, rebuilder.key);
            let good = |form: &[u8], sig: &[u8]| key.verify(form, sig).is_ok();
            let mut signatures = signatures.iter();
            signatures.any(|sig| good(&olpc, sig) || good(&rust, sig))
        };
        let signers: Vec<_> = rebuilders.iter().filter(signs).collect();
        if signers.is_empty() {
            let detail = "none of the rebuilders signed this";
            return Err(Error::rejected(Rejection::Signature, detail));
        }
        let mut part = |name: &str| match signed.get_mut(name).map(Value::take) {
            Some(Value::Object(part)) => Ok(part),
            _ => Err(bad(&format!("no {name}"))),
        };
        Ok(Self {
            products: part("products")?,
            materials: part("materials")?,
            signers,
        })
    }

    /// The digests of what is called PKGBUILD, wherever it lay.
    fn recipes(&self) -> Vec<Option<Digest>> {
        let materials = self.materials.iter();
        let recipes = materials.filter(|(path, _)| path.rsplit('/').next() == Some("PKGBUILD"));
        recipes
            .map(|(_, hashes)| {
                let digits = hashes.get("sha256").and_then(Value::as_str)?;
                Digest::from_hex(Algorithm::Sha256, digits).ok()
            })
            .collect()
    }

    /// The name of the product that is the artifact; what is said of it otherwise.
    fn product(&self, digests: &Digests) -> Result<String, String> {
        let is_it = |hashes: &Value| {
            let Some(hashes) = hashes.as_object() else {
                return false;
            };
            let mut matched = false;
            for (name, value) in hashes {
                let known = Algorithm::from_name(name).and_then(|a| Some((a, digests.get(a)?)));
                // Another kind of digest says nothing; one of a kind that is known must fit.
                let Some((algorithm, ours)) = known else {
                    continue;
                };
                let theirs = value.as_str().map(|text| Digest::from_hex(algorithm, text));
                if !matches!(&theirs, Some(Ok(theirs)) if theirs == ours) {
                    return false;
                }
                matched = true;
            }
            matched
        };
        let found = self.products.iter().find(|(_, hashes)| is_it(hashes));
        match (found, self.products.keys().next()) {
            (Some((name, _)), _) => Ok(name.clone()),
            (None, Some(other)) => Err(format!("other bytes, or another product ({other})")),
            (None, None) => Err("it names no product".to_owned()),
        }
    }
}
