//! The settings: which keys there are, and where a value comes from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Value;

use crate::session::options::FailOn;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub sources: Sources,
    pub scan: Scan,
    /// By host: the SHA-256 of a certificate's public key, in hexadecimal digits.
    pub pins: BTreeMap<String, Vec<String>>,
}

/// Where the sources are, instead of their own addresses.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    pub osv: Option<String>,
    pub osv_dumps: Option<String>,
    pub arch: Option<String>,
    pub aur: Option<String>,
    pub kev: Option<String>,
    pub epss: Option<String>,
    pub rekor: Option<String>,
    pub tuf: Option<String>,
    /// A proxy for all of them.
    pub proxy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    pub fail_on: Option<FailOn>,
    pub ignore: Vec<PathBuf>,
    pub vex: Vec<PathBuf>,
    /// Days after which a stored database is stale.
    pub max_age: Option<u32>,
}

/// Where a setting comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Variable(&'static str),
}

/// One key with the value that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub key: String,
    pub value: Value,
    pub origin: Origin,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("built in"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "environment {name}"),
        }
    }
}
