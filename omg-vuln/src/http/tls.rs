//! Whom to trust: certificate chains, and pinned keys on top of them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use sha2::{Digest, Sha256};

use super::error::{HttpError, HttpErrorKind};

/// Which trust anchors count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Roots {
    /// Those of the system, and those given to the builder.
    #[default]
    System,
    /// Only those given to the builder.
    OnlyGiven,
}

/// The SHA-256 of a public key, in the form of its `SubjectPublicKeyInfo` in DER
/// (RFC 7469 section 2.4 pins the same thing).
///
/// # Examples
///
/// ```
/// use omg_vuln::http::KeyPin;
///
/// let pin: KeyPin = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".parse()?;
/// assert_eq!(pin.as_bytes()[0], 0x9f);
/// assert!("9f86".parse::<KeyPin>().is_err());
/// # Ok::<(), omg_vuln::http::HttpError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyPin([u8; 32]);

impl KeyPin {
    /// Takes a fingerprint as it is.
    #[must_use]
    pub const fn from_sha256(fingerprint: [u8; 32]) -> Self {
        Self(fingerprint)
    }

    /// The fingerprint.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for KeyPin {
    type Err = HttpError;

    /// Reads 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, HttpError> {
        let error = || {
            HttpError::new(HttpErrorKind::Setup, "(pin)").detail("a pin is 64 hexadecimal digits")
        };
        let mut fingerprint = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(error());
        }
        for (index, byte) in fingerprint.iter_mut().enumerate() {
            let digits = text.get(2 * index..2 * index + 2).ok_or_else(error)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| error())?;
        }
        Ok(Self(fingerprint))
    }
}

/// The pins of each host, by its name as [`host`] writes it.
pub(super) type Pins = BTreeMap<String, Vec<KeyPin>>;

/// One spelling for a host: lower case, no dot at the end, no brackets around IPv6.
pub(super) fn host(name: &str) -> String {
    name.trim_matches(['[', ']'])
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

/// Reads one certificate in DER, or any number in PEM.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let error =
        |detail: &str| HttpError::new(HttpErrorKind::Setup, "(root certificate)").detail(detail);
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    let found: Vec<_> = CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|source| error("neither DER nor PEM").source(source.to_string()))?;
    if found.is_empty() {
        return Err(error("no certificate found"));
    }
    Ok(found)
}

/// A TLS configuration that verifies chains, and the keys of pinned hosts.
pub(super) fn config(
    roots: Roots,
    given: Vec<CertificateDer<'static>>,
    pins: Pins,
) -> Result<ClientConfig, HttpError> {
    let error = |source| HttpError::new(HttpErrorKind::Setup, "(trust anchors)").source(source);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = verifier(roots, given, Arc::clone(&provider)).map_err(error)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(error)?
        .dangerous() // Because the verifier is our own; it wraps the ordinary one.
        .with_custom_certificate_verifier(Arc::new(PinningVerifier { chain, pins }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn verifier(
    roots: Roots,
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    match roots {
        Roots::System => {
            let verifier =
                rustls_platform_verifier::Verifier::new_with_extra_roots(given, provider)?;
            Ok(Arc::new(verifier))
        }
        Roots::OnlyGiven => {
            let mut store = RootCertStore::empty();
            for certificate in given {
                store.add(certificate)?;
            }
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider);
            let verifier = verifier.build();
            Ok(verifier.map_err(|error| rustls::Error::Other(OtherError(Arc::new(error))))?)
        }
    }
}

/// Verifies the chain, then that the end entity's key is pinned if the host has pins.
///
/// Only the end entity counts: the other certificates of the message need not be part of
/// the chain that was verified, so anybody could add one with a pinned key.
#[derive(Debug)]
struct PinningVerifier {
    chain: Arc<dyn ServerCertVerifier>,
    pins: Pins,
}

impl PinningVerifier {
    fn check_pin(
        &self,
        end_entity: &CertificateDer<'_>,
        server_name: &ServerName<'_>,
    ) -> Result<(), rustls::Error> {
        let Some(pins) = self.pins.get(&host(&server_name.to_str())) else {
            return Ok(());
        };
        let key = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        let found = KeyPin(Sha256::digest(&key).into());
        if pins.contains(&found) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(WrongPin))).into())
    }
}

impl ServerCertVerifier for PinningVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.chain.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        self.check_pin(end_entity, server_name)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

#[derive(Debug)]
struct WrongPin;

impl fmt::Display for WrongPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key is not one that is pinned for this host")
    }
}

impl std::error::Error for WrongPin {}

/// Finds a failed verification in the chain of causes of a failed request.
pub(super) fn verification_failure(error: &rustls::Error) -> Option<HttpErrorKind> {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(cause)))
            if cause.is::<WrongPin>() =>
        {
            Some(HttpErrorKind::Pin)
        }
        rustls::Error::InvalidCertificate(_) => Some(HttpErrorKind::Certificate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_spelling() {
        assert_eq!(host("API.OSV.dev."), "api.osv.dev");
        assert_eq!(host("[::1]"), "::1");
    }
}
