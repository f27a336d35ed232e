//! What happened, how grave it is, and who did it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::value::Value;

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What an entry is about. Names are written as they stand here.
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
            /// An event of another program, by its reverse-DNS name.
            Custom(CustomKind),
        }

        impl EventKind {
            /// The name as it is written in an entry.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => stringify!($name),)*
                    Self::Custom(custom) => &custom.0,
                }
            }
        }

        impl FromStr for EventKind {
            type Err = Error;

            /// Reads a name of this format, or a reverse-DNS name such as `org.example.backup`.
            ///
            /// # Errors
            ///
            /// [`Error::EventName`] for anything else.
            fn from_str(name: &str) -> Result<Self, Error> {
                match name {
                    $(stringify!($name) => Ok(Self::$name),)*
                    _ => CustomKind::new(name).map(Self::Custom),
                }
            }
        }
    };
}

event_kinds! {
    /// A package was installed.
    PackageInstall,
    /// A package was removed.
    PackageRemove,
    /// A package was upgraded.
    PackageUpgrade,
    /// A package was replaced by an older version.
    PackageDowngrade,
    /// The machine or a project was looked at.
    SecurityAudit,
    /// A known vulnerability was found.
    VulnerabilityDetected,
    /// A signature was found valid.
    SignatureVerified,
    /// A signature was found invalid or missing.
    SignatureFailed,
    /// The policy was not met.
    PolicyViolation,
    /// The policy was changed.
    PolicyChanged,
    /// A bill of materials was made.
    SbomGenerated,
    /// Credentials were found.
    SecretsFound,
    /// A build's provenance was found valid.
    ProvenanceVerified,
    /// A build's provenance was found invalid or missing.
    ProvenanceFailed,
    /// The first entry of every log.
    LogOpened,
    /// A checkpoint was handed to somebody who keeps it.
    Checkpoint,
    /// Checkpoints after this entry are signed by another key.
    KeyRotated,
    /// The end of the log had been torn off in a crash, and was moved aside.
    Recovered,
    /// The log continues from a closed file.
    Rotated,
    /// Closed files were removed.
    Pruned,
}

/// A reverse-DNS name: at least two parts of letters, digits and hyphens, separated by dots, at
/// most 128 bytes.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CustomKind(String);

impl CustomKind {
    fn new(name: &str) -> Result<Self, Error> {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if name.len() <= 128 && name.contains('.') && name.split('.').all(part) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::EventName {
                name: name.to_owned(),
            })
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How grave an entry is, in rising order. The levels of the log, not of vulnerabilities.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Severity {
    /// Of use to developers only.
    Debug,
    /// As expected.
    Info,
    /// Expected, and worth knowing.
    Notice,
    /// Somebody should look.
    Warning,
    /// Something failed.
    Error,
    /// Somebody must act now.
    Critical,
}

impl Severity {
    /// All levels, in rising order.
    pub const ALL: [Self; 6] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
    ];

    /// The level as it is written in an entry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    pub(crate) fn parse(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str().as_bytes() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = Error;

    /// Reads a level's name.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] for anything but the six names.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::parse(name.as_bytes()).ok_or(Error::Syntax {
            what: "severity",
            why: "it is debug, info, notice, warning, error or critical",
        })
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// Done, and nothing to complain about.
    Success,
    /// Done, with a bad result, or not done.
    Failure,
    /// Not everything could be checked.
    Incomplete,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Success, Self::Failure, Self::Incomplete];

    /// The outcome as it is written in an entry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Incomplete => "incomplete",
        }
    }

    pub(crate) fn parse(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str().as_bytes() == name)
    }
}

/// Who acted. Everything that is known of it; nothing is looked up.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Actor {
    /// The effective user.
    pub uid: Option<u32>,
    /// The user that logged in, which `su` and `sudo` leave as it is (`/proc/self/loginuid`).
    pub loginuid: Option<u32>,
    /// The effective user's name.
    pub name: Option<String>,
    /// Who called `sudo`.
    pub sudo_user: Option<String>,
}

impl Actor {
    /// The user with this number.
    #[must_use]
    pub fn uid(uid: u32) -> Self {
        Self {
            uid: Some(uid),
            ..Self::default()
        }
    }

    /// With this name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With the user that logged in.
    #[must_use]
    pub fn with_loginuid(mut self, loginuid: u32) -> Self {
        self.loginuid = Some(loginuid);
        self
    }

    /// With the user that called `sudo`.
    #[must_use]
    pub fn with_sudo_user(mut self, name: impl Into<String>) -> Self {
        self.sudo_user = Some(name.into());
        self
    }

    pub(crate) fn fields(&self) -> BTreeMap<String, Value> {
        let fields = [
            ("loginuid", self.loginuid.map(Value::from)),
            ("name", self.name.clone().map(Value::from)),
            ("sudo_user", self.sudo_user.clone().map(Value::from)),
            ("uid", self.uid.map(Value::from)),
        ];
        let known = fields.into_iter();
        known
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }

    pub(crate) fn from_fields(mut fields: BTreeMap<String, Value>) -> Option<Self> {
        let mut number = |name| match fields.remove(name) {
            None => Some(None),
            Some(value) => Some(Some(u32::try_from(value.as_integer()?).ok()?)),
        };
        let (uid, loginuid) = (number("uid")?, number("loginuid")?);
        let mut text = |name| match fields.remove(name) {
            None => Some(None),
            Some(Value::Text(text)) => Some(Some(text)),
            Some(_) => None,
        };
        let (name, sudo_user) = (text("name")?, text("sudo_user")?);
        fields.is_empty().then_some(Self {
            uid,
            loginuid,
            name,
            sudo_user,
        })
    }
}

/// An event, before it has a place in a log.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Event, EventKind, Outcome, Severity};
///
/// let event = Event::new(EventKind::PackageUpgrade)
///     .with("package", "zlib")
///     .with("from", "1.3-1")
///     .with("to", "1.3.1-2");
/// assert_eq!(event.severity, Severity::Info);
/// assert_eq!(event.outcome, Outcome::Success);
/// assert_eq!(event.subject["package"].as_text(), Some("zlib"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What it is about.
    pub kind: EventKind,
    /// How grave it is. Default: [`Severity::Info`].
    pub severity: Severity,
    /// How it ended. Default: [`Outcome::Success`].
    pub outcome: Outcome,
    /// Its details by name.
    pub subject: BTreeMap<String, Value>,
}

impl Event {
    /// An event without details.
    #[must_use]
    pub fn new(kind: EventKind) -> Self {
        Self {
            kind,
            severity: Severity::Info,
            outcome: Outcome::Success,
            subject: BTreeMap::new(),
        }
    }

    /// With this level.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With this outcome.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// With one more detail; a later one of the same name replaces the former.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.subject.insert(name.into(), value.into());
        self
    }
}
