//! The audit log as the other commands use it: each verdict leaves its event there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omg_auditlog::fs::{Every, Log, LogError, LogOptions, LogReader, UnsafePath};
use omg_auditlog::{Event, Hash, Origin, SigningKey, VerifyingKey};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::files::read_small;
use super::output::say;
use super::trace;

/// The longest key file that is read, in bytes.
const MAX_KEY: u64 = 4096;

impl Context {
    /// Appends events to the audit log, unless `--no-log` was given. A log that cannot be written
    /// is said so, and makes the run incomplete.
    pub fn record(&self, events: Vec<Event>) -> Exit {
        events.iter().for_each(trace::verdict);
        if self.common.no_log || events.is_empty() {
            return Exit::Ok;
        }
        let written = self.writable_log().and_then(|log| {
            let (actor, at) = (self.env.actor(), self.env.clock());
            let appended = log.append_batch(events, &actor, at);
            appended.map_err(|error| self.log_failure(&error))
        });
        match written {
            Ok(_) => Exit::Ok,
            Err(failure) => {
                say(&failure.to_string());
                failure.exit
            }
        }
    }

    /// The audit log for writing, signed with the user's key if there is one.
    pub fn writable_log(&self) -> Result<Log, Failure> {
        let path = self.log_path()?;
        let options = LogOptions::new(self.origin()?, self.env.machine());
        let options = match self.signing_key(None)? {
            Some(key) => options.sign(Arc::new(key), Every::Commit),
            None => options,
        };
        self.open_log(&path, options)
    }

    /// The audit log for writing, which signs nothing by itself.
    pub fn unsigned_log(&self) -> Result<Log, Failure> {
        let options = LogOptions::new(self.origin()?, self.env.machine());
        self.open_log(&self.log_path()?, options)
    }

    fn open_log(&self, path: &Path, options: LogOptions) -> Result<Log, Failure> {
        let opened = Log::open(path, options, &self.env.actor(), self.env.clock());
        opened.map_err(|error| self.log_failure(&error))
    }

    /// What a failed operation on the log means.
    pub fn log_failure(&self, error: &LogError) -> Failure {
        let path = self.log_path().unwrap_or_default();
        let exit = match error {
            LogError::Damaged(_) => Exit::Integrity,
            LogError::NoCheckpoint { .. } => Exit::Config,
            _ => Exit::Incomplete,
        };
        let failure = Failure::new(exit, format!("the audit log {}", path.display()));
        let failure = failure.because(error);
        match error {
            LogError::Damaged(_) => failure.try_this("omg audit verify"),
            LogError::NoCheckpoint { .. } => failure.try_this("omg audit log checkpoint"),
            LogError::Io { source, .. } if is_unsafe(source) => failure,
            _ => failure.try_this("--log FILE for another, --no-log for none"),
        }
    }

    /// The audit log's file: `--log`, else below the user's data.
    pub fn log_path(&self) -> Result<PathBuf, Failure> {
        match &self.common.log {
            Some(path) => Ok(path.clone()),
            None => Ok(self.env.data_dir()?.join("audit/audit.jsonl")),
        }
    }

    /// The log for reading; an error if there is none.
    pub fn readable_log(&self) -> Result<LogReader, Failure> {
        let path = self.log_path()?;
        let reader = LogReader::open(&path).map_err(|error| self.log_failure(&error))?;
        reader.ok_or_else(|| {
            Failure::incomplete(format!("there is no audit log {}", path.display()))
                .try_this("omg audit scan, which begins one")
        })
    }

    /// The name that a new log gets: this machine's, and its own place on it.
    pub fn origin(&self) -> Result<Origin, Failure> {
        let path = self.log_path()?;
        let path = std::path::absolute(&path).unwrap_or(path);
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        // The machine's number is a secret of the machine (machine-id(5)); its hash is none.
        let place = Hash::of(format!("{}\n{}", machine.trim_end(), path.display()).as_bytes());
        let host = self.env.machine().host;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let host: String = host.chars().filter(|c| plain(*c)).take(64).collect();
        let name = format!("omg/{host}/{}", &place.to_string()[..16]);
        name.parse()
            .map_err(|error| Failure::config("cannot name the audit log").because(&error))
    }

    /// Where the user's key is, unless another was named.
    pub fn key_path(&self, named: Option<&Path>) -> Result<PathBuf, Failure> {
        match (named, self.env.config_dir()) {
            (Some(path), _) => Ok(path.to_owned()),
            (None, Some(dir)) => Ok(dir.join("audit/log.key")),
            (None, None) => {
                Err(Failure::config("there is no place for a key").try_this("--key FILE"))
            }
        }
    }

    /// The key that signs checkpoints: a named one, or the user's if there is one.
    pub fn signing_key(&self, named: Option<&Path>) -> Result<Option<SigningKey>, Failure> {
        if named.is_none() && self.env.config_dir().is_none() {
            return Ok(None);
        }
        let path = self.key_path(named)?;
        if beside_key(&path).exists() {
            // The log may count on the next key already.
            return Err(Failure::config("a change of the log's key was interrupted")
                .try_this("omg audit log rotate-key, which finishes it"));
        }
        read_key(&path, named.is_some())
    }

    /// The public half of the user's key, if there is one.
    pub fn default_public_key(&self) -> Result<Option<VerifyingKey>, Failure> {
        match self.env.config_dir() {
            Some(dir) => read_key(&dir.join("audit/log.pub"), false),
            None => Ok(None),
        }
    }
}

/// A text of others, short enough for an entry: its first 256 characters.
pub fn short(text: &str) -> String {
    text.chars().take(256).collect()
}

/// Where the next key waits while the log records the change.
pub fn beside_key(key: &Path) -> PathBuf {
    let mut name = OsString::from(key);
    name.push(".next");
    PathBuf::from(name)
}

/// Reads a key; a missing one is an error where it was named.
pub fn read_key<K>(path: &Path, named: bool) -> Result<Option<K>, Failure>
where
    K: std::str::FromStr<Err = omg_auditlog::Error>,
{
    let text = match read_small(path, MAX_KEY) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => return Ok(None),
        other => other,
    };
    let text = text.map_err(|error| {
        Failure::config(format!("cannot read the key {}", path.display())).because(&error)
    })?;
    text.parse()
        .map(Some)
        .map_err(|error| Failure::config(format!("{} is no key", path.display())).because(&error))
}

fn is_unsafe(error: &std::io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.downcast_ref::<UnsafePath>().is_some())
}
