//! Passwords and tokens that give access to a host: in URIs, headers, files of passwords,
//! connection strings and on command lines.

use std::ops::Range;

use super::entropy::{Makeup, wordy};
use super::structure::user_and_password;
use super::{Found, placeholder};
use crate::extract::header::{Authorization, Scheme};
use crate::extract::uri::Userinfo;
use crate::rules::Confidence;
use crate::text::encoding::base64;
use crate::text::holds;

/// What databases are installed with.
const DEFAULTS: [&str; 6] = ["secret", "admin", "root", "postgres", "guest", "test"];

/// The password of a URI.
pub(crate) fn userinfo(bytes: &[u8], parts: &Userinfo<'_>) -> Option<Found> {
    let password = &bytes[parts.password.clone()];
    if template(password) || password.iter().all(|b| b"*.x".contains(b)) {
        return None;
    }
    // Documentation writes these words in place of a password; for a database they are also
    // what careless people choose.
    let lower = password.to_ascii_lowercase();
    let web = parts.scheme.starts_with(b"http");
    let chosen = !web && DEFAULTS.iter().any(|word| word.as_bytes() == lower);
    let stand_in = placeholder::standin(password);
    if stand_in && !chosen {
        return None;
    }
    let example = holds(parts.host, "example.");
    let weak = wordy(password) || password.len() < 8 || example || stand_in;
    Some(doubted("uri-password", parts.password.clone(), weak))
}

/// The credentials of a header, or of what is written like one.
pub(crate) fn authorization(bytes: &[u8], parts: &Authorization) -> Option<Found> {
    let value = &bytes[parts.value.clone()];
    match parts.scheme {
        Scheme::Basic => is_basic(value).then(|| Found {
            valid: Some(true),
            ..Found::new(
                "http-basic-credentials",
                parts.value.clone(),
                Confidence::High,
            )
        }),
        Scheme::Bearer | Scheme::Token => {
            let header = holds(&bytes[parts.before.clone()], "authorization");
            let named = header || parts.scheme == Scheme::Bearer;
            if !is_random(value, header) || !named || placeholder::standin(value) {
                return None;
            }
            let confidence = if header {
                Confidence::Medium
            } else {
                Confidence::Low
            };
            Some(Found::new(
                "http-bearer-token",
                parts.value.clone(),
                confidence,
            ))
        }
    }
}

/// Whether the value is a user and a password (RFC 7617, section 2), and not of words.
fn is_basic(value: &[u8]) -> bool {
    let good =
        value.len() >= 8 && user_and_password(value) && !value.iter().all(u8::is_ascii_alphabetic);
    good && !credentials_are_words(value)
}

fn credentials_are_words(value: &[u8]) -> bool {
    let text = base64(value).unwrap_or_default();
    let colon = memchr::memchr(b':', &text).unwrap_or_default();
    placeholder::standin(text.get(colon + 1..).unwrap_or_default())
}

/// Whether a token looks random; behind the name of the header it may be shorter.
fn is_random(value: &[u8], header: bool) -> bool {
    let makeup = Makeup::of(value);
    let long = value.len() >= 16 && makeup.digit > 0 && makeup.lower + makeup.upper > 0;
    let short = header && value.len() >= 12 && makeup.digit > 1 && makeup.kinds() >= 3;
    (long || short) && !wordy(value)
}

/// The password of a netrc file.
pub(crate) fn netrc(bytes: &[u8], value: Range<usize>) -> Option<Found> {
    let password = &bytes[value.clone()];
    let chosen = !placeholder::unchosen(password) && !template(password);
    chosen.then(|| Found::new("netrc-password", value, Confidence::Medium))
}

/// The password of a pgpass file.
pub(crate) fn pgpass(bytes: &[u8], value: Range<usize>) -> Option<Found> {
    let password = &bytes[value.clone()];
    let chosen = !password.starts_with(b"/")
        && password.len() >= 4
        && !placeholder::unchosen(password)
        && !template(password);
    chosen.then(|| Found::new("pgpass-password", value, Confidence::Medium))
}

/// The password of a connection string.
pub(crate) fn connection_string(bytes: &[u8], span: Range<usize>) -> Option<Found> {
    let value = &bytes[span.clone()];
    let lower = value.to_ascii_lowercase();
    let stand_in = template(value)
        || value.len() < 4
        || lower.starts_with(b"your")
        || lower == b"password"
        || holds(&lower, "xxxx")
        || holds(&lower, "example")
        || value.iter().all(|b| b"*#.".contains(b));
    if stand_in || value.starts_with(b"%") || value.starts_with(b"#{") {
        return None;
    }
    let weak = placeholder::standin(value) || wordy(value);
    Some(doubted("connection-string-password", span, weak))
}

/// The password on a command line.
pub(crate) fn command_line(bytes: &[u8], span: Range<usize>) -> Option<Found> {
    let value = &bytes[span.clone()];
    if value.len() < 4
        || placeholder::standin(value)
        || template(value)
        || value.starts_with(b"-")
        || value.starts_with(b"$")
        || value.starts_with(b"%")
        || value.contains(&b'$') && value.len() < 12
    {
        return None;
    }
    Some(Found {
        weak: wordy(value),
        ..Found::new("command-line-password", span, Confidence::Low)
    })
}

/// A value in its place, of which the severity and the confidence are lowered where it is weak.
fn doubted(rule: &'static str, span: Range<usize>, weak: bool) -> Found {
    let confidence = if weak {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    Found {
        weak,
        ..Found::new(rule, span, confidence)
    }
}

fn template(text: &[u8]) -> bool {
    text.iter().any(|b| b"{}<>[]".contains(b))
        || text.starts_with(b"(")
        || text.starts_with(b"$")
            && text[1..]
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        || text.starts_with(b"%") && text.len() <= 3
        || text.starts_with(b":")
}
