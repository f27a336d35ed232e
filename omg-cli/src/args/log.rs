//! `omg audit log` and `omg audit verify`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::checks::log::LogQuery;
use crate::session::options::time;

#[derive(Args, Clone, Debug)]
#[command(subcommand_precedence_over_arg = true)]
#[command(after_help = "Examples:
  omg audit log                             the last 20 entries
  omg audit log -l 100 -s warning           the last 100 that are a warning or worse
  omg audit log --since 2026-11-01T00:00:00Z --grep openssl
  omg audit log keygen -o log.pub           a key; from then on entries are signed for
  omg audit log checkpoint -o log.ckpt      what to keep where this machine cannot write
  omg audit log prove 17 -o 17.tlog-proof   that entry 17 is in the log
  omg audit log export -f otlp --cursor FILE     what came since the last time
  omg audit log prune --before 2026-01-01T00:00:00Z     remove old closed files")]
pub struct Log {
    /// How many entries, the newest ones
    #[arg(short, long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Only entries of this level and over: debug, info, notice, warning, error or critical
    #[arg(short, long, value_name = "SEVERITY", value_parser = parsed::<omg_auditlog::Severity>)]
    pub severity: Option<omg_auditlog::Severity>,
    /// Only entries of this event, such as SecurityAudit; repeatable
    #[arg(long, value_name = "TYPE", value_parser = parsed::<omg_auditlog::EventKind>)]
    pub event: Vec<omg_auditlog::EventKind>,
    /// Only entries from this time on
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub since: Option<DateTime<Utc>>,
    /// Only entries before this time
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub until: Option<DateTime<Utc>>,
    /// Only entries that contain this text
    #[arg(long, value_name = "TEXT")]
    pub grep: Option<String>,
    /// Only entries of this user, by name or number
    #[arg(long, value_name = "USER")]
    pub actor: Option<String>,
    /// Only entries on this package
    #[arg(long, value_name = "NAME")]
    pub package: Option<String>,
    /// Then wait for new entries, until interrupted
    #[arg(long)]
    pub follow: bool,
    #[command(subcommand)]
    pub command: Option<LogCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum LogCommand {
    /// Make a key that signs checkpoints, outside of the log's directory; prints its public half
    Keygen {
        /// Where to write it [default: $XDG_CONFIG_HOME/omg/audit/log.key]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The key's name [default: the log's]
        #[arg(long)]
        name: Option<String>,
    },
    /// Sign how many entries the log has and the root of their tree, to be kept elsewhere
    Checkpoint {
        /// The key [default: $XDG_CONFIG_HOME/omg/audit/log.key]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Prove that an entry is in the log, without the log (C2SP tlog-proof)
    Prove {
        /// The entry's number
        seq: u64,
        /// The key [default: $XDG_CONFIG_HOME/omg/audit/log.key]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Close the log's file and continue in another
    Rotate,
    /// Hand signing over to a new key and destroy the old one; prints the new public key, while
    /// the first one stays the one to pin
    RotateKey {
        /// The key [default: $XDG_CONFIG_HOME/omg/audit/log.key]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Remove closed files that the checkpoint beside the log covers; it proves the rest
    Prune {
        /// Only entries before this number, or this time (RFC 3339)
        #[arg(long, value_name = "SEQ|TIME", value_parser = bound)]
        before: Bound,
        /// The key that signed the checkpoint [default: that of log.key]
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
    },
    /// Write entries for others: -f jsonl, ocsf, rfc5424 or otlp, one a line; -f tiles into the
    /// folder of -o
    Export(Export),
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  omg audit log export -f jsonl --cursor /var/lib/omg/cursor >> out.jsonl
  omg audit log export -f ocsf --since-seq 1000 -o new.ocsf
  omg audit log export -f tiles -o /srv/tlog
A log that was cut off or written anew since the cursor was made is exit 5, and
nothing is written. The cursor moves only after everything was written.")]
pub struct Export {
    /// Only entries from this number on
    #[arg(long, value_name = "SEQ", conflicts_with = "cursor")]
    pub since_seq: Option<u64>,
    /// Only what came since this file was written, which it then is anew
    #[arg(long, value_name = "FILE")]
    pub cursor: Option<PathBuf>,
    /// The key for the checkpoint of tiles [default: $XDG_CONFIG_HOME/omg/audit/log.key]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// Up to where.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    Seq(u64),
    Time(DateTime<Utc>),
}

fn bound(text: &str) -> Result<Bound, String> {
    match text.parse() {
        Ok(seq) => Ok(Bound::Seq(seq)),
        Err(_) => time(text).map(Bound::Time),
    }
}

#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "Examples:
  omg audit verify                                 what fits together
  omg audit verify --checkpoint log.ckpt           and is what it was then
  omg audit verify --public-key log.pub            and is signed
Exit codes: 0 intact (what is not proved is listed), 3 no log or a torn end,
4 a named file is missing or invalid, 5 tampered with.")]
pub struct Verify {
    /// A checkpoint that was kept elsewhere; repeatable
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// The key that must have signed; then an unsigned or older log is an alarm
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
    /// Only read what was added since the checkpoint beside the log, which must then be signed
    /// by the key that is known or named
    #[arg(long)]
    pub incremental: bool,
}

impl Verify {
    /// The question that the options put.
    pub fn query(&self) -> LogQuery {
        LogQuery {
            checkpoints: self.checkpoint.clone(),
            public_key: self.public_key.clone(),
            incremental: self.incremental,
        }
    }
}

fn parsed<T: std::str::FromStr<Err = omg_auditlog::Error>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|error: omg_auditlog::Error| error.to_string())
}
