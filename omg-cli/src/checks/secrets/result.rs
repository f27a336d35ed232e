//! The result of a search for credentials.

use omg_secrets::{Finding, Severity};

use crate::session::exit::Exit;

/// The result of a search.
pub struct SearchResult {
    pub found: Vec<LocatedSecret>,
    pub problems: Vec<SearchProblem>,
    pub files: u64,
    pub bytes: u64,
    pub binary: u64,
    pub what: SearchedUnit,
    pub rules: usize,
    pub reveal: bool,
    /// Whether names that are no secrets are listed for people too.
    pub identifiers: bool,
    pub fail_on: Option<Severity>,
}

/// A finding, where it is, and what became of it.
pub struct LocatedSecret {
    pub path: String,
    pub commit: Option<Commit>,
    pub finding: Finding,
    /// Why it does not count, if it does not.
    pub aside: Option<String>,
}

impl LocatedSecret {
    /// Whether it only says whose a credential is, and is none.
    pub fn is_identifier(&self) -> bool {
        self.finding.severity == Severity::None
    }
}

pub struct Commit {
    pub id: String,
    pub author: String,
    pub time: chrono::DateTime<chrono::Utc>,
}

/// The unit that a search counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SearchedUnit {
    File,
    Input,
    StagedFile,
    Version,
}

/// Why something was not searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SearchProblemKind {
    Special,
    TooLarge,
    Archive,
    Unreadable,
    Binary,
}

impl SearchProblemKind {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Special => "special",
            Self::TooLarge => "too large",
            Self::Archive => "archive",
            Self::Unreadable => "unreadable",
            Self::Binary => "binary",
        }
    }
}

/// Something that was not searched.
pub struct SearchProblem {
    pub path: String,
    pub kind: SearchProblemKind,
    pub detail: String,
    /// Whether the result is incomplete for it.
    pub counts: bool,
}

impl SearchResult {
    pub fn complete(&self) -> bool {
        !self.problems.iter().any(|problem| problem.counts)
    }

    pub fn fails(&self, found: &LocatedSecret) -> bool {
        let over = self
            .fail_on
            .is_some_and(|least| found.finding.severity >= least);
        over && found.aside.is_none()
    }

    /// What is listed for people: what counts, and names that are no secrets only on request.
    pub fn listed(&self) -> impl Iterator<Item = &LocatedSecret> {
        self.found
            .iter()
            .filter(|found| found.aside.is_none() && (self.identifiers || !found.is_identifier()))
    }

    /// How many names that are no secrets are counted only.
    pub fn unlisted(&self) -> usize {
        let counted = self.found.iter().filter(|found| found.aside.is_none());
        counted.count() - self.listed().count()
    }

    pub fn exit(&self) -> Exit {
        if !self.complete() {
            Exit::Incomplete
        } else if self.found.iter().any(|found| self.fails(found)) {
            Exit::Findings
        } else {
            Exit::Ok
        }
    }
}
