//! The frames of packets (RFC 9580, section 4.2), and the armour around them (section 6).
//!
//! Frames are taken apart before anything in them is looked at, so that limits hold before any
//! arithmetic is done. Partial and indeterminate lengths, which are for streams of data, are
//! refused: no signature, key or user ID is ever written so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A packet: its type and its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) tag: u8,
    pub(crate) body: &'a [u8],
}

pub(crate) const SIGNATURE: u8 = 2;
pub(crate) const PUBLIC_KEY: u8 = 6;
pub(crate) const MARKER: u8 = 10;
pub(crate) const PUBLIC_SUBKEY: u8 = 14;
pub(crate) const PADDING: u8 = 21;

/// Why bytes are no packets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FrameError {
    /// A packet must begin here and does not.
    NoPacket,
    /// The length is partial or indeterminate.
    Stream,
    /// The packet is longer than what is there.
    Truncated,
}

impl FrameError {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoPacket => "bytes that are no packet",
            Self::Stream => "a packet of unknown length",
            Self::Truncated => "a packet that is cut off",
        }
    }
}

/// Takes the first packet off `bytes`.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Result<Packet<'a>, FrameError> {
    let (&first, rest) = bytes.split_first().ok_or(FrameError::Truncated)?;
    if first & 0x80 == 0 {
        return Err(FrameError::NoPacket);
    }
    let (tag, length, after) = if first & 0x40 == 0 {
        let (length, after) = match first & 3 {
            0 => number(rest, 1)?,
            1 => number(rest, 2)?,
            2 => number(rest, 4)?,
            _ => return Err(FrameError::Stream),
        };
        (first >> 2 & 0x0f, length, after)
    } else {
        let (length, after) = new_length(rest)?;
        (first & 0x3f, length, after)
    };
    let split = after.split_at_checked(length);
    let (body, rest) = split.ok_or(FrameError::Truncated)?;
    *bytes = rest;
    Ok(Packet { tag, body })
}

fn number(bytes: &[u8], width: usize) -> Result<(usize, &[u8]), FrameError> {
    let split = bytes.split_at_checked(width);
    let (digits, rest) = split.ok_or(FrameError::Truncated)?;
    let value = digits.iter().fold(0, |n, b| n << 8 | u64::from(*b));
    let value = usize::try_from(value).map_err(|_| FrameError::Truncated)?;
    Ok((value, rest))
}

fn new_length(bytes: &[u8]) -> Result<(usize, &[u8]), FrameError> {
    let (&first, rest) = bytes.split_first().ok_or(FrameError::Truncated)?;
    match first {
        0..=191 => Ok((usize::from(first), rest)),
        192..=223 => {
            let (&second, rest) = rest.split_first().ok_or(FrameError::Truncated)?;
            let length = ((usize::from(first) - 192) << 8) + usize::from(second) + 192;
            Ok((length, rest))
        }
        224..=254 => Err(FrameError::Stream),
        255 => number(rest, 4),
    }
}

/// A packet of a type with a content.
#[cfg(feature = "verify")]
pub(crate) fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut packet = vec![0xc0 | tag, 0xff];
    packet.extend(length.to_be_bytes());
    packet.extend(body);
    packet
}

/// The key ID of a key packet's content: RFC 9580, section 5.5.4. A hint by which certificates
/// are found, and nothing more.
#[cfg(feature = "verify")]
pub(crate) fn key_id(body: &[u8]) -> Option<[u8; 8]> {
    use sha2::Digest as _;
    let length = u32::try_from(body.len()).ok()?;
    match body.first()? {
        4 => {
            let mut hash = sha1::Sha1::new();
            hash.update([0x99]);
            hash.update(u16::try_from(length).ok()?.to_be_bytes());
            hash.update(body);
            hash.finalize().get(12..)?.try_into().ok()
        }
        6 => {
            let mut hash = sha2::Sha256::new();
            hash.update([0x9b]);
            hash.update(length.to_be_bytes());
            hash.update(body);
            hash.finalize().get(..8)?.try_into().ok()
        }
        _ => None,
    }
}

