//! Files of version pairs.

// Shared by tests of which each uses a part.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, dead_code)]

use std::cmp::Ordering;
use std::fs;

use super::data;

/// Two versions and how they compare.
pub(crate) struct Vector {
    pub(crate) line: usize,
    pub(crate) a: String,
    pub(crate) b: String,
    pub(crate) expected: Ordering,
}

/// Reads `a < b` with blanks, or `a TAB b TAB -1` where there are tabs.
pub(crate) fn read(relative: &str) -> Option<Vec<Vector>> {
    let path = data::path(relative)?;
    let text = fs::read_to_string(&path).unwrap();
    let parse = |(number, line): (usize, &str)| {
        let (a, b, operator) = match line.split('\t').collect::<Vec<_>>()[..] {
            [a, b, operator] => (a, b, operator),
            _ => match line.split_whitespace().collect::<Vec<_>>()[..] {
                [a, operator, b] => (a, b, operator),
                _ => panic!("{}:{number}: not a vector: {line}", path.display()),
            },
        };
        let expected = match operator {
            "<" | "-1" => Ordering::Less,
            "=" | "==" | "0" => Ordering::Equal,
            ">" | "1" => Ordering::Greater,
            _ => panic!("{}:{number}: unknown result {operator}", path.display()),
        };
        Vector {
            line: number,
            a: a.to_owned(),
            b: b.to_owned(),
            expected,
        }
    };
    Some(data::lines(&text).map(parse).collect())
}
