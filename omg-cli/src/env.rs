//! The machine as a run sees it: clock, user's directories, variables and terminal. Nothing
//! else in this program asks for them.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::failure::Failure;

/// Everything ambient.
#[derive(Clone, Debug)]
pub struct Env {
    /// The clock.
    pub now: DateTime<Utc>,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    vars: Vec<(String, String)>,
}

impl Env {
    pub fn from_machine() -> Self {
        let vars = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        Self {
            now: DateTime::from(SystemTime::now()),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            vars: vars.collect(),
        }
    }

    /// A variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        let found = self.vars.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Where caches go: `$XDG_CACHE_HOME/omg`, else `~/.cache/omg`.
    pub fn cache_dir(&self) -> Result<PathBuf, Failure> {
        self.xdg("XDG_CACHE_HOME", ".cache")
    }

    /// Where the user's configuration is: `$XDG_CONFIG_HOME/omg`, else `~/.config/omg`.
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.xdg("XDG_CONFIG_HOME", ".config").ok()
    }

    /// XDG Base Directory Specification: a path that is not absolute is ignored.
    fn xdg(&self, variable: &str, fallback: &str) -> Result<PathBuf, Failure> {
        let absolute = |name| {
            self.var(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        absolute(variable)
            .or_else(|| absolute("HOME").map(|home| home.join(fallback)))
            .map(|base| base.join("omg"))
            .ok_or_else(|| {
                Failure::config(format!(
                    "neither {variable} nor HOME is set to an absolute path"
                ))
                .try_this(format!("set {variable}"))
            })
    }

    /// The width for people: the terminal's if it says so, else 80 columns.
    pub fn width(&self) -> usize {
        let columns = self.var("COLUMNS").and_then(|columns| columns.parse().ok());
        match columns {
            Some(columns) if self.stdout_is_terminal => usize::clamp(columns, 40, 120),
            _ => 80,
        }
    }
}