/// Whether a key packet's content is an RSA key of version 4 to its last byte (RFC 9580, sections
/// 5.5.2 and 5.5.5.1): what most certificates begin with, told without a parser.
#[cfg(feature = "verify")]
pub(crate) fn is_rsa_key(body: &[u8]) -> bool {
    // Version, four bytes of time, algorithm; then modulus and exponent.
    match body {
        [4, _, _, _, _, 1, numbers @ ..] => integer(numbers)
            .and_then(integer)
            .is_some_and(<[u8]>::is_empty),
        _ => false,
    }
}

/// What follows upon a number in its only form: as many bits as it says, the first of them set.
#[cfg(feature = "verify")]
fn integer(bytes: &[u8]) -> Option<&[u8]> {
    let (bits, rest) = bytes.split_at_checked(2)?;
    let bits = usize::from(bits[0]) << 8 | usize::from(bits[1]);
    let (number, rest) = rest.split_at_checked(bits.div_ceil(8))?;
    let zeros = usize::try_from(number.first()?.leading_zeros()).ok()?;
    (number.len() * 8 - zeros == bits).then_some(rest)
}

/// What is in armour of this kind, such as `PGP SIGNATURE`; `None` if the text is not armour.
///
/// The checksum is not looked at: RFC 9580, section 6.1, lets implementations ignore it, and
/// says nothing about the bytes that a signature does not say better.
pub(crate) fn dearmor(text: &[u8], kind: &str) -> Option<Result<Vec<u8>, &'static str>> {
    const BEGIN: &[u8] = b"-----BEGIN PGP ";
    let text = text.trim_ascii_start();
    if !text.starts_with(BEGIN) {
        return None;
    }
    Some(read_armor(text, kind))
}

fn read_armor(mut text: &[u8], kind: &str) -> Result<Vec<u8>, &'static str> {
    let begin = format!("-----BEGIN {kind}-----");
    let end = format!("-----END {kind}-----");
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    // More than one block may follow another.
    while !text.is_empty() {
        if line(&mut text) != begin.as_bytes() {
            return Err("armour of another kind, or text beside it");
        }
        // Headers, up to an empty line.
        while !line(&mut text).is_empty() {
            if text.is_empty() {
                return Err("armour without content");
            }
        }
        block(&mut text, end.as_bytes(), &mut out)?;
        text = text.trim_ascii_start();
    }
    Ok(out)
}

/// How much of a block is decoded at once, in characters.
const CHUNK: usize = 32 << 10;

/// Decodes the lines up to the end of a block, many of them at once: a call for each of the 26,000
/// lines of Arch Linux's keyring takes longer than their content, and so does memory for all.
fn block(text: &mut &[u8], end: &[u8], out: &mut Vec<u8>) -> Result<(), &'static str> {
    let not_base64 = |_| "armour whose content is not Base64";
    let mut pending = Vec::with_capacity(CHUNK + 128);
    loop {
        if text.is_empty() {
            return Err("armour without an end");
        }
        let next = line(text);
        if next == end {
            return STANDARD.decode_vec(&pending, out).map_err(not_base64);
        }
        // The checksum stands in a line of its own; padding alone in a line is none.
        if next.starts_with(b"=") && !matches!(next, b"=" | b"==") {
            continue;
        }
        pending.extend_from_slice(next);
        // Padding belongs to the end: from there on nothing is decoded before all of it is there.
        if pending.len() >= CHUNK && memchr::memchr(b'=', &pending).is_none() {
            let rest = pending.split_off(pending.len() & !3);
            STANDARD.decode_vec(&pending, out).map_err(not_base64)?;
            pending.clear();
            pending.extend_from_slice(&rest);
        }
    }
}

