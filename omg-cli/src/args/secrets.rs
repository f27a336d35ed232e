//! Options of `omg audit secrets`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use omg_secrets::Severity;

use crate::checks::secrets::query::{SearchQuery, SearchScope};

pub const EXAMPLES: &str = "Examples:
  omg audit secrets                            the files below this folder
  omg audit secrets -p src --fail-on high      only what is high or critical fails
  omg audit secrets --staged                   what the next commit would add
  omg audit secrets --history                  every version of every file
  git diff | omg audit secrets --stdin
  omg audit secrets --write-baseline .omg-secrets   accept what is there now
  omg audit secrets --baseline .omg-secrets    and find only what is new
  omg audit secrets hook install               before every commit
No provider is asked whether a credential still works.
Exit codes: 0 nothing at or over --fail-on, 1 findings, 3 something could not be
read, 4 a baseline or rules file is invalid.";

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Secrets {
    /// The file or folder to search
    #[arg(
        short,
        long,
        value_name = "PATH",
        default_value = ".",
        help_heading = "Search"
    )]
    pub path: PathBuf,
    /// Search what is staged in the repository that holds PATH
    #[arg(long, help_heading = "Search", conflicts_with_all = ["history", "stdin"])]
    pub staged: bool,
    /// Search the history of the repository that holds PATH, each version of a file once
    #[arg(long, help_heading = "Search", conflicts_with = "stdin")]
    pub history: bool,
    /// Search standard input
    #[arg(long, help_heading = "Search")]
    pub stdin: bool,
    /// Leave out what .gitignore and .ignore name
    #[arg(long, help_heading = "Search", conflicts_with_all = ["staged", "history", "stdin"])]
    pub respect_gitignore: bool,
    /// Look into zip, tar, gzip and zstd files
    #[arg(long, help_heading = "Search", conflicts_with_all = ["staged", "history", "stdin"])]
    pub archives: bool,
    /// Report files over this many bytes instead of searching them [default: 2 GiB]
    #[arg(long, value_name = "BYTES", help_heading = "Search", conflicts_with_all = ["staged", "history", "stdin"])]
    pub max_file_size: Option<u64>,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N", help_heading = "Search", conflicts_with_all = ["staged", "stdin"])]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Set aside the findings that this file accepts
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub baseline: Option<PathBuf>,
    /// Write a baseline that accepts every finding of low or more, and succeed
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Rules",
        conflicts_with = "baseline"
    )]
    pub write_baseline: Option<PathBuf>,
    /// Own rules, rule selection and allow-lists in TOML
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub rules: Option<PathBuf>,
    /// Leave out the rules that judge a value by its name and looks
    #[arg(long, help_heading = "Rules")]
    pub no_generic: bool,
    /// List names that are no secrets, such as client ids and buckets, beside counting them
    #[arg(long, help_heading = "Rules")]
    pub identifiers: bool,
    /// Report examples and empty places too, as low: to look at what is suppressed
    #[arg(long, help_heading = "Rules")]
    pub stand_ins: bool,
    /// Which findings give exit code 1
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        default_value = "low",
        help_heading = "Rules"
    )]
    pub fail_on: SecretsFailOn,
    /// Show the secrets themselves
    #[arg(long, help_heading = "Output")]
    pub reveal: bool,
    #[command(subcommand)]
    pub command: Option<SecretsCommand>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum SecretsFailOn {
    Low,
    Medium,
    High,
    Critical,
    None,
}

#[derive(Clone, Debug, Subcommand)]
pub enum SecretsCommand {
    /// The pre-commit hook of the repository in this folder
    Hook {
        #[command(subcommand)]
        command: HookCommand,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum HookCommand {
    /// Install a hook that searches what is staged before every commit
    Install,
}

impl Secrets {
    /// The question that the options put.
    pub fn query(&self) -> SearchQuery {
        SearchQuery {
            scope: match () {
                () if self.stdin => SearchScope::Stdin,
                () if self.staged => SearchScope::Staged,
                () if self.history => SearchScope::History,
                () => SearchScope::Tree,
            },
            path: self.path.clone(),
            respect_gitignore: self.respect_gitignore,
            archives: self.archives,
            max_file_size: self.max_file_size,
            jobs: self.jobs,
            baseline: self.baseline.clone(),
            rules: self.rules.clone(),
            no_generic: self.no_generic,
            identifiers: self.identifiers,
            stand_ins: self.stand_ins,
            fail_on: self.fail_on.severity(),
            reveal: self.reveal,
        }
    }
}

impl SecretsFailOn {
    /// The least severity that fails; none for `none`.
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
            Self::None => None,
        }
    }
}
