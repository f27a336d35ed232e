//! Credentials in URIs, HTTP headers, netrc and pgpass files, connection strings and on
//! command lines.

use std::ops::Range;

use crate::classify::entropy::{Makeup, wordy};
use crate::classify::placeholder;
use crate::classify::structure::user_and_password;
use crate::rules::Confidence;
use crate::text::{holds, line, skip_spaces};

/// A found value: its rule, where it is, how sure, whether its severity is lowered.
pub(crate) struct Found {
    pub rule: &'static str,
    pub span: Range<usize>,
    pub confidence: Confidence,
    pub weak: bool,
    pub valid: Option<bool>,
}

fn found(rule: &'static str, span: Range<usize>, confidence: Confidence, weak: bool) -> Found {
    Found {
        rule,
        span,
        confidence,
        weak,
        valid: None,
    }
}

/// What databases are installed with.
const DEFAULTS: [&str; 6] = ["secret", "admin", "root", "postgres", "guest", "test"];

/// `scheme://user:password@host` (RFC 3986, section 3.2.1), with `at` on the colon.
pub(crate) fn userinfo(bytes: &[u8], at: usize) -> Option<Found> {
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
    let password = &authority[colon + 1..sign];
    let host = &authority[sign + 1..];
    let fits = !password.is_empty()
        && host
            .first()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b"$[{*%".contains(b))
        && !user.iter().any(|b| b"@(),;?&=".contains(b));
    let scheme = scheme(bytes, at);
    let web = scheme.starts_with(b"http") || scheme.is_empty();
    if !fits
        || scheme.is_empty()
        || template(password)
        || password.iter().all(|b| b"*.x".contains(b))
    {
        return None;
    }
    // Documentation writes these words in place of a password; for a database they are also
    // what careless people choose.
    let lower = password.to_ascii_lowercase();
    let chosen = !web && DEFAULTS.iter().any(|word| word.as_bytes() == lower);
    if placeholder::standin(password) && !chosen {
        return None;
    }
    let example = holds(host, "example.");
    let from = start + colon + 1;
    let weak = wordy(password) || password.len() < 8 || example || placeholder::standin(password);
    let confidence = if weak {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    Some(found("uri-password", from..start + sign, confidence, weak))
}

fn scheme(bytes: &[u8], colon: usize) -> &[u8] {
    let low = colon.saturating_sub(16);
    let start = bytes[low..colon]
        .iter()
        .rposition(|b| !(b.is_ascii_alphanumeric() || b"+-.".contains(b)))
        .map_or(low, |found| low + found + 1);
    &bytes[start..colon]
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

/// `Basic <base64>` and `Bearer <token>`, `Token <token>` in or near an `Authorization`
/// header (RFC 7617, RFC 6750), with `at` on the first letter of the scheme.
pub(crate) fn authorization(bytes: &[u8], at: usize) -> Option<Found> {
    let rest = &bytes[at..bytes.len().min(at + 1000)];
    let space = rest.iter().position(|b| !b.is_ascii_alphabetic())?;
    let basic = rest[..space].eq_ignore_ascii_case(b"basic");
    let token = rest[..space].eq_ignore_ascii_case(b"token");
    if !basic && !token && !rest[..space].eq_ignore_ascii_case(b"bearer") {
        return None;
    }
    let mut start = at + space;
    while matches!(bytes.get(start), Some(b' ' | b':' | b'"' | b'\'')) && start < at + space + 4 {
        start += 1;
    }
    if start == at + space {
        return None;
    }
    let end = bytes[start..bytes.len().min(start + 1000)]
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || b"+/=_.~-".contains(b)))
        .map_or(bytes.len().min(start + 1000), |found| start + found);
    let value = &bytes[start..end];
    if basic {
        let good = value.len() >= 8
            && user_and_password(value)
            && !value.iter().all(u8::is_ascii_alphabetic);
        if !good || credentials_are_words(value) {
            return None;
        }
        let mut hit = found(
            "http-basic-credentials",
            start..end,
            Confidence::High,
            false,
        );
        hit.valid = Some(true);
        return Some(hit);
    }
    let makeup = Makeup::of(value);
    let header = holds(&bytes[line(bytes, at, 120).start..at], "authorization");
    let random = value.len() >= 16
        && makeup.digit > 0
        && makeup.lower + makeup.upper > 0
        && !wordy(value)
        || header && value.len() >= 12 && makeup.digit > 1 && makeup.kinds() >= 3 && !wordy(value);
    let token_needs_header = token && !header;
    if !random || token_needs_header || placeholder::standin(value) {
        return None;
    }
    let confidence = if header {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    Some(found("http-bearer-token", start..end, confidence, false))
}

fn credentials_are_words(value: &[u8]) -> bool {
    let text = crate::text::encoding::base64(value).unwrap_or_default();
    let colon = memchr::memchr(b':', &text).unwrap_or_default();
    placeholder::standin(text.get(colon + 1..).unwrap_or_default())
}