/// Takes a line off the text, without white space at its end.
fn line<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = memchr::memchr(b'\n', text);
    let split = end.and_then(|end| text.split_at_checked(end));
    let (line, rest) = match split {
        Some((line, [_, rest @ ..])) => (line, rest),
        _ => (*text, &[][..]),
    };
    *text = rest;
    line.trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Result<Vec<(u8, usize)>, FrameError> {
        let mut packets = Vec::new();
        while !bytes.is_empty() {
            let packet = take(&mut bytes)?;
            packets.push((packet.tag, packet.body.len()));
        }
        Ok(packets)
    }

    /// Lines of any length give the same bytes, and padding within is refused.
    #[test]
    fn armour_is_decoded_in_pieces() {
        let bytes: Vec<u8> = (0..=255).cycle().take(5 * CHUNK + 1).collect();
        let base64 = STANDARD.encode(&bytes);
        let armour = |lines: &[u8]| {
            let lines = [
                b"-----BEGIN PGP X-----\n\n",
                lines,
                b"\n=abcd\n-----END PGP X-----\n",
            ];
            dearmor(&lines.concat(), "PGP X").unwrap()
        };
        for width in [1, 3, 64, 76, 1001, base64.len()] {
            let lines: Vec<_> = base64.as_bytes().chunks(width).collect();
            assert_eq!(armour(&lines.join(&b'\n')).unwrap(), bytes, "{width}");
        }
        let within = format!("{}=={base64}", &base64[..CHUNK - 2]);
        let lines: Vec<_> = within.as_bytes().chunks(64).collect();
        assert!(armour(&lines.join(&b'\n')).is_err());
    }

    #[test]
    #[cfg(feature = "verify")]
    fn an_rsa_key_is_one_to_its_last_byte() {
        let mut key = vec![4, 0, 0, 0, 1, 1, 0, 16, 0x80, 1, 0, 17, 1, 0, 1];
        assert!(is_rsa_key(&key));
        for (at, byte) in [
            (0, 6),
            (5, 17),
            (7, 15),
            (7, 24),
            (8, 0x40),
            (11, 16),
            (12, 0),
        ] {
            let mut other = key.clone();
            other[at] = byte;
            assert!(!is_rsa_key(&other), "byte {at} is {byte}");
        }
        for length in 0..key.len() {
            assert!(!is_rsa_key(&key[..length]), "{length} bytes");
        }
        key.push(0);
        assert!(!is_rsa_key(&key));
    }

    #[test]
    fn both_formats_and_all_lengths() {
        let cases: [(&[u8], u8, usize); 6] = [
            (&[0x88, 2], 2, 2),
            (&[0x89, 0, 3], 2, 3),
            (&[0x8a, 0, 0, 0, 4], 2, 4),
            (&[0xc2, 5], 2, 5),
            (&[0xc2, 0xc0, 0], 2, 192),
            (&[0xd5, 0xff, 0, 0, 1, 0], 21, 256),
        ];
        for (header, tag, length) in cases {
            let mut bytes = header.to_vec();
            bytes.resize(header.len() + length, 7);
            assert_eq!(all(&bytes), Ok(vec![(tag, length)]), "{header:?}");
            bytes.pop();
            assert_eq!(all(&bytes), Err(FrameError::Truncated), "{header:?}");
        }
    }

    #[test]
    fn what_is_no_packet() {
        assert_eq!(all(&[0x02, 1, 1]), Err(FrameError::NoPacket));
        assert_eq!(all(&[0x8b, 1]), Err(FrameError::Stream));
        assert_eq!(all(&[0xc2, 0xe0, 1]), Err(FrameError::Stream));
        assert_eq!(all(&[0xc2]), Err(FrameError::Truncated));
        assert_eq!(
            all(&[0xc2, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Err(FrameError::Truncated)
        );
    }

    #[test]
    fn armour_is_read_strictly() {
        let kind = "PGP SIGNATURE";
        let text = "-----BEGIN PGP SIGNATURE-----\nComment: x\n\naGVs\nbG8=\n=abcd\n-----END PGP SIGNATURE-----\n";
        assert_eq!(dearmor(text.as_bytes(), kind), Some(Ok(b"hello".to_vec())));
        let twice = format!("\r\n{}{}", text.replace('\n', "\r\n"), text);
        assert_eq!(
            dearmor(twice.as_bytes(), kind),
            Some(Ok(b"hellohello".to_vec()))
        );
        assert_eq!(dearmor(b"\x88\x02", kind), None);
        let bad = [
            text.replace("BEGIN PGP SIGNATURE", "BEGIN PGP MESSAGE"),
            text.replace("aGVs", "aG*s"),
            text.replace("-----END PGP SIGNATURE-----\n", ""),
            format!("{text}and more"),
            "-----BEGIN PGP SIGNATURE-----\n".to_owned(),
        ];
        for bad in bad {
            assert!(
                matches!(dearmor(bad.as_bytes(), kind), Some(Err(_))),
                "{bad}"
            );
        }
    }
}
