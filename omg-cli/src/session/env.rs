//! The machine as a run sees it: clock, user's directories, variables and terminal. Nothing
//! else in this program asks for them.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use omg_auditlog::{Actor, Machine};

use super::failure::Failure;

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

    /// Where data go: `$XDG_DATA_HOME/omg`, else `~/.local/share/omg`.
    pub fn data_dir(&self) -> Result<PathBuf, Failure> {
        self.xdg("XDG_DATA_HOME", ".local/share")
    }

    /// Where what was seen before is kept: `$XDG_STATE_HOME/omg`, else `~/.local/state/omg`.
    pub fn state_dir(&self) -> Result<PathBuf, Failure> {
        self.xdg("XDG_STATE_HOME", ".local/state")
    }

    /// The clock at this moment, for entries of the audit log, which are made late in a run.
    pub fn clock(&self) -> DateTime<Utc> {
        DateTime::from(SystemTime::now())
    }

    /// Seconds since the run began.
    pub fn seconds(&self) -> f64 {
        let gone = self.clock().signed_duration_since(self.now);
        gone.to_std().map_or(0.0, |gone| gone.as_secs_f64())
    }

    /// The machine's name, and the number of its present run.
    pub fn machine(&self) -> Machine {
        let host = rustix::system::uname();
        let host = host.nodename().to_string_lossy().into_owned();
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        Machine::new(host, boot.unwrap_or_default().trim_end())
    }

    /// Who runs this.
    pub fn actor(&self) -> Actor {
        let uid = rustix::process::geteuid().as_raw();
        let mut actor = Actor::uid(uid);
        if let Some(name) = user_name(uid) {
            actor = actor.with_name(name);
        }
        // proc_pid_loginuid(5): 4294967295 where nobody logged in.
        let login = std::fs::read_to_string("/proc/self/loginuid").ok();
        let login = login.and_then(|login| login.trim().parse().ok());
        if let Some(login) = login.filter(|login| *login != u32::MAX) {
            actor = actor.with_loginuid(login);
        }
        match self.var("SUDO_USER") {
            Some(user) => actor.with_sudo_user(user),
            None => actor,
        }
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

/// The user's name in passwd(5).
fn user_name(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let uid = uid.to_string();
    let mut users = users.lines().map(|line| line.split(':'));
    users.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}
