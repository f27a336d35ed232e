//! Users and passwords on command lines.

use std::ops::Range;

use crate::text::{line, skip_spaces};

/// A program that takes a password as an argument.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    Curl,
    Docker,
    Mysql,
    Psexec,
    Sshpass,
    /// `Connect-VIServer` of PowerCLI.
    Vmware,
}

/// `mysql -pX`, `psexec … -p X`, `sshpass -p X`, `curl -u user:X`, with `at` on the
/// program's name: the password.
pub(crate) fn password(bytes: &[u8], at: usize, program: Program) -> Option<Range<usize>> {
    let range = line(bytes, at, 300);
    let text = &bytes[at..range.end];
    let options: &[&str] = match program {
        Program::Mysql => &[" -p"],
        Program::Curl => &[" -u ", " --user "],
        Program::Vmware => &[" -password ", " -Password "],
        Program::Docker | Program::Psexec | Program::Sshpass => &[" -p ", " -pw ", " --password "],
    };
    let start = at + behind(text, options)?;
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
    if program == Program::Curl {
        from = start + memchr::memchr(b':', &bytes[start..end])? + 1;
    }
    Some(from..end)
}

/// `psexec … -u NAME -p …`, `Connect-VIServer … -User NAME -Password …`, with `at` on the
/// program's name: the name, where a password is given too.
pub(crate) fn user(bytes: &[u8], at: usize, program: Program) -> Option<Range<usize>> {
    let (users, passwords): (&[&str], &[&str]) = match program {
        Program::Psexec => (&[" -u "], &[" -p "]),
        Program::Docker => (&[" -u ", " --username "], &[" -p ", " --password "]),
        Program::Vmware => (&[" -user ", " -User "], &[" -password ", " -Password "]),
        Program::Curl | Program::Mysql | Program::Sshpass => return None,
    };
    let text = &bytes[at..line(bytes, at, 300).end];
    behind(text, passwords)?;
    let mut start = skip_spaces(bytes, at + behind(text, users)?);
    start += usize::from(matches!(bytes.get(start), Some(b'"' | b'\'')));
    let rest = &bytes[start..at + text.len()];
    let length = rest
        .iter()
        .position(|b| b.is_ascii_whitespace() || b"\"'`".contains(b))?;
    Some(start..start + length)
}

/// The position behind the first of the options that is given.
fn behind(text: &[u8], options: &[&str]) -> Option<usize> {
    options.iter().find_map(|option| {
        memchr::memmem::find(text, option.as_bytes()).map(|found| found + option.len())
    })
}