/// `machine HOST login USER password PASSWORD` (the netrc file format), with `at` on
/// `machine`.
pub(crate) fn netrc(bytes: &[u8], at: usize) -> Option<Found> {
    let rest = &bytes[at..bytes.len().min(at + 400)];
    let mut words = Words { bytes: rest, at: 0 };
    words.next()?;
    let host = words.next()?;
    let dotted = rest[host.clone()].iter().any(|b| b".$<{".contains(b))
        || &rest[host.clone()] == b"localhost";
    if !dotted {
        return None;
    }
    let mut login = false;
    for _ in 0..4 {
        let key = words.next()?;
        let value = words.next()?;
        match &rest[key] {
            b"login" | b"user" => login = true,
            b"password" | b"passwd" if login => {
                let mut end = value.end;
                while end > value.start && b"\"',;\\`".contains(&rest[end - 1]) {
                    end -= 1;
                }
                let text = &rest[value.start..end];
                if placeholder::unchosen(text) || template(text) {
                    return None;
                }
                return Some(found(
                    "netrc-password",
                    at + value.start..at + end,
                    Confidence::Medium,
                    false,
                ));
            }
            b"account" | b"port" => {}
            _ => return None,
        }
    }
    None
}

struct Words<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|b| !b.is_ascii_whitespace())
        {
            self.at += 1;
        }
        (self.at > start).then_some(start..self.at)
    }
}

/// `host:port:database:user:password`, a whole line (libpq's password file), with `at` on
/// `:5432:`.
pub(crate) fn pgpass(bytes: &[u8], at: usize) -> Option<Found> {
    let range = line(bytes, at, 200);
    let text = &bytes[range.clone()];
    let fields: Vec<&[u8]> = text.trim_ascii_end().split(|&b| b == b':').collect();
    let [host, port, database, user, password] = fields.as_slice() else {
        return None;
    };
    let word = |field: &&[u8]| {
        !field.is_empty()
            && field
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-*".contains(b))
    };
    let port_fits = *port == b"*" || port.iter().all(u8::is_ascii_digit) && !port.is_empty();
    if !port_fits
        || password.starts_with(b"/")
        || ![host, database, user].into_iter().all(word)
        || placeholder::unchosen(password)
        || template(password)
        || password.contains(&b' ')
        || password.len() < 4
    {
        return None;
    }
    let start = range.start + text.trim_ascii_end().len() - password.len();
    Some(found(
        "pgpass-password",
        start..start + password.len(),
        Confidence::Medium,
        false,
    ))
}

/// `…;Password=…;` beside a user or a server (ADO.NET, ODBC), with `at` on the key.
pub(crate) fn connection_string(bytes: &[u8], at: usize) -> Option<Found> {
    let range = line(bytes, at, 400);
    let text = &bytes[range.clone()];
    let server = [
        "server=",
        "data source=",
        "host=",
        "hostname=",
        "initial catalog=",
        "database=",
        "provider=",
        "driver=",
    ];
    let user = [
        "user id=",
        "uid=",
        "user=",
        "userid=",
        "username=",
        "user id =",
        "user name=",
    ];
    if !server.iter().any(|word| holds(text, word)) || !user.iter().any(|word| holds(text, word)) {
        return None;
    }
    let equals = at
        + bytes[at..range.end]
            .iter()
            .take(20)
            .position(|&b| b == b'=')?;
    let start = skip_spaces(bytes, equals + 1);
    let end = bytes[start..range.end]
        .iter()
        .position(|b| {
            matches!(
                b,
                b';' | b'"' | b'\'' | b' ' | b'&' | b'<' | b',' | b'`' | b'\\'
            )
        })
        .map_or(range.end, |found| start + found);
    let value = &bytes[start..end];
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
    let confidence = if weak {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    Some(found(
        "connection-string-password",
        start..end,
        confidence,
        weak,
    ))
}

/// `mysql -pX`, `psexec … -p X`, `sshpass -p X`, `curl -u user:X`, with `at` on the
/// program's name.
pub(crate) fn command_line(bytes: &[u8], at: usize, program: &str) -> Option<Found> {
    let range = line(bytes, at, 300);
    let text = &bytes[at..range.end];
    let spaced = !matches!(program, "mysql" | "mysqldump" | "mysqladmin");
    let option: &[&[u8]] = match program {
        "curl" => &[b" -u ", b" --user "],
        "connect-viserver" => &[b" -password ", b" -Password "],
        _ => &[b" -p ", b" -pw ", b" --password "],
    };
    let (flag, length) = if spaced {
        option
            .iter()
            .find_map(|flag| memchr::memmem::find(text, flag).map(|at| (at, flag.len())))?
    } else {
        (memchr::memmem::find(text, b" -p")?, 3)
    };
    let start = at + flag + length;
    let quote = bytes.get(start).copied().filter(|b| b"\"'".contains(b));
    let start = start + usize::from(quote.is_some());
    let end = bytes[start..range.end]
        .iter()
        .position(|b| {
            quote.map_or(b.is_ascii_whitespace() || b"\"'`);|&".contains(b), |q| {
                *b == q
            })
        })
        .map_or(range.end, |found| start + found);
    let mut from = start;
    if program == "curl" {
        from = start + memchr::memchr(b':', &bytes[start..end])? + 1;
    }
    let value = &bytes[from..end];
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
    Some(found(
        "command-line-password",
        from..end,
        Confidence::Low,
        wordy(value),
    ))
}
