//! The check.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use sequoia_openpgp::KeyHandle;
use sequoia_openpgp::anyhow;
use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _};
use sequoia_openpgp::types::{
    PublicKeyAlgorithm, ReasonForRevocation, RevocationStatus, RevocationType, SignatureType,
};

use crate::error::{Error, Rejection};
use crate::hash::{Algorithm, Digests, Mode};
use crate::keyring::Keyring;
use crate::policy::{KeysAsOf, Policy};
use crate::siglevel::{Level, Verify};
use crate::signatures::{self, Found, Item};
use crate::trust::{Judge, Trust, TrustModel, user_id};
use crate::verification::{Refusal, RefusalKind, RejectedSignature, Signer, Verification, visible};

/// How much is read at once.
const BUFFER: usize = 128 << 10;

/// Checks detached signatures against a keyring, under a trust model and a policy.
///
/// # Examples
///
/// ```no_run
/// use std::fs::File;
/// use omg_pgp::{Keyring, Policy, TrustModel, Verifier};
///
/// let keyring = Keyring::from_bytes("vendor.gpg", &std::fs::read("vendor.gpg")?)?;
/// let verifier = Verifier::new(&keyring, TrustModel::Plain, Policy::at("2026-11-24T00:00:00Z".parse()?));
/// let signature = std::fs::read("release.tar.sig")?;
/// let evidence = verifier.verify_detached(File::open("release.tar")?, &signature)?;
/// println!("signed by {}", evidence.signers()[0].certificate);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier<'a> {
    keyring: &'a Keyring,
    trust: TrustModel,
    policy: Policy,
}

impl<'a> Verifier<'a> {
    /// A verifier with these.
    pub fn new(keyring: &'a Keyring, trust: TrustModel, policy: Policy) -> Self {
        Self {
            keyring,
            trust,
            policy,
        }
    }

