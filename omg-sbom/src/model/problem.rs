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
