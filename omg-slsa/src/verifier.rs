//! The check itself: the Sigstore verifier, with what it leaves open closed.

use chrono::{DateTime, TimeDelta, Utc};
use sigstore_verify::types::{
    self, Artifact, ArtifactDigest, HashAlgorithm, LogKeyId, SignatureContent,
};
use sigstore_verify::{PublicKeyVerificationPolicy, SubjectAltName, VerificationPolicy, crypto};

use crate::attestation::{Attestation, Claims, LogEntry, Signer};
use crate::bundle::Bundle;
use crate::digest::{Algorithm, Digest, Digests};
use crate::error::{Error, Rejection};
use crate::expectations::{Expectations, Provenance};
use crate::fault;
use crate::merkle;
use crate::trust_root::{Domain, PublicKey, TrustRoot};

/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// `None` for a time that chrono cannot hold. The verifier's type of times is not a dependency of
/// this crate, and so cannot be named.
macro_rules! time_of {
    ($timestamp:expr) => {
        DateTime::<Utc>::from_timestamp($timestamp.as_second(), 0)
    };
}

/// Checks bundles against a trusted root.
pub struct Verifier {
    inner: sigstore_verify::Verifier,
    domain: Domain,
    logs: Vec<LogKeyId>,
    key: Option<PublicKey>,
}

impl Verifier {
    /// A verifier of bundles with certificates.
    ///
    /// # Errors
    /// [`Error::TrustRoot`] if the root holds what cannot be used.
    pub fn new(root: &TrustRoot) -> Result<Self, Error> {
        let inner = sigstore_verify::Verifier::new(&root.inner);
        Ok(Self {
            inner: inner.map_err(|error| Error::TrustRoot {
                detail: error.to_string(),
            })?,
            domain: root.domain,
            logs: root
                .inner
                .tlogs
                .iter()
                .map(|log| log.log_id.key_id.clone())
                .collect(),
            key: None,
        })
    }

    /// A verifier of bundles that were signed with this key.
    pub fn with_key(mut self, key: PublicKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Whether somebody signed this artifact, and whether that is what is expected.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate), and [`Error::Unmet`] with everything that is not
    /// as expected.
    pub fn verify(
        &self,
        bundle: &Bundle,
        digests: &Digests,
        expectations: &Expectations,
        at: DateTime<Utc>,
    ) -> Result<Provenance, Error> {
        expectations.check(self.authenticate(bundle, digests, at)?)
    }

    /// Whether somebody signed this artifact. Whoever that was, it is not yet known whether they
    /// may: anybody can sign anything.
    ///
    /// # Errors
    /// [`Error::Rejected`] if the evidence is broken, [`Error::MissingDigest`] if it cannot be
    /// checked without another digest of the artifact.
    pub fn authenticate(
        &self,
        bundle: &Bundle,
        digests: &Digests,
        at: DateTime<Utc>,
    ) -> Result<Attestation, Error> {
        self.requirements(bundle)?;
        let binding = binding(bundle, digests);
        let digest = match &binding {
            Ok((_, digest)) => Some(digest.clone()),
            // The signature is looked at all the same: that it is bad says more.
            Err(_) => digests.iter().next().cloned(),
        };
        let digest = digest.ok_or_else(|| Error::MissingDigest {
            needed: Algorithm::Sha256.to_string(),
        })?;
        let artifact = artifact(&digest)?;
        let result = match &self.key {
            Some(key) => {
                let policy = PublicKeyVerificationPolicy::new(key.inner.clone());
                self.inner.verify(artifact, &bundle.inner, &policy)
            }
            None => {
                let policy = VerificationPolicy::any_identity();
                let policy = match self.domain {
                    Domain::PublicGood => policy,
                    Domain::Github => policy.skip_tlog_unsafe().skip_sct(),
                };
                self.inner.verify(artifact, &bundle.inner, &policy)
            }
        };
        let result =
            result.map_err(|error| fault::of(&error, &bundle.inner, binding.as_ref().err()))?;
        let (subjects, _) = binding?;
        let times = result.verified_timestamps().iter();
        let times: Option<Vec<_>> = times.map(|t| time_of!(t)).collect();
        let mut times = times.ok_or_else(|| {
            Error::rejected(Rejection::FutureTime, "it was signed beyond all calendars")
        })?;
        times.sort_unstable();
        if times.iter().any(|time| *time > at + SKEW) {
            let detail = format!("it was signed after {at}");
            return Err(Error::rejected(Rejection::FutureTime, detail));
        }
        let statement = match &bundle.statement {
            Some(Ok(statement)) => Some(statement.clone()),
            _ => None,
        };
        Ok(Attestation {
            signer: signer(&result, self.key.as_ref()),
            times,
            log_entries: log_entries(bundle),
            domain: self.domain,
            digests: digests.clone(),
            subjects,
            statement,
        })
    }

    /// What the verifier below takes as given.
    fn requirements(&self, bundle: &Bundle) -> Result<(), Error> {
        if self.key.is_none() && bundle.has_managed_key() {
            return Err(Error::rejected(
                Rejection::Certificate,
                "there is no certificate, and no key was given",
            ));
        }
        if self.key.is_some() && !bundle.has_managed_key() {
            return Err(Error::rejected(
                Rejection::Signature,
                "it was signed with a certificate and not with the given key",
            ));
        }
        let material = &bundle.inner.verification_material;
        let tokens = &material.timestamp_verification_data.rfc3161_timestamps;
        match self.domain {
            Domain::PublicGood if material.tlog_entries.is_empty() => {
                let detail = "there is no log entry";
                Err(Error::rejected(Rejection::InclusionProof, detail))
            }
            Domain::Github if tokens.is_empty() => {
                let detail = "there is no timestamp by GitHub's authority";
                Err(Error::rejected(Rejection::NoTimestamp, detail))
            }
            _ => {
                merkle::check_entries(&material.tlog_entries)?;
                self.check_logs(&material.tlog_entries)
            }
        }
    }
}

