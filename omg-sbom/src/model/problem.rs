use std::fmt;

/// Something in the input that could not be taken over as it is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Problem {
    /// What it is about: a path below the database, a package name, or a line (`line 12`).
    pub subject: String,
    /// The kind of problem.
    pub kind: ProblemKind,
    /// What is wrong, for a person to read.
    pub detail: String,
}

impl Problem {
    /// Makes a problem.
    pub fn new(subject: impl Into<String>, kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            kind,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.subject, self.detail, self.kind)
    }
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The entry could not be read: missing, no permission, not a regular file.
    Unreadable,
    /// The entry was read, but does not say what its format requires.
    Malformed,
    /// The entry contradicts another one, such as a directory name and the `desc` in it.
    Inconsistent,
    /// The entry or one of its values is larger than a limit of [`limits`](super::limits).
    LimitExceeded,
    /// A dependency is named without one exact version, so that no installed
    /// version follows from it.
    NotPinned,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "unreadable",
            Self::Malformed => "malformed",
            Self::Inconsistent => "inconsistent",
            Self::LimitExceeded => "limit exceeded",
            Self::NotPinned => "not pinned",
        })
    }
}

/// Problems name their subject, but not with a megabyte of it and not with its escape sequences.
pub(crate) fn shorten(text: &str) -> String {
    let short: String = text
        .chars()
        .take(80)
        .flat_map(char::escape_default)
        .collect();
    if short.is_empty() {
        "(unnamed)".to_owned()
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_short_and_printable() {
        assert_eq!(shorten("a\u{1b}b"), "a\\u{1b}b");
        assert!(shorten(&"x".repeat(1000)).len() <= 80);
        assert_eq!(shorten(""), "(unnamed)");
    }
}
