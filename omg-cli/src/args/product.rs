//! Commands about the program itself: completions, man pages, configuration, explanations.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::scan::Scan;
use crate::checks::explain::ExplainQuery;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  omg completions bash -o ~/.local/share/bash-completion/completions/omg
  omg completions zsh -o ~/.local/share/zsh/site-functions/_omg
  omg completions fish -o ~/.config/fish/completions/omg.fish")]
pub struct Completions {
    /// For which shell
    pub shell: Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  omg man ~/.local/share/man/man1      then: man omg-audit-scan
  omg man /usr/local/share/man/man1    for everyone")]
pub struct Man {
    /// The folder, which is made if it is not there
    pub dir: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  omg config show --origin             what holds, and where each setting stands
  omg config path                      which files are looked for
  omg config check                     whether all of it can be used
From weak to strong: what is built in, /etc/omg/config.toml, the user's
config.toml, the environment, the options of a command. --config FILE stands in
for both files. Lists are replaced, not joined.")]
pub struct Config {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every setting with the value that holds, as TOML
    Show {
        /// And where it stands
        #[arg(long)]
        origin: bool,
    },
    /// The files that are looked for, from weak to strong
    Path,
    /// Whether the configuration and the files it names can be used
    Check,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  omg explain CVE-2024-3094            what it is, and what here is affected
  omg explain openssl                  what is known of an installed package
  omg explain AVG-2851 --advisories all.json
It opens no socket: it reads what `omg audit db update` stored.
Exit codes: 0 explained, 3 nothing that is stored knows it, or a source could not
be read.")]
pub struct Explain {
    /// An advisory, by any of its names, or a package
    #[arg(value_name = "ID|PACKAGE")]
    pub what: String,
    /// Use these advisories instead of the stored ones; repeatable
    #[arg(long, value_name = "FILE|DIR|ZIP")]
    pub advisories: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  omg audit report -o report.html                   this machine
  omg audit report --offline --at 2026-11-24T12:00:00Z --no-log -o report.html
One file that asks nothing of the network and needs no script. With --at and
--no-log the same evidence gives the same bytes.
Exit codes: as omg audit scan; 5 if the audit log was tampered with.")]
pub struct Report {
    #[command(flatten)]
    pub scan: Scan,
}

impl Explain {
    /// The question that the options put.
    pub fn query(&self) -> ExplainQuery {
        ExplainQuery {
            name: self.what.clone(),
            advisories: self.advisories.clone(),
        }
    }
}
