//! Encodings that hide a text: base64, UTF-16. Each is bounded by its input.

/// Decodes base64 of either alphabet, with or without padding. White space is not skipped.
/// `None` if a character is of no alphabet or the last group has one character.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|&b| b != b'=').map_or(0, |at| at + 1);
    if text.len() - end > 2 || end % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(end / 4 * 3 + 2);
    let groups = text[..end].chunks_exact(4);
    let rest = groups.remainder();
    for group in groups {
        out.extend_from_slice(&sextets(group)?);
    }
    if !rest.is_empty() {
        let mut last = [b'A'; 4];
        last[..rest.len()].copy_from_slice(rest);
        out.extend_from_slice(&sextets(&last)?[..rest.len() - 1]);
    }
    Some(out)
}

/// How many characters of base64, without padding, the text begins with.
pub(crate) fn base64_length(text: &[u8]) -> usize {
    let other = |b: &u8| SEXTETS[usize::from(*b)] == NO_SEXTET;
    text.iter().position(other).unwrap_or(text.len())
}

/// Whether base64 of this start decodes to printable ASCII and white space. The length is to
/// be a multiple of four; nothing is allocated.
pub(crate) fn begins_with_text(head: &[u8]) -> bool {
    let plain = |b: &u8| (b' '..0x7f).contains(b) || matches!(b, b'\n' | b'\r' | b'\t');
    head.chunks_exact(4)
        .all(|group| sextets(group).is_some_and(|bytes| bytes.iter().all(plain)))
}

/// The bytes of four characters.
fn sextets(group: &[u8]) -> Option<[u8; 3]> {
    let mut bits = 0_u32;
    let mut other = false;
    for byte in group {
        let sextet = SEXTETS[usize::from(*byte)];
        other |= sextet == NO_SEXTET;
        bits = bits << 6 | u32::from(sextet);
    }
    let [_, a, b, c] = bits.to_be_bytes();
    (!other).then_some([a, b, c])
}

const NO_SEXTET: u8 = u8::MAX;

/// The value of each character of either alphabet (RFC 4648, sections 4 and 5).
const SEXTETS: [u8; 256] = {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut sextets = [NO_SEXTET; 256];
    let mut value = 0;
    while value < 64 {
        sextets[STANDARD[value as usize] as usize] = value;
        value += 1;
    }
    sextets[b'-' as usize] = 62;
    sextets[b'_' as usize] = 63;
    sextets
};

/// A text of two bytes a character, as one byte a character: what is outside of ASCII
/// becomes 0x1A (substitute). A position in it is half the position in `bytes`, less the mark.
pub(crate) struct Utf16 {
    pub text: Vec<u8>,
    /// Bytes before the first character.
    pub mark: usize,
}

/// UTF-16 with a byte order mark (Unicode Standard, section 3.10), or without one if nearly
/// every second byte of the first 256 is zero.
pub(crate) fn utf16(bytes: &[u8]) -> Option<Utf16> {
    let order = utf16_mark(bytes)?;
    let little = order == [0xFF, 0xFE];
    let mark = if bytes.starts_with(&order) { 2 } else { 0 };
    let unit = |pair: &[u8]| {
        let (low, high) = if little {
            (pair[0], pair[1])
        } else {
            (pair[1], pair[0])
        };
        if high == 0 && low < 0x80 { low } else { 0x1A }
    };
    let text = bytes[mark..].chunks_exact(2).map(unit).collect();
    Some(Utf16 { text, mark })
}

/// The mark that text in UTF-16 begins with, or would begin with.
pub(crate) fn utf16_mark(bytes: &[u8]) -> Option<[u8; 2]> {
    match bytes {
        [a @ 0xFF, b @ 0xFE, ..] | [a @ 0xFE, b @ 0xFF, ..] => Some([*a, *b]),
        _ => unmarked(bytes).map(|little| if little { [0xFF, 0xFE] } else { [0xFE, 0xFF] }),
    }
}

fn unmarked(bytes: &[u8]) -> Option<bool> {
    let head = &bytes[..bytes.len().min(256)];
    if head.len() < 16 || memchr::memchr(0, head).is_none() {
        return None;
    }
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 9 / 10;
    match (even, odd) {
        (0, odd) if odd >= most => Some(true),
        (even, 0) if even >= most => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648_section_10() {
        let vectors = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let encoded = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        for (plain, text) in vectors.iter().zip(encoded) {
            assert_eq!(base64(text.as_bytes()).unwrap(), plain.as_bytes());
            let bare = text.trim_end_matches('=');
            assert_eq!(base64(bare.as_bytes()).unwrap(), plain.as_bytes());
        }
        assert_eq!(base64(b"Zg==="), None);
        assert_eq!(base64(b"Z"), None);
        assert_eq!(base64(b"Z!=="), None);
    }

    #[test]
    fn utf16_is_recognised() {
        let little: Vec<u8> = "a text that is long"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = "\u{feff}a"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(utf16(&little).unwrap().text, b"a text that is long");
        assert_eq!(utf16(&big).unwrap().text, b"a");
        assert!(utf16(b"a text that is long").is_none());
        assert!(utf16(&[0; 64]).is_none());
    }
}
