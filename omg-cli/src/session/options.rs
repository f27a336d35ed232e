//! Options that every command takes, and values that options share with the configuration.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde::Deserialize;

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

/// Reads a reference time (RFC 3339).
pub fn time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| "not an RFC 3339 time, write for example 2026-11-24T12:00:00Z".to_owned())
}
