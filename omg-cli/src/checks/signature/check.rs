//! Checks the detached OpenPGP signature of a file.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use omg_pgp::{Error, Keyring, Policy, Rejection, SignatureFile, TrustModel, Verifier};

use super::keyring;
use super::query::SignatureQuery;
use super::result::{KeyringSummary, Outcome, SignatureResult};
use crate::session::context::Context;
use crate::session::failure::Failure;

/// A keyring, a trust model and a policy, read once for all files that are checked with them.
pub struct Checker {
    keyring: Keyring,
    trust: TrustModel,
    names: Vec<PathBuf>,
    policy: Policy,
    at: DateTime<Utc>,
}

/// Checks a file's signature.
pub fn look(context: &Context, query: &SignatureQuery) -> Result<SignatureResult, Failure> {
    let checker = Checker::load(context, query)?;
    let file = File::open(&query.file).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", query.file.display())).because(&error)
    })?;
    checker.check(query, file)
}

impl Checker {
    /// Reads the keyring that the query names, or the distribution's.
    pub fn load(context: &Context, query: &SignatureQuery) -> Result<Self, Failure> {
        let (keyring, trust, names) = keyring::load(context, query)?;
        for skipped in keyring.skipped() {
            let text = format!(
                "the keyring {} is not used from byte {} on: {}",
                skipped.keyring, skipped.offset, skipped.reason
            );
            if query.strict_keyring {
                return Err(Failure::config(text).try_this("leave --strict-keyring out"));
            }
            context.warn(&text);
        }
        Ok(Self {
            keyring,
            trust,
            names,
            policy: policy(context, query),
            at: context.at,
        })
    }

    /// Checks the signature of these bytes, which lies where the query says: the path of the file
    /// only says beside which name.
    pub fn check(
        &self,
        query: &SignatureQuery,
        bytes: impl Read,
    ) -> Result<SignatureResult, Failure> {
        let signature = signature(query, self.policy.max_signature_bytes)?;
        let outcome = match (&signature, &query.signature) {
            (Some(signature), _) => {
                let (trust, policy) = (self.trust.clone(), self.policy.clone());
                let verifier = Verifier::new(&self.keyring, trust, policy);
                check(&verifier, &query.file, bytes, &signature.bytes)?
            }
            (None, Some(named)) => Outcome::NoSignatureNamed(named.clone()),
            (None, None) => Outcome::NoSignatureBeside,
        };
        // Looking at every certificate takes a hundred times as long as the check.
        let expired = (self.trust != TrustModel::Plain && has_expired_key(&outcome)).then(|| {
            let standings = self.trust.standings(&self.keyring, self.at);
            let trusted = standings.iter().filter(|s| s.trust.is_trusted());
            let expired = trusted.clone().filter(|s| !s.is_valid).count();
            (expired, trusted.count())
        });
        Ok(SignatureResult {
            file: query.file.clone(),
            signature: signature.map(|found| found.path),
            keyring: KeyringSummary {
                names: self.names.clone(),
                certificates: self.keyring.len(),
                expired,
                skipped: self.keyring.skipped().to_vec(),
            },
            outcome,
        })
    }
}

fn has_expired_key(outcome: &Outcome) -> bool {
    let Outcome::Refused(refusal) = outcome else {
        return false;
    };
    let mut reasons = refusal.rejected().iter().map(|rejected| rejected.reason);
    reasons.any(|reason| reason == Rejection::KeyExpired)
}

fn check(
    verifier: &Verifier<'_>,
    path: &Path,
    bytes: impl Read,
    signature: &[u8],
) -> Result<Outcome, Failure> {
    match verifier.verify_detached(bytes, signature) {
        Ok(verification) => Ok(Outcome::Valid(verification)),
        Err(Error::Rejected(refusal)) => Ok(Outcome::Refused(refusal)),
        Err(Error::NoSignature) => Ok(Outcome::EmptySignature),
        Err(Error::NotASignature { reason, detail }) => Ok(Outcome::NotASignature(reason, detail)),
        Err(error) => {
            Err(Failure::incomplete(format!("cannot check {}", path.display())).because(&error))
        }
    }
}

/// Reads the signature that was named, or the one beside the file.
fn signature(
    query: &SignatureQuery,
    max_signature_bytes: usize,
) -> Result<Option<SignatureFile>, Failure> {
    // Enough for armour around the largest, and for seeing that it is too large.
    let limit = u64::try_from(max_signature_bytes).unwrap_or(u64::MAX);
    let limit = limit.saturating_mul(2);
    let found = match &query.signature {
        Some(path) => SignatureFile::read(path, limit).map(Some),
        None => SignatureFile::beside(&query.file, limit),
    };
    match (found, &query.signature) {
        (Ok(found), _) => Ok(found),
        (Err(error), Some(_)) if error.kind() == ErrorKind::NotFound => Ok(None),
        (Err(error), named) => {
            let message = match named {
                Some(path) => format!("cannot read the signature {}", path.display()),
                None => format!("cannot read the signature of {}", query.file.display()),
            };
            Err(Failure::incomplete(message).because(&error))
        }
    }
}

fn policy(context: &Context, query: &SignatureQuery) -> Policy {
    let mut policy = Policy::at(context.at);
    policy.threshold = query.threshold;
    policy.threshold_pqc = usize::from(query.require_pqc);
    policy.threshold_classical = usize::from(query.require_classical);
    policy.all_must_verify = query.all_signatures;
    policy.accept_text = query.accept_text;
    policy.keys_as_of = query.keys_as_of;
    policy
}
