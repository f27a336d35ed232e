//! The question of a scan.

use std::path::PathBuf;

use omg_vuln::FailOn;

use crate::session::context::Context;
use crate::session::options;

/// What is scanned, with which advisories and rules.
#[derive(Clone, Debug, Default)]
pub struct ScanQuery {
    /// Files or folders of advisories, instead of the stored database and the network.
    pub advisories: Vec<PathBuf>,
    /// Lock files to scan instead of the machine.
    pub lockfiles: Vec<PathBuf>,
    /// SBOMs to scan instead of the machine.
    pub sboms: Vec<PathBuf>,
    /// The findings that fail the scan, instead of the configured ones.
    pub fail_on: Option<options::FailOn>,
    /// Whether likely stale matches count too.
    pub strict: bool,
    /// Ignore files, beside the configured ones.
    pub ignore: Vec<PathBuf>,
    /// VEX documents, beside the configured ones.
    pub vex: Vec<PathBuf>,
    /// Days after which a stored database is stale, instead of the configured number.
    pub max_age: Option<u32>,
}

impl ScanQuery {
    /// A scan of the machine with these advisories.
    pub fn with_advisories(advisories: &[PathBuf]) -> Self {
        Self {
            advisories: advisories.to_vec(),
            ..Self::default()
        }
    }

    /// Whether the machine is scanned, and not files in its place.
    pub fn is_of_machine(&self) -> bool {
        self.lockfiles.is_empty() && self.sboms.is_empty()
    }

    /// The findings that fail the scan: the query's, else the configured ones, else the default.
    pub fn threshold(&self, context: &Context) -> FailOn {
        let chosen = self.fail_on.or(context.config.scan.fail_on);
        chosen.map_or_else(FailOn::default, crate::convert::threshold::fail_on)
    }
}
