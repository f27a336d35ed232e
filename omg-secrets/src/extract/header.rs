//! The credentials of an `Authorization` header (RFC 9110, section 11.6.2).

use std::ops::Range;

use crate::text::line;

/// How the credentials are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    /// RFC 7617: base64 of `user:password`.
    Basic,
    /// RFC 6750.
    Bearer,
    /// Of no standard, but of many services.
    Token,
}

/// A scheme and its credentials.
pub(crate) struct Authorization {
    pub scheme: Scheme,
    pub value: Range<usize>,
    /// The line up to the scheme, where the header's name would be.
    pub before: Range<usize>,
}

/// `Basic <base64>`, `Bearer <token>` and `Token <token>`, with `at` on the first letter of the
/// scheme.
pub(crate) fn authorization(bytes: &[u8], at: usize) -> Option<Authorization> {
    let rest = &bytes[at..bytes.len().min(at + 1000)];
    let space = rest.iter().position(|b| !b.is_ascii_alphabetic())?;
    let scheme = scheme(&rest[..space])?;
    let mut start = at + space;
    while matches!(bytes.get(start), Some(b' ' | b':' | b'"' | b'\'')) && start < at + space + 4 {
        start += 1;
    }
    if start == at + space {
        return None;
    }
    let high = bytes.len().min(start + 1000);
    let end = bytes[start..high]
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || b"+/=_.~-".contains(b)))
        .map_or(high, |found| start + found);
    Some(Authorization {
        scheme,
        value: start..end,
        before: line(bytes, at, 120).start..at,
    })
}

fn scheme(word: &[u8]) -> Option<Scheme> {
    [
        ("basic", Scheme::Basic),
        ("bearer", Scheme::Bearer),
        ("token", Scheme::Token),
    ]
    .into_iter()
    .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))
    .map(|(_, scheme)| scheme)
}