    /// Checks `signature`, a file of detached signatures, over all of `data`.
    ///
    /// The data are read once, to their end, whatever the signatures are like; the digests of all
    /// signatures and the SHA-256 of the data come from that one reading.
    ///
    /// # Errors
    ///
    /// [`Error::NoSignature`] and [`Error::NotASignature`] before anything is read;
    /// [`Error::Io`]; [`Error::Rejected`] with what was found instead.
    pub fn verify_detached(
        &self,
        mut data: impl Read,
        signature: &[u8],
    ) -> Result<Verification, Error> {
        let unarmored = signatures::unarmored(signature, &self.policy)?;
        let bytes = unarmored.as_deref().unwrap_or(signature);
        let items = signatures::parse(bytes, &self.policy)?;
        let mut digests = Digests::new();
        for found in items.iter().flatten() {
            if let Some(mode) = mode(found, &self.policy) {
                digests.need(mode);
            }
        }
        let mut buffer = vec![0; BUFFER];
        loop {
            match data.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => match buffer.get(..read) {
                    Some(bytes) => digests.update(bytes),
                    // `Read` promises otherwise; bytes that nobody has cannot be hashed.
                    None => return Err(Error::Io(std::io::ErrorKind::InvalidData.into())),
                },
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Io(error)),
            }
        }
        self.decide(&items, &digests)
    }

    /// Checks a file as `SigLevel` asks: what pacman would do with it.
    ///
    /// With `TrustAll` every certificate of the keyring is trusted, whatever the trust model.
    ///
    /// # Errors
    ///
    /// [`Error::NoSignature`] if one is required and there is none, and those of
    /// [`verify_detached`](Self::verify_detached).
    pub fn verify_at_level(
        &self,
        level: Level,
        data: impl Read,
        signature: Option<&[u8]>,
    ) -> Result<AtLevel, Error> {
        match (level.verify, signature) {
            (Verify::Never, _) => Ok(AtLevel::NotAsked),
            (Verify::Optional, None) => Ok(AtLevel::Unsigned),
            (Verify::Required, None) => Err(Error::NoSignature),
            (_, Some(signature)) => {
                let mut verifier = self.clone();
                if !level.trusted_only {
                    verifier.trust = TrustModel::Plain;
                }
                let evidence = verifier.verify_detached(data, signature)?;
                Ok(AtLevel::Verified(evidence))
            }
        }
    }

    /// Checks many files side by side, on as many threads; answers in the order of the jobs.
    ///
    /// `open` gives the data and the signatures of a job; it is called in the thread that reads
    /// them. What it cannot give is [`Error::Io`].
    pub fn verify_batch<J: Sync, R: Read>(
        &self,
        jobs: &[J],
        threads: std::num::NonZeroUsize,
        open: impl Fn(&J) -> std::io::Result<(R, Vec<u8>)> + Sync,
    ) -> Vec<Result<Verification, Error>> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(at) else { return done };
                let answer = match open(job) {
                    Ok((data, signature)) => self.verify_detached(data, &signature),
                    Err(error) => Err(Error::Io(error)),
                };
                done.push((at, answer));
            }
        };
        // What a thread that stopped was at has not been checked.
        let stopped = || Err(Error::Io(std::io::Error::other("its thread stopped")));
        let mut answers: Vec<_> = jobs.iter().map(|_| stopped()).collect();
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads.get().min(jobs.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let mut done = work();
            // The jobs of a thread that panicked keep their first answer, an error.
            done.extend(
                others
                    .into_iter()
                    .flat_map(std::thread::ScopedJoinHandle::join)
                    .flatten(),
            );
            for (at, answer) in done {
                if let Some(slot) = answers.get_mut(at) {
                    *slot = answer;
                }
            }
        });
        answers
    }

    fn decide(&self, items: &[Item<'_>], digests: &Digests) -> Result<Verification, Error> {
        let check = Check {
            policy: &self.policy,
            keyring: self.keyring,
            judge: Judge::new(&self.trust, self.keyring, self.policy.reference_time),
            digests,
        };
        let mut tally = Tally::default();
        for item in items {
            match item {
                Ok(found) => match check.signature(found) {
                    Ok(signer) => tally.good(signer),
                    Err(rejected) => tally.rejected.push(rejected),
                },
                Err((reason, detail)) => {
                    let rejected = RejectedSignature::new(*reason, None, detail.as_str());
                    tally.rejected.push(rejected);
                }
            }
        }
        tally.conclude(&self.policy, digests)
    }
}

/// What came of a check at a `SigLevel`. Only the last is evidence.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub enum AtLevel {
    /// Signatures are not looked at, at this level.
    NotAsked,
    /// There is no signature, and none is required.
    Unsigned,
    /// The signature is good.
    Verified(Verification),
}

/// The signature in a `%PGPSIG%` of a pacman sync database: Base64 in one line.
///
/// # Errors
///
/// [`Error::NotASignature`] if it is not Base64.
///
/// # Examples
///
/// ```
/// assert_eq!(omg_pgp::decode_pgpsig("iHUEABYKAB0=")?.len(), 8);
/// assert!(omg_pgp::decode_pgpsig("no signature").is_err());
/// # Ok::<(), omg_pgp::Error>(())
/// ```
pub fn decode_pgpsig(text: &str) -> Result<Vec<u8>, Error> {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim());
    decoded.map_err(|_| Error::NotASignature {
        reason: Rejection::Malformed,
        detail: "%PGPSIG% is not Base64".to_owned(),
    })
}

/// What the signatures come to.
#[derive(Default)]
struct Tally {
    trusted: Vec<Signer>,
    untrusted: Vec<Signer>,
    rejected: Vec<RejectedSignature>,
}

impl Tally {
    /// A certificate counts once, however often it signed.
    fn good(&mut self, signer: Signer) {
        let list = match signer.trust.is_trusted() {
            true => &mut self.trusted,
            false => &mut self.untrusted,
        };
        if list.iter().all(|s| s.certificate != signer.certificate) {
            list.push(signer);
        }
    }

