//! The command line as clap sees it. Names are promised to scripts: adding is free, renaming
//! is a breaking change.

mod build;
mod db;
mod log;
mod package;
mod pgp;
mod policy;
mod product;
mod sbom;
mod scan;
mod secrets;
mod slsa;

use clap::{Args, Parser, Subcommand};

use crate::session::options::Common;

pub use self::build::Build;
pub use self::db::{Db, DbCommand};
pub use self::log::{Bound, Export, Log, LogCommand, Verify};
pub use self::package::{HookFor, HookWhat, Package, PackageCommand, PackageHook};
pub use self::pgp::Pgp;
pub use self::policy::{Policy, PolicyCommand};
pub use self::product::{Completions, Config, ConfigCommand, Explain, Man, Report};
pub use self::sbom::{Sbom, SbomCommand};
pub use self::scan::Scan;
pub use self::secrets::{HookCommand, Secrets, SecretsCommand};
pub use self::slsa::Slsa;

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
#[command(after_help = scan::EXAMPLES)]
pub struct Audit {
    #[command(flatten)]
    pub scan: Scan,
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Known vulnerabilities of the installed packages
    #[command(after_help = scan::EXAMPLES)]
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
