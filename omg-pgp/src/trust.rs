//! Who is trusted.

use std::collections::BTreeSet;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, RevocationStatus};
use sequoia_openpgp::{Cert, Fingerprint};
use serde::Serialize;

use crate::error::KeyringError;
use crate::keyring::Keyring;
use crate::verification::visible;

/// How it is decided whether a signer is trusted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum TrustModel {
    /// The certificates of the keyring are trusted, all of them. Right for a keyring that was
    /// made for the purpose, and wrong for `archlinux.gpg`, which holds many that pacman trusts
    /// no more.
    #[default]
    Plain,
    /// Anchors are trusted, and whoever enough of them certified.
    Anchored(Anchors),
}

/// Certificates that are trusted to vouch for others, as pacman's main keys are.
///
/// For Arch Linux these are the files beside `archlinux.gpg`: the main keys are those in
/// `archlinux-trusted`, a packager needs valid certifications by three of them on one user ID,
/// and `archlinux-revoked` disables. It is what `pacman-key --populate` and GnuPG's web of trust
/// come to (`marginals-needed 3`), without GnuPG and without state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Anchors {
    anchors: BTreeSet<String>,
    disabled: BTreeSet<String>,
    /// How many anchors must have certified a signer: three by default, and at least one.
    pub needed: usize,
}

impl Anchors {
    /// Reads lists of fingerprints: `archlinux-trusted`, with lines like `FINGERPRINT:4:`, and
    /// `archlinux-revoked`, with bare fingerprints. Empty lines and those with `#` are skipped.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Fingerprint`]; [`KeyringError::Empty`] if there is no anchor.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_pgp::Anchors;
    ///
    /// let trusted = "D8AFDDA07A5B6EDFA7D8CCDAD6D055F927843F1C:4:\n";
    /// let anchors = Anchors::parse(trusted, "")?;
    /// assert_eq!(anchors.needed, 3);
    /// assert!(Anchors::parse("", "").is_err());
    /// # Ok::<(), omg_pgp::KeyringError>(())
    /// ```
    pub fn parse(trusted: &str, revoked: &str) -> Result<Self, KeyringError> {
        let anchors = fingerprints("the list of trusted keys", trusted)?;
        if anchors.is_empty() {
            let name = "the list of trusted keys".to_owned();
            return Err(KeyringError::Empty { name });
        }
        let disabled = fingerprints("the list of revoked keys", revoked)?;
        Ok(Self {
            anchors,
            disabled,
            needed: 3,
        })
    }

    /// Anchors by their fingerprints in hexadecimal, three of whom are needed; none is disabled.
    pub fn new(fingerprints: impl IntoIterator<Item = String>) -> Self {
        let upper = |text: String| text.to_ascii_uppercase();
        Self {
            anchors: fingerprints.into_iter().map(upper).collect(),
            disabled: BTreeSet::new(),
            needed: 3,
        }
    }

    fn is_anchor(&self, fingerprint: &Fingerprint) -> bool {
        self.anchors.contains(&fingerprint.to_hex())
    }

    fn is_disabled(&self, fingerprint: &Fingerprint) -> bool {
        self.disabled.contains(&fingerprint.to_hex())
    }
}

fn fingerprints(name: &str, text: &str) -> Result<BTreeSet<String>, KeyringError> {
    let lines = text.lines().enumerate();
    let lines = lines.map(|(number, line)| (number, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let (digits, _) = line.split_once(':').unwrap_or((line, ""));
            let digits = digits.to_ascii_uppercase();
            let whole = matches!(digits.len(), 40 | 64);
            match whole && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                true => Ok(digits),
                false => Err(KeyringError::Fingerprint {
                    name: name.to_owned(),
                    line: number + 1,
                }),
            }
        })
        .collect()
}

/// Why a signer is trusted, or not.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trust {
    /// The certificate is in a keyring all of which is trusted.
    Given,
    /// The certificate is an anchor itself.
    Anchor,
    /// Enough anchors certified it.
    Certified {
        /// The user ID that they certified.
        user_id: String,
        /// By whom: as many as were needed, in the order of the anchors.
        by: Vec<Certification>,
        /// How many were needed.
        needed: usize,
    },
    /// Too few anchors certified it.
    Untrusted {
        /// How many did, on the user ID with the most.
        have: usize,
        /// How many were needed.
        needed: usize,
        /// Certifications by anchors that do not count.
        not_counted: Vec<NotCounted>,
    },
    /// It is on the list of revoked keys.
    Disabled,
}