    fn conclude(mut self, policy: &Policy, digests: &Digests) -> Result<Verification, Error> {
        for signer in &self.untrusted {
            self.rejected.push(untrusted(signer));
        }
        let Some(lacks) = self.lacks(policy) else {
            return Ok(Verification {
                signers: self.trusted,
                rejected: self.rejected,
                sha256: digests.sha256(),
                size: digests.size(),
            });
        };
        let kind = self.kind();
        let mut signers = self.trusted;
        signers.extend(self.untrusted);
        Err(Error::Rejected(Box::new(Refusal {
            kind,
            signers,
            rejected: self.rejected,
            lacks,
            sha256: digests.sha256(),
            size: digests.size(),
        })))
    }

    /// What the policy asks for and is not there.
    fn lacks(&self, policy: &Policy) -> Option<String> {
        let ignorable = |r: &&RejectedSignature| r.reason == Rejection::UnsupportedVersion;
        let bad = self.rejected.iter().filter(|r| !ignorable(r)).count();
        if policy.all_must_verify && bad > 0 {
            return Some(format!(
                "{bad} of the signatures did not verify, and all must"
            ));
        }
        let pqc = self.trusted.iter().filter(|s| s.pqc).count();
        let classical = self.trusted.len() - pqc;
        let too_few = |have: usize, need: usize, what: &str| {
            (have < need).then(|| format!("{have} of {need} signatures by {what}"))
        };
        // Nothing is accepted without a signature, whatever the policy says.
        too_few(
            self.trusted.len(),
            policy.threshold.max(1),
            "trusted signers",
        )
        .or_else(|| too_few(pqc, policy.threshold_pqc, "post-quantum keys"))
        .or_else(|| too_few(classical, policy.threshold_classical, "classical keys"))
    }

    fn kind(&self) -> RefusalKind {
        let reasons = || self.rejected.iter().map(|rejected| rejected.reason);
        let of_trust = |reason| matches!(reason, Rejection::Untrusted | Rejection::Disabled);
        let unknown = |reason| {
            matches!(
                reason,
                Rejection::MissingKey | Rejection::UnsupportedVersion | Rejection::Internal
            )
        };
        if reasons().any(|reason| !of_trust(reason) && !unknown(reason)) {
            RefusalKind::Invalid
        } else if reasons()
            .any(|reason| matches!(reason, Rejection::MissingKey | Rejection::Internal))
        {
            RefusalKind::UnknownSigner
        } else if reasons().any(of_trust) || !self.trusted.is_empty() {
            RefusalKind::Untrusted
        } else {
            RefusalKind::Invalid
        }
    }
}

fn untrusted(signer: &Signer) -> RejectedSignature {
    let (reason, detail) = match &signer.trust {
        Trust::Untrusted {
            have,
            needed,
            not_counted,
        } => {
            let mut detail = format!("{have} of {needed} certifications by main keys");
            for other in not_counted {
                detail.push_str(&format!("; not that of {}: {}", other.anchor, other.reason));
            }
            (Rejection::Untrusted, detail)
        }
        _ => (Rejection::Disabled, String::new()),
    };
    RejectedSignature {
        reason,
        key: Some(signer.key.clone()),
        detail,
    }
}

/// The checks of one signature.
struct Check<'a> {
    policy: &'a Policy,
    keyring: &'a Keyring,
    judge: Judge<'a>,
    digests: &'a Digests,
}

type Fault = (Rejection, String);

fn fault<T>(reason: Rejection, detail: impl Into<String>) -> Result<T, Fault> {
    Err((reason, detail.into()))
}

