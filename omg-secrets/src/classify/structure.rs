//! What a token's inside says: every judge is a pure function of the candidate, and answers
//! `None` where it cannot tell.

use crate::classify::checksum;
use crate::classify::naming;
use crate::rules::Check;
use crate::text::encoding::base64;

/// What the rule's own check says of the token: `Some(true)` raises the confidence,
/// `Some(false)` lowers it.
pub(crate) fn judge(check: Check, token: &[u8]) -> Option<bool> {
    match check {
        Check::None => None,
        Check::GithubCrc => checksum::github(token),
        Check::GitlabRoutable => checksum::gitlab_routable(token),
        Check::AtlassianCrc => checksum::atlassian(token),
        Check::CloudflareCrc => checksum::cloudflare(token),
        Check::Bech32 => checksum::bech32(token),
        Check::Jwt => Some(jwt(token)),
        Check::Macaroon(location) => Some(macaroon(token, location)),
        Check::Base64Len(length) => Some(base64(value(token))?.len() == length),
        Check::AwsAccount => aws_account(token).map(|_| true),
        Check::Snowflake => Some(snowflake(token)),
        Check::JsonKeys(keys) => Some(json_with(after_prefix(token), keys)),
        Check::Base64Colon => Some(user_and_password(token)),
        Check::Base64Starts(start) => Some(base64_starts(token, start)),
        Check::Crypt => Some(crypt(token)),
        Check::UuidVersion => Some(uuid(token)),
        Check::Pem => None,
        // A name is no better for being well formed.
        Check::Arn => (!naming::arn(token)).then_some(false),
        Check::Assigned => (!naming::assigned(token)).then_some(false),
        Check::Clamped => Some(clamped(value(token))),
        Check::Hex => Some(token.iter().all(u8::is_ascii_hexdigit)),
    }
}

/// The text after the last `=`, `:` or space that is not padding.
fn value(token: &[u8]) -> &[u8] {
    let end = token
        .iter()
        .rposition(|&b| b != b'=')
        .map_or(0, |at| at + 1);
    let start = token[..end]
        .iter()
        .rposition(|b| matches!(b, b'=' | b':' | b' ' | b'"' | b'\''))
        .map_or(0, |at| at + 1);
    &token[start..]
}

/// From `eyJ` on, which is `{"` in base64.
fn after_prefix(token: &[u8]) -> &[u8] {
    let at = memchr::memmem::find(token, b"eyJ").unwrap_or_default();
    let rest = &token[at..];
    let end = rest
        .iter()
        .position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'+' | b'/' | b'-'))
        .unwrap_or(rest.len());
    &rest[..end]
}

/// A JSON Web Token (RFC 7519): a header with an algorithm (RFC 7515, section 4.1.1) and
/// claims, both JSON objects in base64url.
pub(crate) fn jwt(token: &[u8]) -> bool {
    let mut parts = token.split(|&b| b == b'.');
    let object = |part: Option<&[u8]>| {
        let text = base64(part?)?;
        is_json_object(&text).then_some(text)
    };
    let Some(header) = object(parts.next()) else {
        return false;
    };
    memchr::memmem::find(&header, b"\"alg\"").is_some() && object(parts.next()).is_some()
}

/// Whether the text is a JSON object as far as its strings and brackets tell.
pub(crate) fn is_json_object(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    if text.first() != Some(&b'{') || !text.is_ascii() && std::str::from_utf8(text).is_err() {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == text.len();
                }
            }
            _ => {}
        }
    }
    false
}

fn json_with(text: &[u8], keys: &[&str]) -> bool {
    let Some(json) = base64(text) else {
        return false;
    };
    let has = |key: &&str| memchr::memmem::find(&json, format!("\"{key}\"").as_bytes()).is_some();
    json.starts_with(b"{") && keys.iter().all(has)
}

/// A macaroon of version 2 in base64url after the first `-` or `_`: version, location field
/// (libmacaroons, "format v2": 0x02, then field type 0x01, its length and text).
fn macaroon(token: &[u8], location: &[u8]) -> bool {
    let body = token
        .iter()
        .position(|b| matches!(b, b'-' | b'_'))
        .map_or(token, |at| &token[at + 1..]);
    let body = &body[..body.len() / 4 * 4];
    let Some(bytes) = base64(body) else {
        return false;
    };
    match bytes.as_slice() {
        [2, 1, length, rest @ ..] => {
            let named = rest.get(..usize::from(*length)).unwrap_or_default();
            location.is_empty() || named == location
        }
        // Fly.io: MessagePack, an array that holds the macaroons.
        [0x91..=0x9f, ..] => location.is_empty(),
        _ => false,
    }
}

/// The account that an AWS key id belongs to: the bits 8 to 47 of what follows the prefix in
/// base 32 (T. Fraiture, "A short note on AWS KEY ID", 2020), at most twelve digits.
pub(crate) fn aws_account(token: &[u8]) -> Option<u64> {
    let body = token.get(4..20)?;
    let mut bits = 0_u128;
    for &byte in body {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u128::from(digit);
    }
    let top = u64::try_from(bits >> 32 & 0xFFFF_FFFF_FFFF).ok()?;
    let account = (top & 0x7FFF_FFFF_FF80) >> 7;
    (account < 1_000_000_000_000).then_some(account)
}

