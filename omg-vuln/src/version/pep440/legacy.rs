//! `LegacyVersion` of packaging 21.3, `packaging/version.py`.

use std::cmp::Ordering;

/// Compares by the legacy key. Equal keys are equal versions.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    key(a).cmp(&key(b))
}

/// `_legacy_cmpkey`: numbers padded to eight digits, everything else behind a `*`, so
/// that as text numbers are newer; a pre-release is older than `*final`.
fn key(version: &str) -> Vec<String> {
    let version = version.to_lowercase();
    let mut parts: Vec<String> = Vec::new();
    for part in Pieces(&version)
        .filter_map(part)
        .chain(["*final".to_owned()])
    {
        if part.starts_with('*') {
            if part.as_str() < "*final" {
                drop_trailing(&mut parts, "*final-");
            }
            drop_trailing(&mut parts, "00000000");
        }
        parts.push(part);
    }
    parts
}

fn drop_trailing(parts: &mut Vec<String>, unwanted: &str) {
    while parts.last().is_some_and(|part| part == unwanted) {
        parts.pop();
    }
}

/// `_parse_version_parts`.
fn part(piece: &str) -> Option<String> {
    Some(match piece {
        "." => return None,
        "pre" | "preview" | "rc" => "*c".to_owned(),
        "-" => "*final-".to_owned(),
        "dev" => "*@".to_owned(),
        _ if piece.starts_with(|first: char| first.is_ascii_digit()) => format!("{piece:0>8}"),
        _ => format!("*{piece}"),
    })
}

/// Splits into runs of digits, runs of letters, single `.` and `-`, and what is between.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let kind = Kind::of(self.0.chars().next()?);
        let end = match kind {
            Kind::Single => 1,
            _ => self
                .0
                .find(|next| Kind::of(next) != kind)
                .unwrap_or(self.0.len()),
        };
        let (piece, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(piece)
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Digits,
    Letters,
    Single,
    Other,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            '0'..='9' => Self::Digits,
            'a'..='z' => Self::Letters,
            '.' | '-' => Self::Single,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_packaging_21_3() {
        assert_eq!(
            key("0.9-ivysaur"),
            ["00000000", "00000009", "*final-", "*ivysaur", "*final"]
        );
        assert_eq!(key("1.0-pre"), ["00000001", "*c", "*final"]);
        assert_eq!(
            key("2013-01-23T17:11"),
            [
                "00002013", "*final-", "00000001", "*final-", "00000023", "*t", "00000017", "*:",
                "00000011", "*final"
            ]
        );
        assert_eq!(key("1.0-dev_X"), ["00000001", "*@", "*_", "*x", "*final"]);
        assert_eq!(key(""), ["*final"]);
    }
}
