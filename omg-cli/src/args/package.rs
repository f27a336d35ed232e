//! `omg audit package`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::pgp::PgpTrust;
use crate::checks::package::query::PackageQuery;

pub const EXAMPLES: &str = "Examples:
  omg audit package foo-1.0-1-x86_64.pkg.tar.zst       before pacman -U
  omg audit package *.pkg.tar.zst --offline -f json
  omg audit package yay-12-1-x86_64.pkg.tar.zst --aur  built from the AUR: who maintains it?
  omg audit package tool.deb --keyring vendor.gpg --policy strict.toml
  sudo omg audit package hook install pacman           before every transaction
Looked at are the signature, the checksum in the repositories' databases, provenance beside the
file, known vulnerabilities, licences, install scripts and what the package holds. The policy
decides: see omg audit policy --help.
Exit codes: 0 allowed, 1 a package is rejected, 3 something was not checked, 4 a policy or a
keyring that was named cannot be used, 5 a signature, checksum or provenance is invalid.";

/// Whether package files may be installed.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Package {
    /// Package files: .pkg.tar.zst and the like, or .deb
    #[arg(required = true)]
    pub file: Vec<PathBuf>,
    /// Certificates that may sign, a file or a folder; repeatable (default: the distribution's)
    #[arg(long, value_name = "FILE")]
    pub keyring: Vec<PathBuf>,
    /// Who is trusted: everyone in the keyring, whom Arch's main keys certified, or by a
    /// VOA hierarchy (default: plain with --keyring, else as the distribution does)
    #[arg(
        long,
        value_enum,
        value_name = "plain|arch|voa",
        hide_possible_values = true
    )]
    pub trust: Option<PgpTrust>,
    /// Use these advisories instead of the network, as `omg audit scan` does; repeatable
    #[arg(long, value_name = "FILE|DIR|ZIP")]
    pub advisories: Vec<PathBuf>,
    /// The repository that provenance must name, such as github.com/owner/name
    #[arg(long, value_name = "URI")]
    pub source_uri: Option<String>,
    /// The builder that provenance must name
    #[arg(long, value_name = "ID")]
    pub builder_id: Option<String>,
    /// These were built from the AUR: ask who maintains them, and compare with last time
    #[arg(long)]
    pub aur: bool,
    #[command(subcommand)]
    pub command: Option<PackageCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum PackageCommand {
    /// Hooks of package managers
    Hook {
        #[command(subcommand)]
        command: PackageHook,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum PackageHook {
    /// Install a hook that asks omg before every transaction, and writes them to the audit log
    Install {
        /// Whose hook
        #[arg(value_enum)]
        manager: HookFor,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// What a hook runs before a transaction; names or files come on standard input
    #[command(hide = true)]
    Before {
        #[arg(value_enum)]
        manager: HookFor,
    },
    /// What a hook runs after a transaction; names come on standard input
    #[command(hide = true)]
    After {
        /// What was done
        #[arg(value_enum)]
        what: HookWhat,
    },
}

/// A package manager.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum HookFor {
    Pacman,
    Apt,
}

/// What a transaction did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum HookWhat {
    Install,
    Upgrade,
    Remove,
    /// What apt was allowed to do.
    Apt,
}

impl Package {
    /// The question that the options put.
    pub fn query(&self) -> PackageQuery {
        PackageQuery {
            files: self.file.clone(),
            keyrings: self.keyring.clone(),
            trust: self.trust.map(PgpTrust::choice),
            advisories: self.advisories.clone(),
            source_uri: self.source_uri.clone(),
            builder_id: self.builder_id.clone(),
            aur: self.aur,
        }
    }
}