impl Check<'_> {
    fn signature(&self, found: &Found<'_>) -> Result<Signer, RejectedSignature> {
        let issuers = found.signature.get_issuers();
        let named = issuers
            .iter()
            .max_by_key(|issuer| issuer.as_bytes().len())
            .map(KeyHandle::to_hex);
        self.checked(found)
            .map_err(|(reason, detail)| RejectedSignature::new(reason, named, detail))
    }

    fn checked(&self, found: &Found<'_>) -> Result<Signer, Fault> {
        let signature = &found.signature;
        let accepted = match signature.typ() {
            SignatureType::Binary => true,
            SignatureType::Text => self.policy.accept_text,
            _ => false,
        };
        if !accepted {
            return fault(Rejection::WrongType, signature.typ().to_string());
        }
        let Some(created) = signature.signature_creation_time() else {
            return fault(Rejection::NoCreationTime, "");
        };
        let Some(mode) = mode(found, self.policy) else {
            return fault(Rejection::WeakAlgorithm, signature.hash_algo().to_string());
        };
        self.critical(signature)?;
        self.times(signature, created)?;
        let trailer = found.trailer();
        let Some(digest) = self.digests.with_trailer(&mode, &trailer) else {
            return fault(Rejection::Internal, "the data were not hashed for it");
        };
        let mut last = (Rejection::MissingKey, String::new());
        let issuers = signature.get_issuers();
        for issuer in &issuers {
            for cert in self.keyring.lookup(issuer) {
                for key in cert.keys().key_handle(issuer.clone()) {
                    match self.by_key(signature, &key, created, &digest) {
                        Ok(()) => return Ok(self.signer(&key, created, mode.algorithm)),
                        // What was found about a key says more than that there is none.
                        Err(fault) => last = fault,
                    }
                }
            }
        }
        if issuers.is_empty() {
            last.1 = "the signature names none".to_owned();
        }
        Err(last)
    }

    /// Whether everything critical is understood. Sequoia's policy also looks at the hash, which
    /// has been looked at.
    fn critical(&self, signature: &Signature) -> Result<(), Fault> {
        let security = HashAlgoSecurity::CollisionResistance;
        match self.judge.policy().signature(signature, security) {
            Ok(()) => Ok(()),
            Err(error) => fault(Rejection::CriticalUnknown, error.to_string()),
        }
    }

    fn times(&self, signature: &Signature, created: SystemTime) -> Result<(), Fault> {
        let now = SystemTime::from(self.policy.reference_time);
        // A negative tolerance is no tolerance.
        let skew = self.policy.clock_skew.to_std().unwrap_or(Duration::ZERO);
        if created > now + skew {
            let created = chrono::DateTime::<chrono::Utc>::from(created);
            return fault(Rejection::NotYetValid, created.to_rfc3339());
        }
        match signature.signature_expiration_time() {
            Some(end) if end <= now => {
                let end = chrono::DateTime::<chrono::Utc>::from(end);
                fault(Rejection::Expired, end.to_rfc3339())
            }
            _ => Ok(()),
        }
    }

    fn by_key(
        &self,
        signature: &Signature,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
        created: SystemTime,
        digest: &[u8],
    ) -> Result<(), Fault> {
        self.strength(key.key())?;
        self.key_at(key, created)?;
        #[cfg(feature = "aws-lc")]
        crate::large_rsa::learn_signature(key.key(), signature, digest);
        // The arithmetic, which says more than what follows.
        if signature.verify_digest(key.key(), digest).is_err() {
            return fault(Rejection::BadSignature, "");
        }
        if self.policy.keys_as_of == KeysAsOf::ReferenceTime {
            self.key_at(key, self.policy.reference_time.into())?;
        }
        Ok(())
    }

    fn strength(&self, key: &Key<PublicParts, UnspecifiedRole>) -> Result<(), Fault> {
        if let mpi::PublicKey::RSA { e, n } = key.mpis() {
            if n.bits() < self.policy.min_rsa_bits || n.bits() > self.policy.max_rsa_bits {
                return fault(
                    Rejection::WeakAlgorithm,
                    format!("RSA of {} bits", n.bits()),
                );
            }
            if e.bits() < 2 {
                return fault(Rejection::WeakAlgorithm, "RSA with the exponent 1");
            }
        }
        Ok(())
    }

    /// Whether the key is one that signs data, good at a time.
    fn key_at(
        &self,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
        time: SystemTime,
    ) -> Result<(), Fault> {
        if time < key.key().creation_time() {
            return fault(Rejection::KeyExpired, "the key was made later");
        }
        let valid = match key.clone().with_policy(self.judge.policy(), time) {
            Ok(valid) => valid,
            Err(error) => return fault(Rejection::NoBinding, chain(&error)),
        };
        // A key that was revoked hard is so at every time, whatever else is said of it.
        for status in [
            valid.valid_cert().revocation_status(),
            valid.revocation_status(),
        ] {
            if let RevocationStatus::Revoked(revocations) = status {
                return fault(Rejection::KeyRevoked, why_revoked(&revocations));
            }
        }
        // The certificate's own expiry is part of this.
        if let Err(error) = valid.alive() {
            return fault(Rejection::KeyExpired, chain(&error));
        }
        if !valid.for_signing() {
            return fault(Rejection::NotSigningCapable, "");
        }
        Ok(())
    }

    fn signer(
        &self,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
        created: SystemTime,
        hash: Algorithm,
    ) -> Signer {
        let cert = key.cert();
        let algorithm = key.key().pk_algo();
        Signer {
            certificate: cert.fingerprint().to_hex(),
            key: key.key().fingerprint().to_hex(),
            user_id: user_id(cert),
            created: created.into(),
            hash: hash.name().to_owned(),
            algorithm: algorithm_name(key.key()),
            pqc: is_pqc(algorithm),
            trust: self.judge.trust(cert),
        }
    }
}