/// Discord's bot tokens begin with the bot's id: a decimal number of 17 to 20 digits, in
/// base64 (Discord, "Snowflakes").
fn snowflake(token: &[u8]) -> bool {
    let first = token.split(|&b| b == b'.').next().unwrap_or_default();
    base64(first)
        .is_some_and(|id| (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit))
}

/// `user:password` in base64 (RFC 7617, section 2).
pub(crate) fn user_and_password(token: &[u8]) -> bool {
    let Some(text) = base64(value(token)) else {
        return false;
    };
    let printable =
        std::str::from_utf8(&text).is_ok_and(|text| !text.chars().any(char::is_control));
    let colon = text.iter().position(|&b| b == b':');
    printable && colon.is_some_and(|at| at + 1 < text.len())
}

fn base64_starts(token: &[u8], start: &[u8]) -> bool {
    (0..token.len().min(5)).any(|skip| {
        let text = &token[skip..];
        base64(&text[..text.len() / 4 * 4]).is_some_and(|text| text.starts_with(start))
    })
}

/// A password hash of crypt(5): `$id$` and as many characters as the method has.
fn crypt(token: &[u8]) -> bool {
    let fields: Vec<&[u8]> = token.split(|&b| b == b'$').skip(1).collect();
    let id = fields.first().copied().unwrap_or_default();
    let hash = fields.last().copied().unwrap_or_default().len();
    // bcrypt writes salt and hash as one.
    match id {
        b"1" | b"apr1" => hash == 22,
        b"2" | b"2a" | b"2b" | b"2x" | b"2y" => hash == 53,
        b"5" | b"8" | b"9" => hash == 43,
        b"6" => hash == 86,
        b"y" | b"gy" | b"7" => hash >= 43,
        _ => hash >= 20,
    }
}

/// A random UUID (RFC 9562, section 5.4) or one of versions 1, 3, 5 to 8.
fn uuid(token: &[u8]) -> bool {
    let from = token.len().saturating_sub(36);
    let text = &token[from..];
    matches!(text.get(14), Some(b'1'..=b'8'))
        && matches!(text.get(19), Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B'))
}

/// A Curve25519 private key of 32 bytes as WireGuard writes it: clamped (RFC 7748, section 5).
fn clamped(text: &[u8]) -> bool {
    base64(text).is_some_and(|key| key.len() == 32 && key[0] & 7 == 0 && key[31] & 0xC0 == 0x40)
}

/// Whether the bytes are one DER SEQUENCE (ITU-T X.690, section 8.9) of the length it states.
pub(crate) fn der_sequence(bytes: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = bytes else {
        return false;
    };
    let (length, rest) = match usize::from(*first) {
        short @ 0..=127 => (short, rest),
        long @ 0x81..=0x84 => {
            let count = long - 0x80;
            let Some((head, rest)) = rest.split_at_checked(count) else {
                return false;
            };
            (
                head.iter().fold(0, |sum, &b| sum << 8 | usize::from(b)),
                rest,
            )
        }
        _ => return false,
    };
    rest.len() == length
}

/// An OpenSSH private key (OpenSSH, `PROTOCOL.key`): whether it is encrypted, if it is one.
pub(crate) fn openssh_encrypted(bytes: &[u8]) -> Option<bool> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (length, rest) = rest.split_at_checked(4)?;
    let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
    let cipher = rest.get(..usize::try_from(length).ok()?)?;
    Some(cipher != b"none")
}

