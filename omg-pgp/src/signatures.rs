//! A file of detached signatures, taken apart before any arithmetic.

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse as _;

use crate::error::{Error, Rejection};
use crate::packet::{self, FrameError, MARKER, PADDING, SIGNATURE};
use crate::policy::Policy;

/// A signature that can be parsed.
pub(crate) struct Found<'a> {
    pub(crate) signature: Signature,
    version: u8,
    /// The part of the packet's content that is signed with the data.
    hashed: &'a [u8],
    /// The length of that part, which is signed too.
    length: u32,
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
    let malformed = |detail: String| (Rejection::Malformed, detail);
    let version = match packet.body.first() {
        Some(version @ (4 | 6)) => *version,
        Some(version) => {
            let detail = format!("version {version}");
            return Err((Rejection::UnsupportedVersion, detail));
        }
        None => return Err(malformed("the packet is empty".to_owned())),
    };
    let signature =
        Signature::from_bytes(packet.body).map_err(|error| malformed(error.to_string()))?;
    let hashed = hashed(version, packet.body)
        .ok_or_else(|| malformed("the hashed part is longer than the packet".to_owned()))?;
    let length = u32::try_from(hashed.len())
        .map_err(|_| (Rejection::Limit, "the hashed part is over 4 GiB".to_owned()))?;
    Ok(Found {
        signature,
        version,
        hashed,
        length,
    })
}

/// The bytes at the beginning of a signature's content that are signed with the data: RFC 9580,
/// section 5.2.3.
fn hashed(version: u8, body: &[u8]) -> Option<&[u8]> {
    let (fixed, digits) = match version {
        6 => (8_usize, body.get(4..8)?),
        _ => (6, body.get(4..6)?),
    };
    let length = digits.iter().fold(0, |n, b| n << 8 | usize::from(*b));
    body.get(..fixed.checked_add(length)?)
}

impl Found<'_> {
    /// What is hashed after the data: RFC 9580, section 5.2.4.
    pub(crate) fn trailer(&self) -> Vec<u8> {
        let mut trailer = self.hashed.to_vec();
        trailer.extend([self.version, 0xff]);
        trailer.extend(self.length.to_be_bytes());
        trailer
    }

    /// What is hashed before the data; empty before version 6.
    pub(crate) fn salt(&self) -> &[u8] {
        match self.signature.salt() {
            Some(salt) => salt,
            None => &[],
        }
    }
}
