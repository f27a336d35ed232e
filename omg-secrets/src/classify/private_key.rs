//! Whether an armoured text is a private key, and of which kind.

use super::Found;
use super::structure::{der_sequence, openpgp_secret_key, openssh_encrypted};
use crate::extract::pem::Armour;
use crate::rules::Confidence;
use crate::text::encoding::base64;

/// The private key in an armour, unless it is an empty place.
pub(crate) fn private_key(armour: &Armour<'_>) -> Option<Found> {
    if armour.data.len() < 24 || distinct(&armour.data) < 10 {
        return None;
    }
    let decoded = base64(&armour.data).unwrap_or_default();
    let valid = armour.closed.then(|| is_valid(armour, &decoded));
    let rule = if is_encrypted(armour, &decoded) {
        "private-key-encrypted"
    } else {
        kind(armour.label)
    };
    let confidence = match valid {
        Some(true) => Confidence::High,
        Some(false) => Confidence::Medium,
        None => Confidence::Low,
    };
    Some(Found {
        valid,
        ..Found::new(rule, armour.span.clone(), confidence)
    })
}

/// How many different bytes there are.
fn distinct(text: &[u8]) -> usize {
    let mut seen = [false; 256];
    text.iter().for_each(|&b| seen[usize::from(b)] = true);
    seen.iter().filter(|s| **s).count()
}

fn is_encrypted(armour: &Armour<'_>, decoded: &[u8]) -> bool {
    armour.label.starts_with(b"ENCRYPTED")
        || memchr::memmem::find(armour.body, b"ENCRYPTED").is_some()
        || openssh_encrypted(decoded) == Some(true)
}

fn is_valid(armour: &Armour<'_>, decoded: &[u8]) -> bool {
    der_sequence(decoded)
        || openssh_encrypted(decoded).is_some()
        || openpgp_secret_key(decoded, armour.check.as_deref())
        || memchr::memmem::find(armour.body, b"Proc-Type").is_some()
            && decoded.len().is_multiple_of(8)
}

fn kind(label: &[u8]) -> &'static str {
    match label {
        b"RSA PRIVATE KEY" => "private-key-rsa",
        b"PRIVATE KEY" => "private-key-pkcs8",
        b"EC PRIVATE KEY" => "private-key-ec",
        b"DSA PRIVATE KEY" => "private-key-dsa",
        b"OPENSSH PRIVATE KEY" => "private-key-openssh",
        b"PGP PRIVATE KEY BLOCK" => "private-key-pgp",
        _ => "private-key-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::pem;

    fn find(text: &str, at: usize) -> Option<Found> {
        private_key(&pem::private_key(text.as_bytes(), at)?)
    }

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
            let found = find(&text, text.find("PRIVATE").unwrap()).unwrap();
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
        assert_eq!(find(&text, 19).unwrap().rule, "private-key-encrypted");
        let plain =
            b"openssh-key-v1\0\0\0\0\x04none and then more of it to be long enough".as_slice();
        let text = key("OPENSSH PRIVATE KEY", plain, "\n");
        assert_eq!(find(&text, 19).unwrap().rule, "private-key-openssh");
        let text = key("ENCRYPTED PRIVATE KEY", &der(), "\n");
        assert_eq!(find(&text, 21).unwrap().rule, "private-key-encrypted");
    }

    #[test]
    fn no_key_in_an_empty_armour() {
        let text = "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----";
        assert!(find(text, 11).is_none());
        let text = "-----BEGIN PRIVATE KEY-----";
        assert!(find(text, 11).is_none());
    }
}