impl Verifier {
    /// Entries of Rekor v2 name their log, and it is their checkpoint that is looked at.
    fn check_logs(&self, entries: &[types::TransparencyLogEntry]) -> Result<(), Error> {
        for entry in entries {
            if !self.logs.contains(&entry.log_id.key_id) {
                let detail = format!("the log {}", entry.log_id.key_id.to_base64());
                return Err(Error::rejected(Rejection::UnknownLog, detail));
            }
        }
        Ok(())
    }
}

/// The digest over which this bundle's message signature is, if there is one beside SHA-256.
pub(crate) fn message_algorithm(bundle: &types::Bundle) -> Option<Algorithm> {
    let SignatureContent::MessageSignature(_) = &bundle.content else {
        return None;
    };
    let certificate = bundle.signing_certificate()?;
    let info = crypto::parse_certificate_info(certificate).ok()?;
    match info
        .key_algorithm
        .default_signing_scheme()
        .hash_algorithm()?
    {
        HashAlgorithm::Sha2256 => Some(Algorithm::Sha256),
        HashAlgorithm::Sha2384 => Some(Algorithm::Sha384),
        HashAlgorithm::Sha2512 => Some(Algorithm::Sha512),
        _ => None,
    }
}

/// What is said of the artifact, and the digest that shows it.
fn binding(
    bundle: &Bundle,
    digests: &Digests,
) -> Result<(Vec<crate::statement::Subject>, Digest), Error> {
    match &bundle.statement {
        Some(Ok(statement)) => statement.matching(digests),
        Some(Err((reason, detail))) => Err(Error::rejected(*reason, detail.clone())),
        None => {
            // A bare key, and a certificate that names no other digest, sign SHA-256.
            let needed = match bundle.message {
                Some(algorithm) => algorithm,
                None => Algorithm::Sha256,
            };
            let digest = digests.get(needed).ok_or_else(|| Error::MissingDigest {
                needed: needed.to_string(),
            })?;
            if let SignatureContent::MessageSignature(message) = &bundle.inner.content
                && let Some(declared) = &message.message_digest
                && declared.algorithm == hash(needed)
                && declared.digest.as_bytes() != digest.as_bytes()
            {
                let detail = "the signed digest is not the artifact's";
                return Err(Error::rejected(Rejection::ArtifactDigest, detail));
            }
            Ok((Vec::new(), digest.clone()))
        }
    }
}

fn hash(algorithm: Algorithm) -> HashAlgorithm {
    match algorithm {
        Algorithm::Sha256 => HashAlgorithm::Sha2256,
        Algorithm::Sha384 => HashAlgorithm::Sha2384,
        Algorithm::Sha512 => HashAlgorithm::Sha2512,
    }
}

fn artifact(digest: &Digest) -> Result<Artifact<'static>, Error> {
    let value = types::encoding::DigestBytes::new(digest.as_bytes().to_vec());
    ArtifactDigest::new(hash(digest.algorithm()), value)
        .map(Artifact::Digest)
        .map_err(|error| Error::rejected(Rejection::ArtifactDigest, error.to_string()))
}

fn signer(result: &sigstore_verify::VerificationResult, key: Option<&PublicKey>) -> Signer {
    let certificate = result
        .certificate()
        .filter(|_| result.certificate_verified());
    let mut signer = Signer {
        key: key.map(|key| key.fingerprint().to_owned()),
        ..Signer::default()
    };
    let Some(certificate) = certificate else {
        return signer;
    };
    if let Some(identity) = &certificate.identity {
        signer.identity_is_uri = matches!(identity, SubjectAltName::Uri(_));
        signer.identity = Some(identity.as_str().to_owned());
    }
    signer.issuer.clone_from(&certificate.issuer);
    let claims = &certificate.ci_claims;
    // Certificates of before 2023 have GitHub's own claims only.
    let old = &claims.deprecated_github;
    let repository = old.workflow_repository.as_ref();
    signer.claims = Claims {
        runner_environment: claims.runner_environment.clone(),
        source_repository: claims
            .source_repository_uri
            .clone()
            .or_else(|| repository.map(|name| format!("https://github.com/{name}"))),
        source_commit: claims
            .source_repository_digest
            .clone()
            .or_else(|| old.workflow_sha.clone()),
        source_ref: claims
            .source_repository_ref
            .clone()
            .or_else(|| old.workflow_ref.clone()),
        source_repository_id: claims.source_repository_identifier.clone(),
        source_owner_id: claims.source_repository_owner_identifier.clone(),
        build_config: claims.build_config_uri.clone(),
        trigger: claims
            .build_trigger
            .clone()
            .or_else(|| old.workflow_trigger.clone()),
        run: claims.run_invocation_uri.clone(),
    };
    signer
}

fn log_entries(bundle: &Bundle) -> Vec<LogEntry> {
    let entries = &bundle.inner.verification_material.tlog_entries;
    let mut entries: Vec<_> = entries
        .iter()
        .map(|entry| LogEntry {
            log: entry.log_id.key_id.to_base64(),
            index: entry.log_index.get(),
            kind: format!(
                "{} {}",
                entry.kind_version.kind(),
                entry.kind_version.version()
            ),
            integrated: entry.integrated_time.and_then(|t| time_of!(t)),
        })
        .collect();
    entries.sort_by(|a, b| (&a.log, a.index).cmp(&(&b.log, b.index)));
    entries
}
