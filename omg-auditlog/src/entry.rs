//! An entry: an event with its place in a log.

use std::fmt;

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};

use crate::error::Error;
use crate::event::{Actor, Event, EventKind, Outcome, Severity};
use crate::hash::Hash;
use crate::line;
use crate::value::{MAX_INTEGER, Value, check_fields, write_object, write_text};

/// The longest line without its line feed, in bytes. C2SP tlog-tiles gives an entry's length two
/// bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The machine that an entry is made on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Machine {
    /// Its name.
    pub host: String,
    /// What tells one run of the machine from the next (`/proc/sys/kernel/random/boot_id`).
    pub boot: String,
}

impl Machine {
    /// A machine by its name and the number of its present run.
    #[must_use]
    pub fn new(host: impl Into<String>, boot: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            boot: boot.into(),
        }
    }
}

/// One line of a log. It is made by a [`Chain`](crate::Chain) or read from bytes; its fields
/// cannot be changed, since its hash covers them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    seq: u64,
    at: DateTime<Utc>,
    event: Event,
    actor: Actor,
    machine: Machine,
    prev: Hash,
    hash: Hash,
    line: String,
}

impl Entry {
    pub(crate) fn new(
        seq: u64,
        prev: Hash,
        event: Event,
        actor: &Actor,
        machine: &Machine,
        at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        check_fields(&event.subject, 1)?;
        if i64::try_from(seq).map_or(true, |seq| seq > MAX_INTEGER) {
            return Err(Error::IntegerRange { value: i64::MAX });
        }
        if !(1..=9999).contains(&at.year()) {
            return Err(Error::TimeRange);
        }
        let at = to_micros(at);
        let mut line = String::with_capacity(512);
        line.push_str("{\"actor\":");
        write_object(&actor.fields(), &mut line);
        line.push_str(",\"boot\":");
        write_text(&machine.boot, &mut line);
        line.push_str(",\"event\":");
        write_text(event.kind.as_str(), &mut line);
        line.push(',');
        let hash_at = line.len();
        line.push_str("\"host\":");
        write_text(&machine.host, &mut line);
        line.push_str(",\"outcome\":");
        write_text(event.outcome.as_str(), &mut line);
        line.push_str(&format!(",\"prev\":\"{prev}\",\"seq\":{seq},\"severity\":"));
        write_text(event.severity.as_str(), &mut line);
        line.push_str(",\"subject\":");
        write_object(&event.subject, &mut line);
        let time = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        line.push_str(&format!(",\"time\":\"{time}\",\"v\":1}}"));
        let hash = Hash::leaf(line.as_bytes());
        line.insert_str(hash_at, &format!("\"hash\":\"{hash}\","));
        if line.len() > MAX_ENTRY_BYTES {
            return Err(Error::EntryTooLong { bytes: line.len() });
        }
        let (actor, machine) = (actor.clone(), machine.clone());
        Ok(Self {
            seq,
            at,
            event,
            actor,
            machine,
            prev,
            hash,
            line,
        })
    }

    /// Reads a line, given with or without its line feed, and checks that it is canonical and
    /// that its hash is its own. Whether it follows the line before it is for a
    /// [`Verifier`](crate::Verifier) to say.
    ///
    /// # Errors
    ///
    /// [`Error::EntryTooLong`] and [`Error::NotAnEntry`].
    pub fn from_line(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(Error::EntryTooLong { bytes: bytes.len() });
        }
        let line = line::read(bytes)
            .map_err(|flaw| Error::NotAnEntry(format!("{} at byte {}", flaw.why, flaw.at + 1)))?;
        if line.stated != line.computed {
            return Err(Error::NotAnEntry("its hash is not its own".to_owned()));
        }
        let not = |what: &str| Error::NotAnEntry(what.to_owned());
        // The strict reader has accepted it: it is JSON in UTF-8, and its fields are there.
        let text = std::str::from_utf8(bytes).map_err(|_| not("not UTF-8"))?;
        let json = serde_json::from_str(text).map_err(|_| not("not JSON"))?;
        let Some(Value::Object(mut fields)) = Value::from_serde(json) else {
            return Err(not("not an object"));
        };
        let mut text_of = |name: &str| match fields.remove(name) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(not("a field is missing")),
        };
        let (host, boot) = (text_of("host")?, text_of("boot")?);
        let (kind, outcome) = (text_of("event")?, text_of("outcome")?);
        let kind: EventKind = kind
            .parse()
            .map_err(|error: Error| Error::NotAnEntry(error.to_string()))?;
        let mut object = |name: &str| match fields.remove(name) {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(not("a field is missing")),
        };
        let actor = Actor::from_fields(object("actor")?).ok_or_else(|| not("not an actor"))?;
        let subject = object("subject")?;
        Ok(Self {
            seq: line.seq,
            at: DateTime::from_timestamp_micros(line.time).ok_or(Error::TimeRange)?,
            event: Event {
                kind,
                severity: line.severity,
                outcome: Outcome::parse(outcome.as_bytes()).ok_or_else(|| not("not an outcome"))?,
                subject,
            },
            actor,
            machine: Machine { host, boot },
            prev: line.prev,
            hash: line.computed,
            line: text.to_owned(),
        })
    }

    /// Its number in the log, counted from zero.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// When it was made, in microseconds.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.event.kind
    }

    /// How grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.event.severity
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Who acted.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where it was made.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The hash of the entry before it; the first entry has SHA-256 of the log's origin.
    #[must_use]
    pub fn prev(&self) -> Hash {
        self.prev
    }

    /// Its hash: the RFC 6962 leaf hash of the line without `hash`.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The line without its line feed. These bytes are the entry.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What a bare leaf of the tree is made of: the line without its `hash`.
    #[must_use]
    pub fn leaf_bytes(&self) -> Vec<u8> {
        self.line
            .replacen(&format!("\"hash\":\"{}\",", self.hash), "", 1)
            .into_bytes()
    }
}

impl fmt::Display for Entry {
    /// The line without its line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

/// Microseconds are what the format keeps. A leap second becomes the second before it: the
/// format has no second 60.
fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    let micros = at.timestamp_subsec_micros().min(999_999);
    DateTime::from_timestamp(at.timestamp(), micros * 1000).unwrap_or(at)
}
