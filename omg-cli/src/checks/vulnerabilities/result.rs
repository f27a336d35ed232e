//! The result of a scan.

use chrono::{DateTime, Utc};
use omg_vuln::{FailOn, Report, Status};

use super::rules::RulesUsed;
use super::subjects::Subjects;
use crate::session::exit::Exit;

/// The findings about packages before any rule sets something aside.
pub struct UnfilteredScan {
    pub subjects: Subjects,
    pub report: Report,
    /// Whether a finding would be marked as exploited if it was.
    pub has_kev: bool,
    pub interrupted: bool,
}

/// A scan after all rules.
pub struct ScanResult {
    pub report: Report,
    pub subjects: Subjects,
    pub rules: RulesUsed,
    pub fail_on: FailOn,
    pub strict: bool,
    pub at: DateTime<Utc>,
    pub interrupted: bool,
    /// Seconds since the run began; absent where the reference time was given, so that the same
    /// evidence gives the same result.
    pub seconds: Option<f64>,
}

impl ScanResult {
    pub fn status(&self) -> Status {
        let whole = self.report.status() == Status::Complete
            && self.subjects.problems.is_empty()
            && self.subjects.unknown.is_empty()
            && self.subjects.installed() > 0
            && !self.interrupted;
        match whole {
            true => Status::Complete,
            false => Status::Incomplete,
        }
    }

    pub fn exit(&self) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        let mut failing = self.report.failing(self.fail_on, self.strict);
        match (self.status(), failing.next()) {
            (Status::Incomplete, _) => Exit::Incomplete,
            (Status::Complete, Some(_)) => Exit::Findings,
            (Status::Complete, None) => Exit::Ok,
        }
    }
}