impl Trust {
    /// Whether the signer is trusted.
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Given | Self::Anchor | Self::Certified { .. })
    }
}

/// A certification that counts.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Certification {
    /// The fingerprint of the anchor.
    pub anchor: String,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A certification that does not count.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NotCounted {
    /// The fingerprint of the anchor.
    pub anchor: String,
    /// Why.
    pub reason: String,
}

/// A certificate of the keyring, and whether it is trusted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Standing {
    /// The fingerprint.
    pub certificate: String,
    /// Who it says it is.
    pub user_id: Option<String>,
    /// Whether it is valid at all at the time: neither expired nor revoked.
    pub is_valid: bool,
    /// Who vouches for it, whether it is valid or not.
    pub trust: Trust,
}

impl TrustModel {
    /// How every certificate of a keyring stands at a time, in the keyring's order.
    pub fn standings(&self, keyring: &Keyring, at: DateTime<Utc>) -> Vec<Standing> {
        let judge = Judge::new(self, keyring, at);
        let standing = |cert: &Cert| Standing {
            certificate: cert.fingerprint().to_hex(),
            user_id: user_id(cert),
            is_valid: judge.is_valid(cert),
            trust: judge.trust(cert),
        };
        keyring.certs().map(standing).collect()
    }
}

/// The name that a certificate shows for people.
pub(crate) fn user_id(cert: &Cert) -> Option<String> {
    let user_id = cert.userids().next()?;
    Some(visible(&String::from_utf8_lossy(user_id.userid().value())))
}

/// A trust model at work: one keyring, one time.
pub(crate) struct Judge<'a> {
    model: &'a TrustModel,
    keyring: &'a Keyring,
    at: SystemTime,
    policy: StandardPolicy<'static>,
}

/// Third parties' certifications with SHA-1 count if they were made before this: then a
/// collision became affordable. GnuPG (since 2.2.18) draws the line at the same day,
/// 2019-01-19.
const SHA1_CERTIFICATIONS_UNTIL: u64 = 1_547_856_000;

impl<'a> Judge<'a> {
    pub(crate) fn new(model: &'a TrustModel, keyring: &'a Keyring, at: DateTime<Utc>) -> Self {
        let at = SystemTime::from(at);
        Self {
            model,
            keyring,
            at,
            policy: policy(model, at),
        }
    }

