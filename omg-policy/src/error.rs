//! What can be wrong with a policy.

use std::ops::Range;

/// A policy, or a file of policy tests, that is not accepted. There is no such thing as a policy
/// that is accepted in part.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
#[non_exhaustive]
pub struct PolicyError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a policy.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file is larger than what is read.
    #[error("over {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The file is no UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// The file is empty, or has nothing but comments.
    #[error("the policy is empty")]
    Empty,
    /// No TOML, a key twice, an unknown key, or a value of another type.
    #[error("{detail}{}", suggest(.suggestion.as_deref()))]
    Syntax {
        /// What the parser says.
        detail: String,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// A version of the format that is not known here.
    #[error("unknown schema {found}, this version reads 1")]
    Schema {
        /// The number in the file.
        found: i64,
    },
    /// A value that makes no sense.
    #[error("{key}: {detail}")]
    Value {
        /// The key, with its section.
        key: String,
        /// Why.
        detail: String,
    },
}

fn suggest(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// A text with a name, that knows where in it something is.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> Text<'a> {
    /// Checks the size and the encoding.
    pub(crate) fn new(file: &'a str, bytes: &'a [u8], limit: usize) -> Result<Self, PolicyError> {
        let plain = |problem| PolicyError {
            file: file.to_owned(),
            line: 1,
            column: 1,
            problem,
        };
        if bytes.len() > limit {
            return Err(plain(Problem::TooLarge { limit }));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { file, text }),
            Err(_) => Err(plain(Problem::NotText)),
        }
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, span: &Range<usize>) -> u32 {
        self.place(span.start).0
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (number(line), number(column))
    }

    /// An error at a place.
    pub(crate) fn error(&self, span: &Range<usize>, problem: Problem) -> PolicyError {
        let (line, column) = self.place(span.start);
        PolicyError {
            file: self.file.to_owned(),
            line,
            column,
            problem,
        }
    }

    /// An error about the value of a key.
    pub(crate) fn value(
        &self,
        span: &Range<usize>,
        key: impl Into<String>,
        detail: impl Into<String>,
    ) -> PolicyError {
        let (key, detail) = (key.into(), detail.into());
        self.error(span, Problem::Value { key, detail })
    }

    /// Reads the text as TOML of one type.
    pub(crate) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, PolicyError> {
        toml::from_str(self.text).map_err(|error| {
            let detail = error.message().trim_end().to_owned();
            let suggestion = suggestion(&detail);
            let span = error.span().unwrap_or(0..0);
            self.error(&span, Problem::Syntax { detail, suggestion })
        })
    }
}

/// What was probably meant, from "unknown field `a`, expected one of `b`, `c`".
fn suggestion(detail: &str) -> Option<String> {
    if !detail.starts_with("unknown ") {
        return None;
    }
    let mut quoted = detail.split('`').skip(1).step_by(2);
    let given = quoted.next()?;
    quoted
        .map(|name| (distance(given, name), name))
        .min()
        .filter(|(distance, _)| *distance <= 1 + given.len() / 4)
        .map(|(_, name)| name.to_owned())
}

/// Levenshtein's distance, of names that are short because they come from a small file or a list
/// of ours; longer ones are far from everything.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = before + usize::from(!x.eq_ignore_ascii_case(&y));
            before = row[j + 1];
            row[j + 1] = cost.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
