//! Private keys in PEM (RFC 7468), OpenSSH and OpenPGP armour: over lines, in one line with
//! `\n` written out, in quotes and pluses of a programming language.

use std::ops::Range;

/// The longest armour that is looked at: a key of 16,384 bits has 13 kB.
const MAX_BYTES: usize = 64 << 10;

/// A private key, taken out of its armour.
pub(crate) struct Armour<'a> {
    pub label: &'a [u8],
    /// Between the label and the end, if there is one.
    pub body: &'a [u8],
    /// The base64 characters of the body.
    pub data: Vec<u8>,
    /// Those of its checksum.
    pub check: Option<Vec<u8>>,
    pub span: Range<usize>,
    /// Whether the armour has an end.
    pub closed: bool,
}

/// The private key whose label holds `PRIVATE KEY` at `at`.
pub(crate) fn private_key(bytes: &[u8], at: usize) -> Option<Armour<'_>> {
    let low = at.saturating_sub(40);
    let begin = low + memchr::memmem::rfind(&bytes[low..at], b"-----BEGIN ")?;
    let high = bytes.len().min(begin + 80);
    let label_end = begin + 11 + memchr::memmem::find(&bytes[begin + 11..high], b"-----")?;
    let label = &bytes[begin + 11..label_end];
    if !label
        .iter()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b' ')
        || !(label.ends_with(b"PRIVATE KEY") || label.ends_with(b"PRIVATE KEY BLOCK"))
    {
        return None;
    }
    let start = label_end + 5;
    let limit = bytes.len().min(start + MAX_BYTES);
    let end = memchr::memmem::find(&bytes[start..limit], b"-----").map(|found| start + found);
    let body = &bytes[start..end.unwrap_or(limit.min(start + 4096))];
    let (data, check) = data(body);
    Some(Armour {
        label,
        body,
        data,
        check,
        span: begin..start + body.len(),
        closed: end.is_some(),
    })
}

/// The base64 characters of the body, without headers, quotes, escapes and comments, and those of
/// its checksum (RFC 9580, section 6.1).
fn data(body: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let mut data = Vec::new();
    let mut check = None;
    let text: Vec<u8> = {
        // Line ends that are written out are line ends.
        let mut out = Vec::with_capacity(body.len());
        let mut at = 0;
        while at < body.len() {
            if body[at] == b'\\' {
                let skip = usize::from(matches!(body.get(at + 1), Some(b'n' | b'r' | b't'))) + 1;
                out.push(b'\n');
                at += skip;
            } else {
                out.push(body[at]);
                at += 1;
            }
        }
        out
    };
    for line in text.split(|b| *b == b'\n' || *b == b' ') {
        let line: Vec<u8> = line
            .iter()
            .copied()
            .filter(|b| !b"\r\t \"'+,;#*>|`()".contains(b) || *b == b'+')
            .collect();
        let quoted = line.first() == Some(&b'+') && line.len() == 1;
        if quoted || line.is_empty() || line.contains(&b':') {
            continue;
        }
        if line.len() == 5 && line[0] == b'=' {
            check = Some(line[1..].to_vec());
            continue;
        }
        let core = line.len() - line.iter().rev().take_while(|b| **b == b'=').count();
        let fits = line[..core]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/_-".contains(b));
        if fits && (core >= 8 || !data.is_empty()) {
            data.extend_from_slice(&line);
        }
    }
    (data, check)
}