    /// The rules for certificates' own signatures.
    pub(crate) fn policy(&self) -> &StandardPolicy<'static> {
        &self.policy
    }

    pub(crate) fn is_valid(&self, cert: &Cert) -> bool {
        self.fault(cert).is_none()
    }

    /// Why a certificate is not valid at the time.
    fn fault(&self, cert: &Cert) -> Option<&'static str> {
        let Ok(valid) = cert.with_policy(&self.policy, self.at) else {
            return Some("its own signatures are not valid");
        };
        if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
            return Some("it is revoked");
        }
        valid.alive().is_err().then_some("it has expired")
    }

    pub(crate) fn trust(&self, cert: &Cert) -> Trust {
        let anchors = match self.model {
            TrustModel::Plain => return Trust::Given,
            TrustModel::Anchored(anchors) => anchors,
        };
        let fingerprint = cert.fingerprint();
        if anchors.is_disabled(&fingerprint) {
            return Trust::Disabled;
        }
        if anchors.is_anchor(&fingerprint) {
            return Trust::Anchor;
        }
        self.certified(cert, anchors)
    }

    fn certified(&self, cert: &Cert, anchors: &Anchors) -> Trust {
        // Nobody is trusted for want of certifications.
        let needed = anchors.needed.max(1);
        let mut not_counted = Vec::new();
        let mut most = 0;
        for user_id in cert.userids() {
            let status = user_id.with_policy(&self.policy, self.at);
            let Ok(valid) = status else { continue };
            if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
                continue;
            }
            let mut by = Vec::new();
            for anchor in &anchors.anchors {
                // More than are needed would say nothing new, and each takes a millisecond.
                if by.len() >= needed {
                    break;
                }
                match self.certification(cert, &user_id, anchor, anchors) {
                    Some(Ok(certification)) => by.push(certification),
                    Some(Err(reason)) => not_counted.push(NotCounted {
                        anchor: anchor.clone(),
                        reason,
                    }),
                    None => {}
                }
            }
            most = most.max(by.len());
            if by.len() >= needed {
                return Trust::Certified {
                    user_id: visible(&String::from_utf8_lossy(user_id.userid().value())),
                    by,
                    needed,
                };
            }
        }
        not_counted.sort_by(|a, b| (&a.anchor, &a.reason).cmp(&(&b.anchor, &b.reason)));
        not_counted.dedup();
        Trust::Untrusted {
            have: most,
            needed,
            not_counted,
        }
    }

    /// The certification of a user ID by an anchor: `None` if there is none.
    fn certification(
        &self,
        cert: &Cert,
        user_id: &sequoia_openpgp::cert::amalgamation::UserIDAmalgamation<'_>,
        anchor: &str,
        anchors: &Anchors,
    ) -> Option<Result<Certification, String>> {
        let fingerprint: Fingerprint = anchor.parse().ok()?;
        let handle = (&fingerprint).into();
        let by_anchor = |sig: &&Signature| {
            let issuers = sig.get_issuers();
            issuers.iter().any(|issuer| issuer.aliases(&handle))
        };
        // The newest word of the anchor counts, be it a certification or its revocation.
        let certifications = user_id.certifications().filter(by_anchor);
        let revocations = user_id.other_revocations().filter(by_anchor);
        let mut words: Vec<(&Signature, bool)> = certifications
            .map(|sig| (sig, false))
            .chain(revocations.map(|sig| (sig, true)))
            .collect();
        if words.is_empty() {
            return None;
        }
        words.sort_by_key(|(sig, revokes)| (sig.signature_creation_time(), *revokes));
        let mut found = self.keyring.lookup(&handle);
        let Some(anchor_cert) = found.find(|cert| cert.fingerprint() == fingerprint) else {
            return Some(Err("the anchor is not in the keyring".to_owned()));
        };
        if anchors.is_disabled(&fingerprint) {
            return Some(Err("the anchor is on the list of revoked keys".to_owned()));
        }
        if let Some(fault) = self.fault(anchor_cert) {
            return Some(Err(format!("the anchor itself: {fault}")));
        }
        let key = anchor_cert.primary_key().key();
        let primary = cert.primary_key().key();
        let mut reason = None;
        for (sig, revokes) in words.into_iter().rev() {
            let Some(created) = sig.signature_creation_time() else {
                continue;
            };
            if created > self.at {
                continue;
            }
            #[cfg(feature = "aws-lc")]
            crate::large_rsa::learn_certification(
                key.role_as_unspecified(),
                primary,
                user_id.userid(),
                sig,
            );
            let verified = match revokes {
                true => sig.verify_userid_revocation(key, primary, user_id.userid()),
                false => sig.verify_userid_binding(key, primary, user_id.userid()),
            };
            // What only claims to be the anchor's says nothing.
            if verified.is_err() {
                reason.get_or_insert("the certification is not the anchor's".to_owned());
                continue;
            }
            if revokes {
                return Some(Err("the anchor revoked it".to_owned()));
            }
            if sig
                .signature_alive(self.at, std::time::Duration::ZERO)
                .is_err()
            {
                return Some(Err("it has expired".to_owned()));
            }
            if let Some(weak) = self.weakness(sig, created) {
                reason = Some(weak);
                continue;
            }
            return Some(Ok(Certification {
                anchor: fingerprint.to_hex(),
                created: created.into(),
            }));
        }
        Some(Err(
            reason.unwrap_or_else(|| "it is of a later time".to_owned())
        ))
    }

    fn weakness(&self, sig: &Signature, created: SystemTime) -> Option<String> {
        let hash = sig.hash_algo();
        let limit =
            SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(SHA1_CERTIFICATIONS_UNTIL);
        if hash == HashAlgorithm::SHA1 {
            return (created >= limit)
                .then(|| "it was made with SHA-1, too late for that".to_owned());
        }
        let security = HashAlgoSecurity::CollisionResistance;
        let accepted = self.policy.signature(sig, security);
        accepted
            .err()
            .map(|_| format!("its hash, {hash}, is too weak"))
    }
}

/// Sequoia's standard policy at the time. Where anchors vouch for a certificate, SHA-1 in its
/// own signatures is no reason to drop it: they do not rest on collision resistance, and
/// pacman's GnuPG accepts them.
fn policy(model: &TrustModel, at: SystemTime) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(at);
    if matches!(model, TrustModel::Anchored(_)) {
        policy.accept_hash_property(
            HashAlgorithm::SHA1,
            HashAlgoSecurity::SecondPreImageResistance,
        );
    }
    policy
}
