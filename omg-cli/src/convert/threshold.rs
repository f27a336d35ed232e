//! From thresholds as options name them to those of the libraries.

use omg_vuln::{FailOn, Severity};

use crate::session::options;

/// The threshold of a scan.
pub fn fail_on(chosen: options::FailOn) -> FailOn {
    match chosen {
        options::FailOn::Low => FailOn::Severity(Severity::Low),
        options::FailOn::Medium => FailOn::Severity(Severity::Medium),
        options::FailOn::High => FailOn::Severity(Severity::High),
        options::FailOn::Critical => FailOn::Severity(Severity::Critical),
        options::FailOn::Kev => FailOn::Kev,
        options::FailOn::None => FailOn::Never,
    }
}
