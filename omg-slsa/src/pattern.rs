//! Expected names: exact, or by a regular expression that must fit from end to end.

use std::fmt;

use regex::{Regex, RegexBuilder};
use thiserror::Error;

/// The longest expression, in bytes.
const MAX_PATTERN: usize = 4096;
/// The most memory for a compiled expression.
const MAX_COMPILED: usize = 1 << 20;

/// A regular expression that cannot be used.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("not a usable regular expression: {detail}")]
#[non_exhaustive]
pub struct PatternError {
    /// For people.
    pub detail: String,
}

/// An expected name.
#[derive(Clone, Debug)]
pub struct Pattern(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Exact(String),
    Regex(Regex, String),
}

impl Pattern {
    /// Exactly this name, letter by letter.
    pub fn exact(name: impl Into<String>) -> Self {
        Self(Kind::Exact(name.into()))
    }

    /// Names that this expression fits *from the first to the last letter*, in linear time.
    ///
    /// ```
    /// use omg_slsa::Pattern;
    ///
    /// # fn main() -> Result<(), omg_slsa::PatternError> {
    /// let pattern = Pattern::regex("https://github.com/org/.*")?;
    /// assert!(pattern.fits("https://github.com/org/repo"));
    /// assert!(!pattern.fits("https://evil.example/?https://github.com/org/repo"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If it is no expression, is empty, or is too large.
    pub fn regex(expression: &str) -> Result<Self, PatternError> {
        let bad = |detail: String| PatternError { detail };
        if expression.is_empty() {
            return Err(bad("it is empty".to_owned()));
        }
        if expression.len() > MAX_PATTERN {
            return Err(bad(format!("more than {MAX_PATTERN} bytes")));
        }
        let build = |text: &str| RegexBuilder::new(text).size_limit(MAX_COMPILED).build();
        // By itself too: else `a)|(b` would be one when put in brackets.
        build(expression).map_err(|error| bad(error.to_string()))?;
        // A comment of the mode `(?x)` would hide the bracket; then it does not compile.
        let anchored = format!(r"\A(?:{expression})\z");
        let regex = build(&anchored).map_err(|error| bad(error.to_string()))?;
        Ok(Self(Kind::Regex(regex, expression.to_owned())))
    }

    /// Whether this is such a name.
    pub fn fits(&self, name: &str) -> bool {
        match &self.0 {
            Kind::Exact(expected) => expected == name,
            Kind::Regex(regex, _) => regex.is_match(name),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Exact(name) => f.write_str(name),
            Kind::Regex(_, expression) => write!(f, "/{expression}/"),
        }
    }
}
