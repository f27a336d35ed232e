//! Connection strings of databases (ADO.NET, ODBC).

use std::ops::Range;

use crate::text::{holds, line, skip_spaces};

/// A key that names the server or what is on it.
const SERVERS: [&str; 8] = [
    "server=",
    "data source=",
    "host=",
    "hostname=",
    "initial catalog=",
    "database=",
    "provider=",
    "driver=",
];

/// A key that names the user.
const USERS: [&str; 7] = [
    "user id=",
    "uid=",
    "user=",
    "userid=",
    "username=",
    "user id =",
    "user name=",
];

/// `…;Password=…;` beside a user and a server, with `at` on the key: the password.
pub(crate) fn password(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let range = line(bytes, at, 400);
    let text = &bytes[range.clone()];
    let names = |keys: &[&str]| keys.iter().any(|key| holds(text, key));
    if !names(&SERVERS) || !names(&USERS) {
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
    Some(start..end)
}