/// A secret key packet of OpenPGP (RFC 9580, sections 4.2 and 5.5.1.3: tag 5 or 7), with the
/// checksum of the armour if there is one.
pub(crate) fn openpgp_secret_key(body: &[u8], check: Option<&[u8]>) -> bool {
    let Some(first) = body.first() else {
        return false;
    };
    let tag = match first >> 6 {
        3 => first & 0x3F,
        2 => first >> 2 & 0x0F,
        _ => return false,
    };
    let sums = check
        .and_then(base64)
        .is_none_or(|sum| sum == checksum::crc24(body).to_be_bytes()[1..]);
    matches!(tag, 5 | 7) && sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[test]
    fn json_web_tokens() {
        let token = |header: &str, claims: &str| {
            format!(
                "{}.{}.c2ln",
                encoded(header.as_bytes()),
                encoded(claims.as_bytes())
            )
        };
        assert!(jwt(
            token("{\"alg\":\"HS256\"}", "{\"sub\":\"1\"}").as_bytes()
        ));
        assert!(!jwt(
            token("{\"typ\":\"JWT\"}", "{\"sub\":\"1\"}").as_bytes()
        ));
        assert!(!jwt(token("{\"alg\":\"HS256\"}", "no object").as_bytes()));
        assert!(!jwt(b"eyJ.eyJ.x"));
    }

    #[test]
    fn json_objects() {
        assert!(is_json_object(b" {\"a\":\"}\\\"\",\"b\":[{}]} "));
        assert!(!is_json_object(b"{\"a\":1"));
        assert!(!is_json_object(b"{}{}"));
        assert!(!is_json_object(b"{\"a\":\"\xff\"}"));
    }

    #[test]
    fn aws_accounts() {
        // The published example of the author.
        let id = ["ASIAQ", "NZGKIQY56JQ7WML"].concat();
        assert_eq!(aws_account(id.as_bytes()), Some(29_608_264_753));
        assert_eq!(aws_account(b"AKIA1"), None);
        assert_eq!(
            aws_account(["AKIA", "0000000000000000"].concat().as_bytes()),
            None
        );
    }

    #[test]
    fn macaroons() {
        let bytes = [b"\x02\x01\x08host.tld".as_slice(), &[2; 10]].concat();
        let token = format!("pypi-{}", encoded(&bytes));
        assert!(macaroon(token.as_bytes(), b"host.tld"));
        assert!(!macaroon(token.as_bytes(), b"other"));
        assert!(!macaroon(b"pypi-AAAA", b""));
    }

    #[test]
    fn credentials_in_base64() {
        assert!(user_and_password(
            format!("Basic {}", encoded(b"me:open sesame")).as_bytes()
        ));
        assert!(!user_and_password(
            format!("Basic {}", encoded(b"nothing")).as_bytes()
        ));
        assert!(!user_and_password(
            format!("Basic {}", encoded(b"me:")).as_bytes()
        ));
    }

    #[test]
    fn lengths_after_decoding() {
        let key = format!("AccountKey={}", encoded(&[7; 64]));
        assert_eq!(judge(Check::Base64Len(64), key.as_bytes()), Some(true));
        assert_eq!(judge(Check::Base64Len(32), key.as_bytes()), Some(false));
    }

    #[test]
    fn wireguard_keys_are_clamped() {
        let mut key = [9; 32];
        assert!(!clamped(encoded(&key).as_bytes()));
        key[0] = 8;
        key[31] = 0x41;
        assert!(clamped(encoded(&key).as_bytes()));
    }

    #[test]
    fn snowflakes() {
        let token = format!("{}.a.b", encoded(b"123456789012345678"));
        assert!(snowflake(token.as_bytes()));
        assert!(!snowflake(
            format!("{}.a.b", encoded(b"12345678901234567x")).as_bytes()
        ));
    }

    #[test]
    fn json_inside_a_token() {
        let token = format!("glc_{}", encoded(b"{\"o\":\"1\",\"n\":\"x\",\"k\":\"y\"}"));
        assert!(judge(Check::JsonKeys(&["o", "n", "k"]), token.as_bytes()).unwrap());
        assert!(!judge(Check::JsonKeys(&["iat"]), token.as_bytes()).unwrap());
    }

    #[test]
    fn der() {
        assert!(der_sequence(&[0x30, 2, 5, 0]));
        assert!(der_sequence(&[&[0x30, 0x81, 128][..], &[0; 128]].concat()));
        assert!(!der_sequence(&[0x30, 3, 5, 0]));
        assert!(!der_sequence(&[0x30, 0x84, 0xff]));
        assert!(!der_sequence(b"text"));
    }

    #[test]
    fn openssh_keys() {
        let key = |cipher: &[u8]| {
            let length = u8::try_from(cipher.len()).unwrap();
            [b"openssh-key-v1\0\0\0\0".as_slice(), &[length], cipher].concat()
        };
        assert_eq!(openssh_encrypted(&key(b"none")), Some(false));
        assert_eq!(openssh_encrypted(&key(b"aes256-ctr")), Some(true));
        assert_eq!(
            openssh_encrypted(b"openssh-key-v1\0\xff\xff\xff\xffnone"),
            None
        );
    }

    #[test]
    fn openpgp_packets() {
        let body = [0xC5, 1, 2, 3];
        let sum = encoded(&checksum::crc24(&body).to_be_bytes()[1..]);
        assert!(openpgp_secret_key(&body, Some(sum.as_bytes())));
        assert!(!openpgp_secret_key(&body, Some(b"AAAA")));
        assert!(!openpgp_secret_key(&[0xC6, 1], None));
    }

    #[test]
    fn password_hashes() {
        let hash = |id: &str, length| format!("${id}$saltsalt${}", "a".repeat(length));
        assert!(crypt(hash("6", 86).as_bytes()));
        assert!(!crypt(hash("6", 80).as_bytes()));
        assert!(crypt(hash("5", 43).as_bytes()));
    }

    #[test]
    fn uuids() {
        assert!(uuid(b"743b294a-cd03-11ec-9d64-0242ac120002"));
        assert!(!uuid(b"743b294a-cd03-01ec-9d64-0242ac120002"));
        assert!(!uuid(b"743b294a-cd03-11ec-0d64-0242ac120002"));
    }

    #[test]
    fn fixed_starts() {
        let token = format!("cm{}", "Vmdxxxxxxxxx");
        assert!(base64_starts(token.as_bytes(), b"ref"));
        assert!(!base64_starts(b"AAAAAAAA", b"ref"));
    }
}
