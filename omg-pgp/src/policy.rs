//! What is asked of signatures.

use chrono::{DateTime, TimeDelta, Utc};

/// What a set of signatures must be like to be accepted.
///
/// # Examples
///
/// ```
/// use omg_pgp::Policy;
///
/// let now = "2026-11-24T00:00:00Z".parse()?;
/// let mut policy = Policy::at(now);
/// policy.threshold = 2;
/// assert_eq!(policy.max_signatures, 16);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// The time at which everything is judged.
    pub reference_time: DateTime<Utc>,
    /// How far a signature may lie in the future: clocks differ. Five minutes by default.
    pub clock_skew: TimeDelta,
    /// The largest file of signatures, in bytes, after any armour is taken off: 64 KiB by
    /// default, since one of SLH-DSA needs 40.
    pub max_signature_bytes: usize,
    /// The most signatures in one file: 16 by default.
    pub max_signatures: usize,
    /// The smallest RSA key, in bits: 2,048 by default.
    pub min_rsa_bits: usize,
    /// The largest RSA key, in bits: 8,192 by default. Larger ones are for wasting time.
    pub max_rsa_bits: usize,
    /// At which time the key must be good.
    pub keys_as_of: KeysAsOf,
    /// How many different trusted certificates must have signed: one by default.
    pub threshold: usize,
    /// How many of these with a post-quantum algorithm: none by default.
    pub threshold_pqc: usize,
    /// How many of these with an algorithm that is not post-quantum: none by default. With
    /// `threshold_pqc`, the demand for both kinds.
    pub threshold_classical: usize,
    /// Whether *every* signature must be good and trusted, as for pacman; by default, others
    /// beside the required ones are reported and do not matter.
    pub all_must_verify: bool,
    /// Whether signatures over text are read: by default they are not, since they say the same of
    /// data with other line ends, and so do not speak of exactly these bytes.
    pub accept_text: bool,
    /// Whether armoured signatures are read: by default they are. pacman refuses them.
    pub accept_armor: bool,
}

/// At which time a key must be valid and not revoked.
///
/// A key that was revoked because it is no longer trusted ("hard") is never good.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeysAsOf {
    /// When the signature was made: what was signed while the key was good stays good when it
    /// expires, is retired or superseded (RFC 9580, section 5.2.3.31).
    #[default]
    Signature,
    /// Then and at the reference time: what pacman asks.
    ReferenceTime,
}

impl Policy {
    /// The defaults, at a time.
    pub fn at(reference_time: DateTime<Utc>) -> Self {
        Self {
            reference_time,
            clock_skew: TimeDelta::minutes(5),
            max_signature_bytes: 64 << 10,
            max_signatures: 16,
            min_rsa_bits: 2048,
            max_rsa_bits: 8192,
            keys_as_of: KeysAsOf::default(),
            threshold: 1,
            threshold_pqc: 0,
            threshold_classical: 0,
            all_must_verify: false,
            accept_text: false,
            accept_armor: true,
        }
    }

    /// What pacman asks of packages: every signature is good, made by keys that are valid now,
    /// and not armoured.
    pub fn pacman(reference_time: DateTime<Utc>) -> Self {
        Self {
            keys_as_of: KeysAsOf::ReferenceTime,
            all_must_verify: true,
            accept_armor: false,
            ..Self::at(reference_time)
        }
    }
}
