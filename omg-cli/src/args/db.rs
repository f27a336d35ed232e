//! Options of `omg audit db`.

use clap::{Args, Subcommand};
use omg_vuln::store::update::Refresh;

use crate::checks::database::UpdateQuery;

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

impl DbUpdate {
    /// The question that the options put.
    pub fn query(&self) -> UpdateQuery {
        UpdateQuery {
            ecosystems: self.ecosystem.clone(),
            refresh: match self.full {
                true => Refresh::Everything,
                false => Refresh::Changes,
            },
        }
    }
}
