//! Which entries somebody wants to see.

use chrono::{DateTime, Utc};

use crate::entry::Entry;
use crate::event::{EventKind, Severity};
use crate::value::Value;

/// Entries by what they say. Without any condition it takes every entry.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{EventKind, Filter, Severity};
///
/// let filter = Filter::new().severity(Severity::Warning).event(EventKind::SecurityAudit);
/// # let at = chrono::DateTime::from_timestamp(0, 0).unwrap_or_default();
/// # let machine = omg_auditlog::Machine::default();
/// # let actor = omg_auditlog::Actor::uid(0);
/// # let (_, entry) = omg_auditlog::Chain::open(&"o".parse()?, &machine, &actor, at)?;
/// assert!(!filter.matches(&entry)); // A LogOpened entry of level info.
/// # Ok::<(), omg_auditlog::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    events: Vec<EventKind>,
    severity: Option<Severity>,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    actor: Option<String>,
    package: Option<String>,
    text: Option<String>,
}

impl Filter {
    /// Takes every entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only this event; given more than once, any of them.
    #[must_use]
    pub fn event(mut self, kind: EventKind) -> Self {
        self.events.push(kind);
        self
    }

    /// Only this level and those over it.
    #[must_use]
    pub fn severity(mut self, least: Severity) -> Self {
        self.severity = Some(least);
        self
    }

    /// Only entries from this time on.
    #[must_use]
    pub fn since(mut self, at: DateTime<Utc>) -> Self {
        self.since = Some(at);
        self
    }

    /// Only entries before this time.
    #[must_use]
    pub fn until(mut self, at: DateTime<Utc>) -> Self {
        self.until = Some(at);
        self
    }

    /// Only entries of this user, by name or number, also as the one that called `sudo`.
    #[must_use]
    pub fn actor(mut self, user: impl Into<String>) -> Self {
        self.actor = Some(user.into());
        self
    }

    /// Only entries whose subject names this package.
    #[must_use]
    pub fn package(mut self, name: impl Into<String>) -> Self {
        self.package = Some(name.into());
        self
    }

    /// Only entries whose line contains this text; upper and lower case are the same in ASCII.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into().to_ascii_lowercase());
        self
    }

    /// Whether it takes the entry.
    #[must_use]
    pub fn matches(&self, entry: &Entry) -> bool {
        (self.events.is_empty() || self.events.contains(entry.kind()))
            && self.severity.is_none_or(|least| entry.severity() >= least)
            && self.since.is_none_or(|since| entry.at() >= since)
            && self.until.is_none_or(|until| entry.at() < until)
            && self.actor.as_deref().is_none_or(|user| is_by(entry, user))
            && self.package.as_deref().is_none_or(|name| {
                entry
                    .event()
                    .subject
                    .get("package")
                    .and_then(Value::as_text)
                    == Some(name)
            })
            && self
                .text
                .as_deref()
                .is_none_or(|text| entry.line().to_ascii_lowercase().contains(text))
    }
}

fn is_by(entry: &Entry, user: &str) -> bool {
    let actor = entry.actor();
    let number = |id: Option<u32>| id.is_some_and(|id| id.to_string() == user);
    actor.name.as_deref() == Some(user)
        || actor.sudo_user.as_deref() == Some(user)
        || number(actor.uid)
        || number(actor.loginuid)
}
