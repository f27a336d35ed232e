//! Options of `omg audit scan`.

use std::path::PathBuf;

use clap::Args;

use crate::checks::vulnerabilities::query::ScanQuery;
use crate::session::options::FailOn;

pub const EXAMPLES: &str = "Examples:
  omg audit scan                              this machine, with the network
  omg audit scan --offline                    with what `omg audit db update` stored
  omg audit scan --root /mnt --offline        the system mounted at /mnt
  omg audit scan --advisories all.json        with a feed that was saved before
  omg audit scan --lockfile Cargo.lock        a project instead of a machine
  omg audit scan --fail-on critical -f sarif -o omg.sarif
  omg audit scan -o prom=/var/lib/node_exporter/omg.prom    metrics, too
Exit codes: 0 nothing at or over --fail-on, 1 findings, 3 something was not
checked, 4 an ignore file, VEX document or configuration is invalid.";

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// Use these advisories instead of the network: the Arch tracker's all.json, OSV JSON or
    /// ZIP, a KEV catalogue, an EPSS table, or a folder of them; repeatable
    #[arg(long, value_name = "FILE|DIR|ZIP", help_heading = "Scan")]
    pub advisories: Vec<PathBuf>,
    /// Scan a lock file instead of the machine; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Scan")]
    pub lockfile: Vec<PathBuf>,
    /// Scan a CycloneDX or SPDX document instead of the machine; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Scan")]
    pub sbom: Vec<PathBuf>,
    /// Which findings give exit code 1 [default: known exploited, or high and over with a fix]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Scan")]
    pub fail_on: Option<FailOn>,
    /// Count likely stale matches too
    #[arg(long, help_heading = "Scan")]
    pub strict: bool,
    /// Set aside what these rules name; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Scan")]
    pub ignore: Vec<PathBuf>,
    /// Honour the statements of an OpenVEX or CycloneDX document; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Scan")]
    pub vex: Vec<PathBuf>,
    /// Take a stored database for stale after this many days [default: 7]
    #[arg(long, value_name = "DAYS", help_heading = "Scan")]
    pub max_age: Option<u32>,
}

impl Scan {
    /// The question that the options put.
    pub fn query(&self) -> ScanQuery {
        ScanQuery {
            advisories: self.advisories.clone(),
            lockfiles: self.lockfile.clone(),
            sboms: self.sbom.clone(),
            fail_on: self.fail_on,
            strict: self.strict,
            ignore: self.ignore.clone(),
            vex: self.vex.clone(),
            max_age: self.max_age,
        }
    }
}
