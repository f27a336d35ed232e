//! Whose a password is: the user's name that is assigned or given directly before it.

use std::ops::Range;

use super::assign::{self, Assignment, Tie};
use crate::classify::placeholder;
use crate::text::{line, skip_spaces};

/// How far before a password's name, and how many lines before its own, a user's name counts.
const REACH: usize = 240;
const LINES: usize = 3;

/// The last word of a name of user names.
const NAMES: [&str; 7] = [
    "user", "username", "userid", "uid", "login", "usr", "account",
];

/// The user's name before the password whose name begins at `at`.
pub(crate) fn before(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let low = reach(bytes, at);
    let text = &bytes[low..at];
    let words = (0..text.len()).rev().filter(|&from| {
        let rest = &text[from..];
        let starts = |word: &str| {
            rest.get(..word.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
        };
        matches!(rest[0] | 0x20, b'u' | b'l') && ["user", "uid", "login"].into_iter().any(starts)
    });
    // The nearest one decides: what is further away belongs to something else.
    words
        .filter_map(|from| assignment(bytes, low + from))
        .find(|found| found.value.end <= at)
        .and_then(|found| name(bytes, &found))
}

/// The start of the lines in which a user's name counts.
fn reach(bytes: &[u8], at: usize) -> usize {
    let low = at.saturating_sub(REACH);
    let ends = memchr::memrchr_iter(b'\n', &bytes[low..at]);
    ends.take(LINES + 1)
        .nth(LINES)
        .map_or(low, |end| low + end + 1)
}

/// The assignment to the name around `at`, of which connection strings write two words, and
/// whose values end where the next one begins.
fn assignment(bytes: &[u8], at: usize) -> Option<Assignment> {
    let mut name = assign::name_around(bytes, at);
    let rest = bytes.get(name.end..)?;
    let second = [" id", " name"].iter().any(|word| {
        rest.get(..word.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    });
    if second {
        name = assign::name_around(bytes, name.end + 1);
    }
    let mut found = assign::forward(bytes, name)?;
    if !found.quoted {
        let text = &bytes[found.value.clone()];
        let length = text.iter().position(|b| b";&,".contains(b));
        found.value.end = found.value.start + length.unwrap_or(text.len());
    }
    Some(found)
}

fn name(bytes: &[u8], found: &Assignment) -> Option<Range<usize>> {
    let key = bytes[found.name.clone()].to_ascii_lowercase();
    let fits = NAMES.iter().any(|name| key.ends_with(name.as_bytes()))
        || key.ends_with(b"name") && key.windows(4).any(|word| word == b"user")
        || matches!(&key[..], b"id" | b"name");
    let value = found.value.clone();
    let text = &bytes[value.clone()];
    let names_itself = text.is_empty() || key.ends_with(&text.to_ascii_lowercase());
    let written = if found.quoted {
        matches!(found.tie, Tie::Set { .. } | Tie::Space)
    } else {
        is_bare(bytes, &value, found.tie)
    };
    (fits && written && !names_itself && is_user(text)).then_some(value)
}

/// Without quotes it is a name where no language would have an expression.
fn is_bare(bytes: &[u8], value: &Range<usize>, tie: Tie) -> bool {
    let text = &bytes[value.clone()];
    let ends_line = matches!(bytes.get(value.end), None | Some(b'\n' | b'\r'));
    let set = match tie {
        Tie::Set { spaced, colon } => !spaced && !colon || colon && spaced && ends_line,
        Tie::Element => true,
        _ => false,
    };
    set && !placeholder::standin(text) && (text.contains(&b'@') || !text.contains(&b'.'))
}

/// A user's name is a word, so that only templates and look-ups are none.
fn is_user(text: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"@._+-\\".contains(b);
    (2..=64).contains(&text.len())
        && text[0].is_ascii_alphanumeric()
        && text.iter().all(plain)
        && text.iter().any(u8::is_ascii_alphabetic)
        && !placeholder::reference(text)
}

/// `psexec … -u NAME -p …`, `Connect-VIServer … -User NAME -Password …`, with `at` on the
/// program's name.
pub(crate) fn command_line(bytes: &[u8], at: usize, program: &str) -> Option<Range<usize>> {
    let (users, passwords): (&[&str], &[&str]) = match program {
        "psexec" => (&[" -u "], &[" -p "]),
        "docker" => (&[" -u ", " --username "], &[" -p ", " --password "]),
        "connect-viserver" => (&[" -user ", " -User "], &[" -password ", " -Password "]),
        _ => return None,
    };
    let text = &bytes[at..line(bytes, at, 300).end];
    let find = |options: &[&str]| {
        options.iter().find_map(|option| {
            memchr::memmem::find(text, option.as_bytes()).map(|found| found + option.len())
        })
    };
    find(passwords)?;
    let mut start = skip_spaces(bytes, at + find(users)?);
    start += usize::from(matches!(bytes.get(start), Some(b'"' | b'\'')));
    let rest = &bytes[start..at + text.len()];
    let length = rest
        .iter()
        .position(|b| b.is_ascii_whitespace() || b"\"'`".contains(b))?;
    is_user(&rest[..length]).then_some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<&str> {
        let at = text
            .to_lowercase()
            .rfind("pass")
            .map(|at| assign::name_around(text.as_bytes(), at).start)?;
        before(text.as_bytes(), at).map(|found| &text[found])
    }

    #[test]
    fn names_before_a_password() {
        for (text, name) in [
            ("username = \"alice\"\npassword = \"v1\"", "alice"),
            (
                "credentials {\n  username 'alice'\n  password 'v1'\n}",
                "alice",
            ),
            ("host=db user=alice password=v1 dbname=x", "alice"),
            ("Server=db;User Id=alice;Password=v1;", "alice"),
            (
                "\\$db_user = \\\"alice\\\"; \\$password = \\\"v1\\\";",
                "alice",
            ),
            ("username: alice\npassword: v1\n", "alice"),
            (
                "$mail->Username = 'a@example.com'; // user\n$mail->Password = 'v1';",
                "a@example.com",
            ),
            ("<username>alice</username><password>v1</password>", "alice"),
        ] {
            assert_eq!(read(text), Some(name), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_of_a_user() {
        for text in [
            "password = \"v1\"",
            "username = \"${USER}\"\npassword = \"v1\"",
            "username = \"$user\"\npassword = \"v1\"",
            "userid = \"userid\"\npassword = \"v1\"",
            "self.user = request.user\nself.password = x",
            "user = get_user(x)\npassword = x",
            "char *user = NULL;\nchar *password = NULL;",
            "username: string\npassword: string",
            "def login(self, user = '', password = 'v1')",
            "username = \"alice\"\n\n\n\n\npassword = \"v1\"",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn names_on_command_lines() {
        let read = |text: &'static str, program: &str| {
            command_line(text.as_bytes(), 0, program).map(|found| &text[found])
        };
        assert_eq!(
            read("psexec \\\\host -u CORP\\alice -p x cmd", "psexec"),
            Some("CORP\\alice")
        );
        assert_eq!(read("psexec \\\\host -u alice cmd", "psexec"), None);
        assert_eq!(read("psexec \\\\host -u %USER% -p x cmd", "psexec"), None);
        assert_eq!(
            read(
                "Connect-VIServer h -User $u -Password $p",
                "connect-viserver"
            ),
            None
        );
    }
}
