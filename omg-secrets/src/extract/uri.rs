//! The user and the password in a URI (RFC 3986, section 3.2.1).

use std::ops::Range;

/// `scheme://user:password@host`, with the password where it is in the text.
pub(crate) struct Userinfo<'a> {
    pub scheme: &'a [u8],
    pub password: Range<usize>,
    pub host: &'a [u8],
}

/// The parts of a URI, with `at` on the colon of `://`.
pub(crate) fn userinfo(bytes: &[u8], at: usize) -> Option<Userinfo<'_>> {
    let start = at + 3;
    let high = bytes.len().min(start + 300);
    let end = bytes[start..high]
        .iter()
        .position(|b| {
            b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'/')
        })
        .map_or(high, |found| start + found);
    let authority = &bytes[start..end];
    let colon = memchr::memchr(b':', authority)?;
    let sign = memchr::memrchr(b'@', authority)?;
    if colon >= sign {
        return None;
    }
    let user = &authority[..colon];
    let password = start + colon + 1..start + sign;
    let host = &authority[sign + 1..];
    let fits = !password.is_empty()
        && host
            .first()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b"$[{*%".contains(b))
        && !user.iter().any(|b| b"@(),;?&=".contains(b));
    let scheme = scheme(bytes, at);
    (fits && !scheme.is_empty()).then_some(Userinfo {
        scheme,
        password,
        host,
    })
}

fn scheme(bytes: &[u8], colon: usize) -> &[u8] {
    let low = colon.saturating_sub(16);
    let start = bytes[low..colon]
        .iter()
        .rposition(|b| !(b.is_ascii_alphanumeric() || b"+-.".contains(b)))
        .map_or(low, |found| low + found + 1);
    &bytes[start..colon]
}
