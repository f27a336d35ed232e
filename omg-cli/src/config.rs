//! The configuration file: TOML, of which every key is known or refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::env::Env;
use crate::failure::Failure;

/// The largest configuration file that is read: 1 MiB.
const MAX_BYTES: u64 = 1 << 20;

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
    pub fail_on: Option<crate::args::FailOn>,
    pub ignore: Vec<PathBuf>,
    pub vex: Vec<PathBuf>,
    /// Days after which a stored database is stale.
    pub max_age: Option<u32>,
}

impl Config {
    /// The named file; else the user's, else the system's, else nothing. The environment is
    /// stronger than the file.
    pub fn load(named: Option<&Path>, env: &Env) -> Result<Self, Failure> {
        let mut config = match named {
            Some(path) => Self::read(path)?,
            None => match Self::discover(env) {
                Some(path) => Self::read(&path)?,
                None => Self::default(),
            },
        };
        let sources = &mut config.sources;
        for (field, variable) in [
            (&mut sources.osv, "OMG_OSV_URL"),
            (&mut sources.osv_dumps, "OMG_OSV_DUMPS_URL"),
            (&mut sources.arch, "OMG_ARCH_URL"),
            (&mut sources.kev, "OMG_KEV_URL"),
            (&mut sources.epss, "OMG_EPSS_URL"),
            (&mut sources.rekor, "OMG_REKOR_URL"),
            (&mut sources.tuf, "OMG_TUF_URL"),
        ] {
            if let Some(value) = env.var(variable) {
                *field = Some(value.to_owned());
            }
        }
        Ok(config)
    }

    fn discover(env: &Env) -> Option<PathBuf> {
        let user = env.config_dir().map(|dir| dir.join("config.toml"));
        let system = Some(PathBuf::from("/etc/omg/config.toml"));
        [user, system]
            .into_iter()
            .flatten()
            .find(|path| path.exists())
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = crate::store::read_bounded(path, MAX_BYTES).map_err(|error| {
            Failure::config(format!("cannot read the configuration {}", path.display()))
                .because(&error)
        })?;
        let text = String::from_utf8(bytes).map_err(|error| invalid(path).because(&error))?;
        toml::from_str(&text).map_err(|error| invalid(path).because(&error))
    }
}

fn invalid(path: &Path) -> Failure {
    Failure::config(format!("the configuration {} is invalid", path.display()))
}
