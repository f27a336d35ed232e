//! `omg audit sbom`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use omg_sbom::{Placement, check, cyclonedx};

use crate::checks::sbom::query::SbomQuery;

pub const EXAMPLES: &str = "Examples:
  omg audit sbom -o sbom.json                  CycloneDX 1.5, with known vulnerabilities
  omg audit sbom --vulns=false -o sbom.json    packages only
  omg audit sbom --spec-version 1.7 --vex-output vex.json -o sbom.json
  omg audit sbom --root /mnt --at 2026-11-24T12:00:00Z --vulns=false   the same bytes every time
  omg audit sbom --files --vulns=false         and whether the installed files are as recorded
  omg audit sbom --check ntia                  what it has of what NTIA asks for
  omg audit sbom --sign key.pem -o sbom.json   signed with an EC key (P-256)
  omg audit sbom verify sbom.json --key public.pem
  omg audit sbom diff old.json new.json
Without -o the document goes to standard output.
Exit codes: 0 done, 3 something could not be read or checked: the document is
written all the same, and says so.";

/// What is installed, as a document.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sbom {
    /// Instead of the document, what it has of what a framework asks for; no claim of compliance
    #[arg(
        long,
        value_enum,
        value_name = "ntia|cisa2025|fda|bsi",
        help_heading = "Document"
    )]
    #[arg(hide_possible_values = true)]
    pub check: Option<Framework>,
    /// Embed known vulnerabilities
    #[arg(long, value_name = "true|false", help_heading = "Document", num_args = 0..=1)]
    #[arg(
        require_equals = true,
        default_value_t = true,
        default_missing_value = "true"
    )]
    #[arg(action = clap::ArgAction::Set, hide_possible_values = true)]
    pub vulns: bool,
    /// Use these advisories instead of the network, as `omg audit scan` does; repeatable
    #[arg(long, value_name = "FILE|DIR|ZIP", help_heading = "Document")]
    pub advisories: Vec<PathBuf>,
    /// Write known vulnerabilities to a document of their own, which refers to this one, and
    /// not into this one
    #[arg(long, value_name = "FILE", help_heading = "Document")]
    pub vex_output: Option<PathBuf>,
    /// Version of CycloneDX
    #[arg(long, value_enum, default_value_t, value_name = "1.5|1.6|1.7")]
    #[arg(help_heading = "Document", hide_possible_values = true)]
    pub spec_version: SpecVersion,
    /// Who makes the document, for example "Jane Doe <jane@example.org>"; repeatable
    #[arg(long, value_name = "NAME", help_heading = "Document")]
    pub author: Vec<String>,
    /// Who supplies the system that it describes; without it, who its os-release says makes it
    #[arg(long, value_name = "NAME", help_heading = "Document")]
    pub supplier: Option<String>,
    /// The licence of the document itself
    #[arg(
        long,
        value_name = "SPDX",
        default_value = "CC0-1.0",
        help_heading = "Document"
    )]
    pub data_license: String,
    /// Read the licences of dpkg's packages, a file for each: `false` is about three times faster
    #[arg(long, value_name = "true|false", help_heading = "Document", num_args = 0..=1)]
    #[arg(
        require_equals = true,
        default_value_t = true,
        default_missing_value = "true"
    )]
    #[arg(action = clap::ArgAction::Set, hide_possible_values = true)]
    pub licenses: bool,
    /// Take what packages declare for what is so: a statement of who makes the document, who then
    /// concludes every licence that has one meaning (CycloneDX 1.6 and later, SPDX)
    #[arg(long, help_heading = "Document")]
    pub conclude_licenses: bool,
    /// Compare the installed files with what their packages record, as evidence
    #[arg(long, help_heading = "Document")]
    pub files: bool,
    /// Hash the package files in pacman's cache from which the installed packages came: SHA-512,
    /// and SHA-256 where no repository has the installed version
    #[arg(long, help_heading = "Document")]
    pub package_cache: bool,
    /// Sign the document within itself (JSF, ES256) with this private key of P-256, in PEM
    #[arg(long, value_name = "KEY", help_heading = "Document")]
    pub sign: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<SbomCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum SbomCommand {
    /// What was added, removed or changed between two documents
    Diff {
        /// The earlier document
        old: PathBuf,
        /// The later one
        new: PathBuf,
    },
    /// Whether a document is as a key signed it: 1 another key did, 3 nobody, 5 it is not
    Verify {
        /// The document
        file: PathBuf,
        /// The public key that must have signed, in PEM; repeatable: one of them
        #[arg(long, value_name = "FILE", required = true)]
        key: Vec<PathBuf>,
    },
}

/// Whose list of elements is gone through.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Framework {
    Ntia,
    Cisa2025,
    Fda,
    Bsi,
}

/// A version of CycloneDX.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum SpecVersion {
    #[default]
    #[value(name = "1.5")]
    V1_5,
    #[value(name = "1.6")]
    V1_6,
    #[value(name = "1.7")]
    V1_7,
}

impl Sbom {
    /// The question that the options put.
    pub fn query(&self) -> SbomQuery {
        SbomQuery {
            advisories: self.advisories.clone(),
            placement: match self.vex_output {
                Some(_) => Placement::Apart,
                None => Placement::Within,
            },
            authors: self.author.clone(),
            supplier: self.supplier.clone(),
            data_licence: self.data_license.clone(),
            licences: self.licenses,
            conclude_licences: self.conclude_licenses,
            files: self.files,
            package_cache: self.package_cache,
        }
    }
}

impl Framework {
    /// The framework that the word names.
    pub fn framework(self) -> check::Framework {
        match self {
            Self::Ntia => check::Framework::Ntia,
            Self::Cisa2025 => check::Framework::Cisa2025,
            Self::Fda => check::Framework::Fda,
            Self::Bsi => check::Framework::Bsi,
        }
    }
}

impl SpecVersion {
    /// The version of CycloneDX that the word names.
    pub fn version(self) -> cyclonedx::Version {
        match self {
            Self::V1_5 => cyclonedx::Version::V1_5,
            Self::V1_6 => cyclonedx::Version::V1_6,
            Self::V1_7 => cyclonedx::Version::V1_7,
        }
    }
}
