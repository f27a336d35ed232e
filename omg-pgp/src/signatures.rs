//! A file of detached signatures, taken apart before any arithmetic.

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse as _;

use crate::error::{Error, Rejection};
use crate::packet::{self, FrameError, MARKER, PADDING, SIGNATURE};
use crate::policy::Policy;

/// A signature that can be parsed, with its packet's content.
pub(crate) struct Found<'a> {
    pub(crate) signature: Signature,
    pub(crate) body: &'a [u8],
}

/// A signature of the file, or why it is none that is understood.
pub(crate) type Item<'a> = Result<Found<'a>, (Rejection, String)>;

/// The file without its armour.
pub(crate) fn unarmored(bytes: &[u8], policy: &Policy) -> Result<Option<Vec<u8>>, Error> {
    // Armour is a third longer than what is in it, and has room for comments.
    let limit = policy.max_signature_bytes;
    if bytes.len() > limit.saturating_mul(2) {
        return Err(too_large(limit));
    }
    match packet::dearmor(bytes, "PGP SIGNATURE") {
        None if bytes.len() > limit => Err(too_large(limit)),
        None => Ok(None),
        Some(_) if !policy.accept_armor => Err(Error::NotASignature {
            reason: Rejection::NotDetached,
            detail: "it is armoured".to_owned(),
        }),
        Some(Ok(content)) if content.len() > limit => Err(too_large(limit)),
        Some(Ok(content)) => Ok(Some(content)),
        Some(Err(detail)) => Err(Error::NotASignature {
            reason: Rejection::Malformed,
            detail: detail.to_owned(),
        }),
    }
}

fn too_large(limit: usize) -> Error {
    Error::NotASignature {
        reason: Rejection::Limit,
        detail: format!("it is larger than {limit} bytes"),
    }
}

/// The signatures in a file, or why the file as a whole is refused: only signatures may stand
/// in it, and what RFC 9580 says is to be ignored (sections 4.3, 5.8, 5.14).
pub(crate) fn parse<'a>(bytes: &'a [u8], policy: &Policy) -> Result<Vec<Item<'a>>, Error> {
    let mut rest = bytes;
    let mut packets = Vec::new();
    let mut signatures = 0;
    while !rest.is_empty() {
        let first = packets.is_empty();
        let packet = packet::take(&mut rest).map_err(|fault| refusal(fault, first))?;
        match packet.tag {
            SIGNATURE => {
                signatures += 1;
                if signatures > policy.max_signatures {
                    return Err(Error::NotASignature {
                        reason: Rejection::Limit,
                        detail: format!("it has more than {} signatures", policy.max_signatures),
                    });
                }
                packets.push(packet);
            }
            MARKER if packet.body == b"PGP" => {}
            // Packets of these types may be anything, and are to be ignored.
            PADDING | 40..=63 => {}
            tag => {
                return Err(Error::NotASignature {
                    reason: Rejection::NotDetached,
                    detail: format!("a packet of type {tag} stands in it"),
                });
            }
        }
    }
    if packets.is_empty() {
        return Err(Error::NoSignature);
    }
    Ok(packets.into_iter().map(signature).collect())
}

fn refusal(fault: FrameError, first: bool) -> Error {
    let reason = match fault {
        FrameError::NoPacket if !first => Rejection::TrailingData,
        _ => Rejection::Malformed,
    };
    Error::NotASignature {
        reason,
        detail: fault.as_str().to_owned(),
    }
}

fn signature(packet: packet::Packet<'_>) -> Item<'_> {
    let version = packet.body.first().copied().unwrap_or_default();
    if !matches!(version, 4 | 6) {
        let detail = format!("version {version}");
        return Err((Rejection::UnsupportedVersion, detail));
    }
    let malformed = |detail: String| (Rejection::Malformed, detail);
    let signature =
        Signature::from_bytes(packet.body).map_err(|error| malformed(error.to_string()))?;
    if hashed_length(packet.body).is_none() {
        return Err(malformed(
            "the hashed part is longer than the packet".to_owned(),
        ));
    }
    Ok(Found {
        signature,
        body: packet.body,
    })
}

/// How many bytes at the beginning of a signature's content are signed with the data.
fn hashed_length(body: &[u8]) -> Option<usize> {
    let (fixed, digits) = match body.first()? {
        4 => (6, body.get(4..6)?),
        6 => (8, body.get(4..8)?),
        _ => return None,
    };
    let length = digits.iter().fold(0, |n, b| n << 8 | usize::from(*b));
    let end = fixed + length;
    (end <= body.len()).then_some(end)
}

impl Found<'_> {
    /// What is hashed after the data: RFC 9580, section 5.2.4.
    pub(crate) fn trailer(&self) -> Vec<u8> {
        let hashed = hashed_length(self.body).and_then(|end| self.body.get(..end));
        let hashed = hashed.unwrap_or_default();
        let mut trailer = hashed.to_vec();
        trailer.push(hashed.first().copied().unwrap_or_default());
        trailer.push(0xff);
        let length = u32::try_from(hashed.len()).unwrap_or(u32::MAX);
        trailer.extend(length.to_be_bytes());
        trailer
    }

    /// What is hashed before the data; empty before version 6.
    pub(crate) fn salt(&self) -> &[u8] {
        self.signature.salt().unwrap_or_default()
    }
}
