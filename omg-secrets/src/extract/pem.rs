//! Private keys in PEM (RFC 7468), OpenSSH and OpenPGP armour: over lines, in one line with
//! `\n` written out, in quotes and pluses of a programming language.

use std::ops::Range;

use crate::classify::structure::{der_sequence, openpgp_secret_key, openssh_encrypted};
use crate::rules::Confidence;
use crate::text::encoding::base64;

/// The longest armour that is looked at: a key of 16,384 bits has 13 kB.
const MAX_BYTES: usize = 64 << 10;

pub(crate) struct Key {
    pub rule: &'static str,
    pub span: Range<usize>,
    pub confidence: Confidence,
    pub valid: Option<bool>,
}

/// The private key whose label holds `PRIVATE KEY` at `at`.
pub(crate) fn find(bytes: &[u8], at: usize) -> Option<Key> {
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
    let text = armour(body);
    let distinct = {
        let mut seen = [false; 256];
        text.data.iter().for_each(|&b| seen[usize::from(b)] = true);
        seen.iter().filter(|s| **s).count()
    };
    if text.data.len() < 24 || distinct < 10 {
        return None;
    }
    let decoded = base64(&text.data).unwrap_or_default();
    let encrypted = label.starts_with(b"ENCRYPTED")
        || memchr::memmem::find(body, b"ENCRYPTED").is_some()
        || openssh_encrypted(&decoded) == Some(true);
    let valid = end.map(|_| {
        der_sequence(&decoded)
            || openssh_encrypted(&decoded).is_some()
            || openpgp_secret_key(&decoded, text.check.as_deref())
            || memchr::memmem::find(body, b"Proc-Type").is_some() && decoded.len().is_multiple_of(8)
    });
    let rule = if encrypted {
        "private-key-encrypted"
    } else {
        match label {
            b"RSA PRIVATE KEY" => "private-key-rsa",
            b"PRIVATE KEY" => "private-key-pkcs8",
            b"EC PRIVATE KEY" => "private-key-ec",
            b"DSA PRIVATE KEY" => "private-key-dsa",
            b"OPENSSH PRIVATE KEY" => "private-key-openssh",
            b"PGP PRIVATE KEY BLOCK" => "private-key-pgp",
            _ => "private-key-other",
        }
    };
    let confidence = match valid {
        Some(true) => Confidence::High,
        Some(false) => Confidence::Medium,
        None => Confidence::Low,
    };
    Some(Key {
        rule,
        span: begin..end.unwrap_or(start + body.len()),
        confidence,
        valid,
    })
}

struct Armour {
    data: Vec<u8>,
    check: Option<Vec<u8>>,
}

/// The base64 characters of the body, without headers, quotes, escapes and comments.
fn armour(body: &[u8]) -> Armour {
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
    Armour { data, check }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(label: &str, bytes: &[u8], newline: &str) -> String {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|l| std::str::from_utf8(l).unwrap())
            .collect();
        format!(
            "-----BEGIN {label}-----{newline}{}{newline}-----END {label}-----",
            lines.join(newline)
        )
    }

    fn der() -> Vec<u8> {
        let body: Vec<u8> = (0..100).collect();
        [&[0x30, 100][..], &body].concat()
    }

    #[test]
    fn lines_and_written_out_lines() {
        for newline in ["\n", "\r\n", "\\n", "\\r\\n", "\" +\n  \"", " "] {
            let text = key("RSA PRIVATE KEY", &der(), newline);
            let found = find(text.as_bytes(), text.find("PRIVATE").unwrap()).unwrap();
            assert_eq!(
                (found.rule, found.valid),
                ("private-key-rsa", Some(true)),
                "{newline:?}"
            );
        }
    }

    #[test]
    fn encrypted_keys_are_told_apart() {
        let cipher =
            b"openssh-key-v1\0\0\0\0\x0aaes256-ctr and then more of it to be long".as_slice();
        let text = key("OPENSSH PRIVATE KEY", cipher, "\n");
        assert_eq!(
            find(text.as_bytes(), 19).unwrap().rule,
            "private-key-encrypted"
        );
        let plain =
            b"openssh-key-v1\0\0\0\0\x04none and then more of it to be long enough".as_slice();
        let text = key("OPENSSH PRIVATE KEY", plain, "\n");
        assert_eq!(
            find(text.as_bytes(), 19).unwrap().rule,
            "private-key-openssh"
        );
        let text = key("ENCRYPTED PRIVATE KEY", &der(), "\n");
        assert_eq!(
            find(text.as_bytes(), 21).unwrap().rule,
            "private-key-encrypted"
        );
    }

    #[test]
    fn no_key_in_an_empty_armour() {
        let text = "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----";
        assert!(find(text.as_bytes(), 11).is_none());
        let text = "-----BEGIN PRIVATE KEY-----";
        assert!(find(text.as_bytes(), 11).is_none());
    }
}
