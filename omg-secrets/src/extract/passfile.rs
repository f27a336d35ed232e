//! Files of passwords that programs read for their users: netrc and pgpass.

use std::ops::Range;

use crate::text::line;

/// `machine HOST login USER password PASSWORD` (the netrc file format), with `at` on
/// `machine`: the password.
pub(crate) fn netrc(bytes: &[u8], at: usize) -> Option<Range<usize>> {
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
                return Some(at + value.start..at + end);
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
/// `:5432:`: the password.
pub(crate) fn pgpass(bytes: &[u8], at: usize) -> Option<Range<usize>> {
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
    if !port_fits || ![host, database, user].into_iter().all(word) || password.contains(&b' ') {
        return None;
    }
    let start = range.start + text.trim_ascii_end().len() - password.len();
    Some(start..start + password.len())
}