/// How the data are hashed for a signature; `None` where its hash algorithm is not accepted.
fn mode(found: &Found<'_>, policy: &Policy) -> Option<Mode> {
    Some(Mode {
        algorithm: Algorithm::new(found.signature.hash_algo())?,
        salt: found.salt().to_vec(),
        text: policy.accept_text && found.signature.typ() == SignatureType::Text,
    })
}

fn chain(error: &anyhow::Error) -> String {
    visible(&error.to_string())
}

fn why_revoked(revocations: &[&Signature]) -> String {
    let reason = revocations
        .iter()
        .find_map(|sig| sig.reason_for_revocation());
    let Some((code, text)) = reason else {
        return "without a reason".to_owned();
    };
    let hard = matches!(code.revocation_type(), RevocationType::Hard);
    let words = match code {
        ReasonForRevocation::KeyCompromised => "the key is compromised",
        ReasonForRevocation::KeySuperseded => "the key is superseded",
        ReasonForRevocation::KeyRetired => "the key is retired",
        _ if hard => "without a reason that keeps old signatures valid",
        _ => "for a reason of its owner's",
    };
    let text = visible(&String::from_utf8_lossy(text));
    match text.is_empty() {
        true => words.to_owned(),
        false => format!("{words}: {text}"),
    }
}

fn algorithm_name(key: &Key<PublicParts, UnspecifiedRole>) -> String {
    match key.mpis() {
        mpi::PublicKey::RSA { n, .. } => format!("RSA{}", n.bits()),
        mpi::PublicKey::DSA { p, .. } => format!("DSA{}", p.bits()),
        mpi::PublicKey::ECDSA { curve, .. } => format!("ECDSA {curve}"),
        mpi::PublicKey::EdDSA { .. } => "Ed25519".to_owned(),
        _ => key.pk_algo().to_string(),
    }
}

/// The signature algorithms of RFC 9980, composite or hash-based.
fn is_pqc(algorithm: PublicKeyAlgorithm) -> bool {
    matches!(
        algorithm,
        PublicKeyAlgorithm::MLDSA65_Ed25519
            | PublicKeyAlgorithm::MLDSA87_Ed448
            | PublicKeyAlgorithm::SLHDSA128s
            | PublicKeyAlgorithm::SLHDSA128f
            | PublicKeyAlgorithm::SLHDSA256s
    )
}
