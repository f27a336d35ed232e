//! Whom to believe: authorities and logs, given and never fetched.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sigstore_verify::{trust_root, types};

use crate::digest::{Algorithm, Digests};
use crate::error::Error;
use crate::strict;

/// What an instance of Sigstore promises, and so what a bundle from it must bring.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// Every signature in a public log, every certificate in a public log of certificates.
    #[default]
    PublicGood,
    /// GitHub's own instance, for private repositories: no logs, and a timestamp by its authority.
    Github,
}

impl Domain {
    /// The name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::PublicGood => "public-good",
            Self::Github => "github",
        }
    }
}

/// Certificate authorities, timestamp authorities and logs that are trusted.
#[derive(Clone, Debug)]
pub struct TrustRoot {
    pub(crate) inner: trust_root::TrustedRoot,
    pub(crate) domain: Domain,
}

impl TrustRoot {
    /// Reads a `trusted_root.json`.
    ///
    /// # Errors
    /// [`Error::TrustRoot`] if it is none, or what it holds cannot be used.
    pub fn parse(bytes: &[u8], domain: Domain) -> Result<Self, Error> {
        let value =
            strict::parse(bytes, strict::BUNDLE_VALUES).map_err(|error| unusable(&error))?;
        let inner: trust_root::TrustedRoot =
            serde::Deserialize::deserialize(&value).map_err(|error| unusable(&error))?;
        Ok(Self { inner, domain })
    }

    /// The root of an instance as it was when this crate was released. Keys are exchanged over
    /// the years: a newer root comes from the instance's own repository.
    ///
    /// # Errors
    /// [`Error::TrustRoot`], if the embedded root cannot be read.
    pub fn embedded(domain: Domain) -> Result<Self, Error> {
        let text = match domain {
            Domain::PublicGood => trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT,
            Domain::Github => trust_root::SIGSTORE_GITHUB_TRUSTED_ROOT,
        };
        Self::parse(text.as_bytes(), domain)
    }

    /// The instance whose rules hold.
    pub fn domain(&self) -> Domain {
        self.domain
    }
}

/// A public key that is trusted by itself.
#[derive(Clone, Debug)]
pub struct PublicKey {
    pub(crate) inner: types::DerPublicKey,
    fingerprint: String,
}

impl PublicKey {
    /// Reads a key as PEM (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Error::TrustRoot`] if it is none.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let missing = || unusable(&"no PEM public key");
        let (_, rest) = text
            .split_once("-----BEGIN PUBLIC KEY-----")
            .ok_or_else(missing)?;
        let (body, _) = rest
            .split_once("-----END PUBLIC KEY-----")
            .ok_or_else(missing)?;
        let body: String = body.split_ascii_whitespace().collect();
        Self::from_base64(&body)
    }

    /// Reads a key as Base64 of its DER form.
    ///
    /// # Errors
    /// [`Error::TrustRoot`] if it is none.
    pub fn from_base64(text: &str) -> Result<Self, Error> {
        // RFC 7468, section 3: a parser should not be stricter than it must. The text is not
        // authenticated; which key comes out of it decides.
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let lax = GeneralPurpose::new(&alphabet::STANDARD, config);
        let der = lax.decode(text).map_err(|error| unusable(&error))?;
        let digests = Digests::of_reader(&der[..], &[Algorithm::Sha256]);
        let digests = digests.map_err(|error| unusable(&error))?;
        let fingerprint = digests.iter().map(ToString::to_string).collect();
        Ok(Self {
            inner: types::DerPublicKey::new(der),
            fingerprint,
        })
    }

    /// The digest of its DER form, such as `sha256:…`.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn unusable(error: &impl ToString) -> Error {
    Error::TrustRoot {
        detail: error.to_string(),
    }
}
