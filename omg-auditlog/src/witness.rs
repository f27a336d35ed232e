//! The client's side of C2SP tlog-witness: asks a witness for its cosignature on a checkpoint. A
//! witness that has cosigned once cosigns nothing that does not continue it, so that a log that
//! was rolled back or written anew cannot be hidden from whoever asks for its cosignature.
//!
//! No socket is opened here: a [`Transport`] is given.

use crate::checkpoint::SignedCheckpoint;
use crate::cosign::CosignerKey;
use crate::error::Error;
use crate::merkle::ConsistencyProof;
use crate::note::{encode_base64, signature_lines};

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// "The client MUST NOT send more than 63 consistency proof lines."
const MAX_PROOF: usize = 63;

/// Sends a request to a witness: `POST <submission prefix>/add-checkpoint`.
pub trait Transport {
    /// Why nothing was answered.
    type Error: std::error::Error;

    /// Sends the body and returns the status and at most [`MAX_ANSWER_BYTES`] of the answer. It
    /// must not follow redirects.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    fn add_checkpoint(&mut self, body: &str) -> Result<Answer, Self::Error>;
}

/// An HTTP answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer from its parts.
    #[must_use]
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, body }
    }
}

/// Why there is no cosignature.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// Nothing was answered, or nothing that the protocol has. It says nothing about the log.
    #[error("no answer of the witness: {0}")]
    NoAnswer(String),
    /// The witness does not know the log (404).
    #[error("the witness does not know the log")]
    UnknownLog,
    /// The witness trusts none of the keys that signed (403).
    #[error("the witness trusts none of the checkpoint's keys")]
    UntrustedKey,
    /// The answer has no valid cosignature of a key that was given.
    #[error("no valid cosignature of a trusted witness key in the answer")]
    NotCosigned,
    /// The witness has cosigned more entries than the log has: it was rolled back.
    #[error("the witness has cosigned {witnessed} entries, and the log has {size}: rolled back")]
    RolledBack {
        /// How many the witness has cosigned.
        witnessed: u64,
        /// How many the log has.
        size: u64,
    },
    /// What the witness has cosigned is not the beginning of this log: it was written anew.
    #[error("the log does not continue the {witnessed} entries that the witness has cosigned")]
    Rewritten {
        /// How many the witness has cosigned.
        witnessed: u64,
    },
    /// The log cannot prove what was asked.
    #[error("no proof for the witness: {0}")]
    NoProof(Error),
}

impl WitnessError {
    /// Whether it is an alarm: the log is not what the witness saw.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        matches!(self, Self::RolledBack { .. } | Self::Rewritten { .. })
    }
}

/// The body of an `add-checkpoint` request: the size that the witness has, the proof that the
/// checkpoint continues it (none from size 0, or to the same size), the checkpoint.
///
/// # Errors
///
/// [`Error::NoSuchProof`] if the proof is not from `old` to the checkpoint's size.
pub fn request(
    old: u64,
    proof: Option<&ConsistencyProof>,
    checkpoint: &SignedCheckpoint,
) -> Result<String, Error> {
    let size = checkpoint.checkpoint().size;
    let fits = match proof {
        Some(proof) => (proof.old, proof.new) == (old, size) && old > 0,
        None => old == 0 || old == size,
    };
    let hashes = proof.map_or(&[][..], |proof| proof.hashes.as_slice());
    if !fits || hashes.len() > MAX_PROOF {
        return Err(Error::NoSuchProof { index: old, size });
    }
    let mut body = format!("old {old}\n");
    for hash in hashes {
        body.push_str(&encode_base64(hash.as_bytes()));
        body.push('\n');
    }
    Ok(format!("{body}\n{checkpoint}"))
}

/// Asks for a cosignature; the checkpoint with every valid one of the given keys. `old` is what
/// the witness cosigned last, as far as is known (0 if nothing is): it says itself if that is
/// not so (409), and is asked once more.
///
/// # Errors
///
/// A [`WitnessError`]; [`WitnessError::is_alarm`] tells what concerns the log.
pub fn submit<T: Transport>(
    transport: &mut T,
    keys: &[CosignerKey],
    checkpoint: &SignedCheckpoint,
    old: u64,
    mut prove: impl FnMut(u64, u64) -> Result<ConsistencyProof, Error>,
) -> Result<SignedCheckpoint, WitnessError> {
    let size = checkpoint.checkpoint().size;
    let mut old = old;
    for _ in 0..2 {
        if old > size {
            let witnessed = old;
            return Err(WitnessError::RolledBack { witnessed, size });
        }
        let proof = match old {
            0 => None,
            old if old == size => None,
            old => Some(prove(old, size).map_err(WitnessError::NoProof)?),
        };
        let body = request(old, proof.as_ref(), checkpoint).map_err(WitnessError::NoProof)?;
        let answer = transport.add_checkpoint(&body);
        let answer = answer.map_err(|error| WitnessError::NoAnswer(error.to_string()))?;
        match answer.status {
            200 => return cosigned(&answer.body, keys, checkpoint),
            403 => return Err(WitnessError::UntrustedKey),
            404 => return Err(WitnessError::UnknownLog),
            422 => return Err(WitnessError::Rewritten { witnessed: old }),
            409 => {
                let witnessed = stated_size(&answer.body)?;
                // It has this very size, so that it is the root that differs.
                if witnessed == old && old == size {
                    return Err(WitnessError::Rewritten { witnessed });
                }
                if witnessed > size {
                    return Err(WitnessError::RolledBack { witnessed, size });
                }
                old = witnessed;
            }
            other => return Err(WitnessError::NoAnswer(format!("status {other}"))),
        }
    }
    let text = "it named another size each time";
    Err(WitnessError::NoAnswer(text.to_owned()))
}

/// `text/x.tlog.size`: a size in decimal and a line feed.
fn stated_size(body: &[u8]) -> Result<u64, WitnessError> {
    let text = std::str::from_utf8(body)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    let digits = text.filter(|text| *text == "0" || !text.starts_with(['0', '+']));
    let size = digits.and_then(|digits| digits.parse().ok());
    size.ok_or_else(|| WitnessError::NoAnswer("a conflict without a size".to_owned()))
}

/// Adds the valid cosignatures; those of unknown keys are ignored.
fn cosigned(
    body: &[u8],
    keys: &[CosignerKey],
    checkpoint: &SignedCheckpoint,
) -> Result<SignedCheckpoint, WitnessError> {
    let not = WitnessError::NotCosigned;
    if body.len() > MAX_ANSWER_BYTES {
        return Err(not);
    }
    let text = std::str::from_utf8(body).map_err(|_| not.clone())?;
    let signatures = signature_lines(text).map_err(|_| not.clone())?;
    let mut out = checkpoint.clone();
    let mut found = false;
    for signature in signatures {
        let named = |key: &&CosignerKey| key.name() == signature.name && key.id() == signature.id;
        let Some(key) = keys.iter().find(named) else {
            continue;
        };
        let with = checkpoint.with_signature(signature.clone());
        if key.verify(&with).is_ok() {
            out = out.with_signature(signature);
            found = true;
        }
    }
    if found { Ok(out) } else { Err(not) }
}
