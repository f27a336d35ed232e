//! The command line as clap sees it. Names are promised to scripts: adding is free, renaming
//! is a breaking change.

mod build;
mod log;
mod package;
mod pgp;
mod policy;
mod product;
mod sbom;
mod secrets;
mod slsa;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

pub use self::build::Build;
pub use self::log::{Bound, Export, Log, LogCommand, Verify};
pub use self::package::{HookFor, HookWhat, Package, PackageCommand, PackageHook};
pub use self::pgp::{Pgp, PgpKeysAsOf, PgpTrust};
pub use self::policy::{Policy, PolicyAdvisories, PolicyCommand};
pub use self::product::{Completions, Config, ConfigCommand, Explain, Man, Report};
pub use self::sbom::{Framework, Sbom, SbomCommand, SpecVersion};
pub use self::secrets::{HookCommand, Secrets, SecretsCommand, SecretsFailOn};
pub use self::slsa::{Slsa, SlsaDomain};

/// omg secures what is installed on a Linux machine.
#[derive(Debug, Parser)]
#[command(
    name = "omg",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
#[command(after_help = "Examples:
  omg audit                          known vulnerabilities of this machine
  omg audit --lockfile Cargo.lock    those of a project's dependencies
  omg audit -f json -o report.json   the same for machines
  omg help exit-codes                what each exit code means
  omg help environment               variables and the configuration file")]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check what is installed; without a subcommand, scan for known vulnerabilities
    Audit(Box<Audit>),
    /// What an advisory is and what it affects here, or what is known of a package
    Explain(Explain),
    /// The configuration: what holds, where it stands, whether it is valid
    Config(Config),
    /// Completions for a shell
    Completions(Completions),
    /// Man pages, one for each command
    Man(Man),
    /// Help on a command or a topic
    Help(Help),
}

#[derive(Args, Debug)]
pub struct Help {
    /// A command, or a topic: `exit-codes`, `environment`
    pub topic: Vec<String>,
}

#[derive(Args, Debug)]
#[command(after_help = SCAN_EXAMPLES)]
pub struct Audit {
    #[command(flatten)]
    pub scan: Scan,
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Known vulnerabilities of the installed packages
    #[command(after_help = SCAN_EXAMPLES)]
    Scan(Box<Scan>),
    /// The audit log: what happened, newest last; its keys, checkpoints and proofs
    Log(Box<Log>),
    /// Whether the audit log was altered: what is proved, and what is not
    Verify(Verify),
    /// Credentials in files, standard input, staged changes or a repository's history
    #[command(after_help = secrets::EXAMPLES)]
    Secrets(Box<Secrets>),
    /// Whether a trusted key signed a file, by its detached OpenPGP signature
    #[command(after_help = pgp::EXAMPLES)]
    Pgp(Box<Pgp>),
    /// Who built a file, from what and how: its Sigstore bundle and SLSA provenance
    #[command(after_help = slsa::EXAMPLES)]
    Slsa(Box<Slsa>),
    /// What is allowed here, and why: rules, decisions, differences and tests
    #[command(after_help = policy::EXAMPLES)]
    Policy(Box<Policy>),
    /// The whole gate for package files: whether they may be installed, and why
    #[command(after_help = package::EXAMPLES)]
    Package(Box<Package>),
    /// Build a PKGBUILD in a sandbox, and ask the gate about what comes out
    #[command(after_help = build::EXAMPLES)]
    Build(Box<Build>),
    /// What is installed, as a CycloneDX or SPDX document
    #[command(after_help = sbom::EXAMPLES)]
    Sbom(Box<Sbom>),
    /// One HTML file of what is known, allowed, set aside and recorded
    Report(Box<Report>),
    /// The local database of advisories and its caches
    Db(Db),
}

impl AuditCommand {
    /// Whether a policy decides what it ends with.
    pub fn decides(&self) -> bool {
        matches!(
            self,
            Self::Build(_) | Self::Package(_) | Self::Policy(_) | Self::Report(_)
        )
    }
}

const SCAN_EXAMPLES: &str = "Examples:
  omg audit scan                              this machine, with the network
  omg audit scan --offline                    with what `omg audit db update` stored
  omg audit scan --root /mnt --offline        the system mounted at /mnt
  omg audit scan --advisories all.json        with a feed that was saved before
  omg audit scan --lockfile Cargo.lock        a project instead of a machine
  omg audit scan --fail-on critical -f sarif -o omg.sarif
  omg audit scan -o prom=/var/lib/node_exporter/omg.prom    metrics, too
Exit codes: 0 nothing at or over --fail-on, 1 findings, 3 something was not
checked, 4 an ignore file, VEX document or configuration is invalid.";

/// What every command takes.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Format of the result: table, json, jsonl, sarif, markdown, junit, github or prom
    #[arg(
        short,
        long,
        global = true,
        value_name = "FMT",
        help_heading = "Output"
    )]
    pub format: Option<String>,
    /// Write to a file, atomically; repeatable, one format each
    #[arg(
        short,
        long,
        global = true,
        value_name = "[FMT=]FILE",
        help_heading = "Output"
    )]
    pub output: Vec<String>,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    #[arg(help_heading = "Output", hide_default_value = true)]
    pub color: Color,
    /// Say nothing but the result
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Say more: the reason and the other names of each finding
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// Show no progress
    #[arg(long, global = true, help_heading = "Output")]
    pub no_progress: bool,
    /// Exit with 0 where findings would give 1
    #[arg(long, global = true, help_heading = "Output")]
    pub exit_zero: bool,
    /// Look at the system installed under DIR
    #[arg(long, global = true, value_name = "DIR", default_value = "/")]
    pub root: PathBuf,
    /// Open no socket at all
    #[arg(long, global = true)]
    pub offline: bool,
    /// The reference time, instead of now
    #[arg(long, global = true, value_name = "RFC3339", value_parser = time)]
    pub at: Option<DateTime<Utc>>,
    /// This configuration instead of the discovered one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// This policy instead of the user's own; the machine's hold beside it
    #[arg(long, global = true, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// This policy in Rego, too, which may only warn and reject; repeatable
    #[arg(long, global = true, value_name = "FILE")]
    pub rego: Vec<PathBuf>,
    /// The audit log to append to
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "no_log")]
    pub log: Option<PathBuf>,
    /// Append to no audit log
    #[arg(long, global = true)]
    pub no_log: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

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

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    Low,
    Medium,
    High,
    Critical,
    Kev,
    None,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  omg audit db update                    what this machine needs
  omg audit db update --ecosystem npm    and npm's advisories from OSV
  omg audit db status                    what is stored, and how old it is")]
pub struct Db {
    #[command(subcommand)]
    pub command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Fetch the advisories that this machine needs, only what is new
    Update(DbUpdate),
    /// What is stored, and how old it is
    Status,
    /// Where it is stored
    Path,
    /// Remove all of it
    Clear,
}

#[derive(Args, Clone, Debug, Default)]
pub struct DbUpdate {
    /// Fetch this OSV ecosystem too, for lock files and SBOMs; repeatable
    #[arg(long, value_name = "NAME")]
    pub ecosystem: Vec<String>,
    /// Fetch everything anew, not only what changed
    #[arg(long)]
    pub full: bool,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| "not an RFC 3339 time, write for example 2026-11-24T12:00:00Z".to_owned())
}
