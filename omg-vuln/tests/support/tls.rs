//! A certificate authority for loopback.

// Shared by tests of which each uses a part.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, dead_code)]

use std::sync::Arc;

use omg_vuln::http::KeyPin;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

/// An authority that nobody trusts yet.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn pin(&self) -> KeyPin {
        pin(self.0.key())
    }

    /// A server for these names that sends the authority's certificate along.
    pub(crate) fn server(&self, names: &[&str]) -> (Arc<ServerConfig>, KeyPin) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.0)
            .unwrap();
        let chain = vec![certificate.der().clone(), CertificateDer::from(self.der())];
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .unwrap();
        (Arc::new(config), pin(&key))
    }
}

fn pin(key: &KeyPair) -> KeyPin {
    KeyPin::from_sha256(Sha256::digest(key.subject_public_key_info()).into())
}
