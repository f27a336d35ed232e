//! Whether a word is the name of a user, whose a password beside it is.

use std::ops::Range;

use super::{Found, placeholder};
use crate::extract::assign::{Assignment, Tie};
use crate::rules::Confidence;

/// The rule for the name of a user beside a password.
pub(crate) const USER_NAME: &str = "user-name-beside-password";

/// The last word of a name of user names.
const NAMES: [&str; 7] = [
    "user", "username", "userid", "uid", "login", "usr", "account",
];

/// The name of a user that is assigned.
pub(crate) fn assigned(bytes: &[u8], found: &Assignment) -> Option<Found> {
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
    (fits && written && !names_itself && is_user(text)).then(|| name(value))
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

/// The name of a user that is given on a command line.
pub(crate) fn given(bytes: &[u8], value: Range<usize>) -> Option<Found> {
    is_user(&bytes[value.clone()]).then(|| name(value))
}

fn name(span: Range<usize>) -> Found {
    Found::new(USER_NAME, span, Confidence::Low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::command::{self, Program};
    use crate::extract::{assign, user};

    fn read(text: &str) -> Option<&str> {
        let at = text
            .to_lowercase()
            .rfind("pass")
            .map(|at| assign::name_around(text.as_bytes(), at).start)?;
        let before = user::before(text.as_bytes(), at)?;
        assigned(text.as_bytes(), &before).map(|found| &text[found.span])
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
        let read = |text: &'static str, program: Program| {
            let name = command::user(text.as_bytes(), 0, program)?;
            given(text.as_bytes(), name).map(|found| &text[found.span])
        };
        assert_eq!(
            read("psexec \\\\host -u CORP\\alice -p x cmd", Program::Psexec),
            Some("CORP\\alice")
        );
        assert_eq!(read("psexec \\\\host -u alice cmd", Program::Psexec), None);
        assert_eq!(
            read("psexec \\\\host -u %USER% -p x cmd", Program::Psexec),
            None
        );
        assert_eq!(
            read("Connect-VIServer h -User $u -Password $p", Program::Vmware),
            None
        );
    }
}
