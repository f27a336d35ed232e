//! Keys from seeds: the same in every run, but for RSA, whose keys nobody makes from a seed.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};

use super::der::{bits, oid, seq};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    P256,
    P384,
    P521,
    Ed25519,
    Rsa,
}

enum Signer {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

pub struct Key {
    pub kind: Kind,
    /// The public key, as certificates have it (SubjectPublicKeyInfo).
    pub spki: Vec<u8>,
    signer: Signer,
}

impl Key {
    pub fn new(kind: Kind, seed: u8) -> Self {
        match kind {
            Kind::P256 => Self::ec(kind, seed, 32, "1.2.840.10045.3.1.7"),
            Kind::P384 => Self::ec(kind, seed, 48, "1.3.132.0.34"),
            Kind::P521 => Self::ec(kind, seed, 66, "1.3.132.0.35"),
            Kind::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
                let algorithm = seq(&[oid("1.3.101.112")]);
                let spki = seq(&[algorithm, bits(pair.public_key().as_ref())]);
                let signer = Signer::Ed(pair);
                Self { kind, spki, signer }
            }
            Kind::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
                let spki = spki.as_ref().to_vec();
                let signer = Signer::Rsa(Box::new(pair));
                Self { kind, spki, signer }
            }
        }
    }

    fn ec(kind: Kind, seed: u8, bytes: usize, curve: &str) -> Self {
        let mut secret = vec![seed; bytes];
        secret[0] = 0;
        let (agreement, signing) = match kind {
            Kind::P256 => (&ECDH_P256, &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            Kind::P384 => (&ECDH_P384, &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            _ => (&ECDH_P521, &signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        };
        let private = agreement::PrivateKey::from_private_key(agreement, &secret).unwrap();
        let point = private.compute_public_key().unwrap().as_ref().to_vec();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, &secret, &point);
        let algorithm = seq(&[oid("1.2.840.10045.2.1"), oid(curve)]);
        Self {
            kind,
            spki: seq(&[algorithm, bits(&point)]),
            signer: Signer::Ec(pair.unwrap()),
        }
    }

    /// A signature: ECDSA with the curve's own hash, Ed25519, RSA (PKCS #1) with SHA-256.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.signer {
            Signer::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Signer::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Signer::Rsa(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut out)
                    .unwrap();
                out
            }
        }
    }

    /// The name of the signature's algorithm, as certificates have it.
    pub fn signature_algorithm(&self) -> Vec<u8> {
        seq(&[oid(match self.kind {
            Kind::P256 => "1.2.840.10045.4.3.2",
            _ => "1.2.840.10045.4.3.3",
        })])
    }

    /// The name of key and hash in Sigstore's documents.
    pub fn details(&self) -> &'static str {
        match self.kind {
            Kind::P256 => "PKIX_ECDSA_P256_SHA_256",
            Kind::P384 => "PKIX_ECDSA_P384_SHA_384",
            Kind::P521 => "PKIX_ECDSA_P521_SHA_512",
            Kind::Ed25519 => "PKIX_ED25519",
            Kind::Rsa => "PKIX_RSA_PKCS1V15_2048_SHA256",
        }
    }
}
