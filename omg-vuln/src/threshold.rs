//! Which findings are too bad to go on.

use serde::Serialize;

use crate::scan::{Finding, Report, State};
use crate::severity::Severity;

/// Which findings fail a run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailOn {
    /// What is known to be exploited, and what is high or critical, or of unknown severity,
    /// while a fix is available.
    #[default]
    KevOrFixableHigh,
    /// What is known to be exploited.
    Kev,
    /// This severity and over. An unknown severity counts as over every threshold: nobody
    /// has said that it is less.
    Severity(Severity),
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding is at or over this threshold.
    ///
    /// What is likely stale counts only if `strict`. What is under review counts: it has not
    /// been cleared.
    pub fn includes(self, finding: &Finding, strict: bool) -> bool {
        if finding.state == State::LikelyStale && !strict {
            return false;
        }
        let kev = finding.kev.is_some();
        match self {
            Self::Never => false,
            Self::Kev => kev,
            Self::KevOrFixableHigh => {
                kev || finding.fixed_in.is_some() && at_least(finding.severity, Severity::High)
            }
            Self::Severity(threshold) => at_least(finding.severity, threshold),
        }
    }
}

/// What nobody has rated is over every threshold.
fn at_least(severity: Severity, threshold: Severity) -> bool {
    severity.at_least(threshold).unwrap_or(true)
}

impl Report {
    /// The findings at or over a threshold; see [`FailOn::includes`].
    pub fn failing(&self, threshold: FailOn, strict: bool) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| threshold.includes(finding, strict))
    }
}
