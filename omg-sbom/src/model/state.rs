use std::{fmt, str::FromStr};

use super::error::ParseError;

/// dpkg's word on a package: the field `Status`.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::dpkg::{Selection, State, Status};
///
/// let state: State = "hold ok half-configured".parse()?;
/// assert_eq!((state.selection, state.status), (Selection::Hold, Status::HalfConfigured));
/// assert!(state.status.is_on_disk() && !state.is_sound());
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct State {
    /// What is wanted.
    pub selection: Selection,
    /// dpkg's error flag: the package is broken and has to be installed again.
    pub needs_reinstallation: bool,
    /// What is the case.
    pub status: Status,
}

impl State {
    /// Whether the package is installed and not in need of a reinstallation.
    pub fn is_sound(self) -> bool {
        self.status == Status::Installed && !self.needs_reinstallation
    }
}

impl FromStr for State {
    type Err = ParseError;

    /// Reads the three words of the field.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let unknown = || ParseError::syntax("dpkg status", format!("unknown Status {text:?}"));
        let mut words = text.split_ascii_whitespace();
        let (Some(selection), Some(flag), Some(status), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(unknown());
        };
        Ok(Self {
            selection: find(Selection::ALL, selection).ok_or_else(unknown)?,
            needs_reinstallation: match flag {
                "ok" => false,
                "reinstreq" => true,
                _ => return Err(unknown()),
            },
            status: find(Status::ALL, status).ok_or_else(unknown)?,
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = if self.needs_reinstallation {
            "reinstreq"
        } else {
            "ok"
        };
        write!(f, "{} {flag} {}", self.selection, self.status)
    }
}

/// What the administrator wants of a package (dpkg(1), "Package selection states").
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Selection {
    /// Nothing was said.
    Unknown,
    /// To be installed.
    Install,
    /// To be left as it is.
    Hold,
    /// To be removed, configuration kept.
    Deinstall,
    /// To be removed with its configuration.
    Purge,
}

impl Selection {
    const ALL: &[(&str, Self)] = &[
        ("unknown", Self::Unknown),
        ("install", Self::Install),
        ("hold", Self::Hold),
        ("deinstall", Self::Deinstall),
        ("purge", Self::Purge),
    ];
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(Self::ALL, *self))
    }
}

/// What is the case with a package (dpkg(1), "Package states").
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Status {
    /// Not there.
    NotInstalled,
    /// Removed, its configuration files are left.
    ConfigFiles,
    /// Its installation was begun and not completed.
    HalfInstalled,
    /// Unpacked, not configured.
    Unpacked,
    /// Unpacked, its configuration was begun and not completed.
    HalfConfigured,
    /// Waits for another package to process its triggers.
    TriggersAwaited,
    /// Was triggered and has not processed it yet.
    TriggersPending,
    /// Installed.
    Installed,
}

impl Status {
    const ALL: &[(&str, Self)] = &[
        ("not-installed", Self::NotInstalled),
        ("config-files", Self::ConfigFiles),
        ("half-installed", Self::HalfInstalled),
        ("unpacked", Self::Unpacked),
        ("half-configured", Self::HalfConfigured),
        ("triggers-awaited", Self::TriggersAwaited),
        ("triggers-pending", Self::TriggersPending),
        ("installed", Self::Installed),
    ];

    /// Whether files of the package, other than configuration, can be on disk.
    pub fn is_on_disk(self) -> bool {
        !matches!(self, Self::NotInstalled | Self::ConfigFiles)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(Self::ALL, *self))
    }
}

fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, value)| *value)
}

fn name<T: Copy + PartialEq>(table: &[(&'static str, T)], value: T) -> &'static str {
    table
        .iter()
        .find(|(_, v)| *v == value)
        .map_or("", |(name, _)| name)
}
