//! Checksums inside tokens, computed offline.
//!
//! Each function answers `None` where the text is not of the form that has the checksum. A
//! wrong checksum lowers the confidence in a finding and never hides it: many published test
//! tokens carry random characters in its place.

/// CRC-32 of ISO-HDLC (reflected 0x04C11DB7), as in gzip (RFC 1952, section 8).
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let mask = (crc & 1).wrapping_neg();
            crc = crc >> 1 ^ (0xEDB8_8320 & mask);
        }
    }
    !crc
}

fn in_base(mut number: u32, digits: &[u8], width: usize) -> Vec<u8> {
    let base = u32::try_from(digits.len()).unwrap_or(u32::MAX);
    let mut out = Vec::new();
    while number > 0 {
        out.push(digits[usize::try_from(number % base).unwrap_or_default()]);
        number /= base;
    }
    out.resize(width.max(out.len()), b'0');
    out.reverse();
    out
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// GitHub's and npm's tokens: `prefix_`, 30 characters, and their CRC-32 in six digits of
/// base 62 ("Behind GitHub's new authentication token formats", GitHub blog, 2021-04-05).
pub(crate) fn github(token: &[u8]) -> Option<bool> {
    let body = token.get(4..).filter(|_| token.get(3) == Some(&b'_'))?;
    (body.len() == 36).then(|| in_base(crc32(&body[..30]), BASE62, 6) == body[30..])
}

/// GitLab's routable tokens: everything up to a two-digit length, and the CRC-32 of all of it
/// in seven digits of base 36 (GitLab, `lib/authn/token_field/generator/routable_token.rb`).
pub(crate) fn gitlab_routable(token: &[u8]) -> Option<bool> {
    let dot = token.iter().rposition(|&b| b == b'.')?;
    let (body, check) = token.split_at_checked(token.len().checked_sub(7)?)?;
    (token.len() - dot == 10).then(|| in_base(crc32(body), BASE36, 7) == check)
}

/// Atlassian's API tokens end in `=` and eight upper-case hexadecimal digits: the CRC-32 of
/// all before them.
pub(crate) fn atlassian(token: &[u8]) -> Option<bool> {
    let (body, check) = token.split_at_checked(token.len().checked_sub(8)?)?;
    body.ends_with(b"=")
        .then(|| format!("{:08X}", crc32(body)).as_bytes() == check)
}

/// Cloudflare's tokens: a prefix of five, 40 characters, and their CRC-32 in eight
/// lower-case hexadecimal digits.
pub(crate) fn cloudflare(token: &[u8]) -> Option<bool> {
    (token.len() == 53).then(|| format!("{:08x}", crc32(&token[5..45])).as_bytes() == &token[45..])
}

/// The checksum of Bech32 (BIP-173), without its limit of 90 characters, as age uses it.
pub(crate) fn bech32(text: &[u8]) -> Option<bool> {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = text.to_ascii_lowercase();
    let split = lower.iter().rposition(|&b| b == b'1')?;
    let (prefix, data) = (&lower[..split], &lower[split + 1..]);
    if prefix.is_empty() || data.len() < 6 {
        return None;
    }
    let mut values: Vec<u8> = prefix.iter().map(|b| b >> 5).collect();
    values.push(0);
    values.extend(prefix.iter().map(|b| b & 31));
    for byte in data {
        values.push(u8::try_from(ALPHABET.iter().position(|a| a == byte)?).ok()?);
    }
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let mut check = 1_u32;
    for value in values {
        let top = check >> 25;
        check = (check & 0x1ff_ffff) << 5 ^ u32::from(value);
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                check ^= generator;
            }
        }
    }
    Some(check == 1)
}

/// The CRC-24 of OpenPGP's armour (RFC 9580, section 6.1).
pub(crate) fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00B7_04CE_u32;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
    }
    crc & 0x00FF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_check_values() {
        // The catalogue of parametrised CRC algorithms: "check".
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }

    #[test]
    fn bech32_of_bip_173() {
        assert_eq!(bech32(b"A12UEL5L"), Some(true));
        assert_eq!(
            bech32(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"),
            Some(true)
        );
        assert_eq!(bech32(b"A12UEL5M"), Some(false));
        assert_eq!(bech32(b"1pzry9x0s0muk"), None);
    }

    #[test]
    fn tokens_that_are_put_together_here_hold() {
        let body = b"k2J9sLq0ZtVbN4xWcR7uHdE1yGf8Mp";
        let mut token = [b"ghp".as_slice(), b"_", body].concat();
        token.extend(in_base(crc32(body), BASE62, 6));
        assert_eq!(github(&token), Some(true));
        token[5] ^= 1;
        assert_eq!(github(&token), Some(false));
        assert_eq!(github(&token[..39]), None);

        let mut token = [b"glp".as_slice(), b"at-k2J9sLq0ZtVbN4xWcR7uHdE1yGf8Mp.0w"].concat();
        token.extend(in_base(crc32(&token), BASE36, 7));
        assert_eq!(gitlab_routable(&token), Some(true));
        token[9] ^= 1;
        assert_eq!(gitlab_routable(&token), Some(false));

        let mut token = [b"ATA".as_slice(), b"TT3xFfGF0k2J9sLq0ZtVbN4xWc="].concat();
        token.extend(format!("{:08X}", crc32(&token)).bytes());
        assert_eq!(atlassian(&token), Some(true));
        token[9] ^= 1;
        assert_eq!(atlassian(&token), Some(false));

        let body = b"k2J9sLq0ZtVbN4xWcR7uHdE1yGf8Mpa1b2c3d4e5";
        let mut token = [b"cfu".as_slice(), b"t_", body].concat();
        token.extend(format!("{:08x}", crc32(body)).bytes());
        assert_eq!(cloudflare(&token), Some(true));
        token[9] ^= 1;
        assert_eq!(cloudflare(&token), Some(false));
    }
}
