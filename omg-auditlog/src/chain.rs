//! The next entry of a log, from the one before it. Pure: the same arguments give the same bytes.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::entry::{Entry, Machine};
use crate::error::Error;
use crate::event::{Actor, Event, EventKind};
use crate::hash::Hash;

/// What names a log, and nothing else: the first line of its checkpoints (C2SP tlog-checkpoint).
/// A name like `omg/host/3f2a`: 1 to 256 bytes, without spaces, `+` and control characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin(String);

impl Origin {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands in the first entry's `prev`: SHA-256 of the name.
    #[must_use]
    pub fn genesis(&self) -> Hash {
        Hash::of(self.0.as_bytes())
    }
}

impl FromStr for Origin {
    type Err = Error;

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::Origin`] for a name that no checkpoint can carry.
    fn from_str(origin: &str) -> Result<Self, Error> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if origin.is_empty() || origin.len() > 256 || origin.contains(bad) {
            return Err(Error::Origin {
                origin: origin.to_owned(),
            });
        }
        Ok(Self(origin.to_owned()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The end of a log: what the next entry is made from.
///
/// # Examples
///
/// ```
/// use omg_auditlog::{Actor, Chain, Event, EventKind, Machine};
///
/// # fn main() -> Result<(), omg_auditlog::Error> {
/// let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap_or_default();
/// let machine = Machine::new("host", "boot");
/// let (mut chain, opened) = Chain::open(&"example.org/log".parse()?, &machine, &Actor::uid(0), at)?;
/// assert_eq!(opened.kind(), &EventKind::LogOpened);
///
/// let event = Event::new(EventKind::PackageInstall).with("package", "zlib");
/// let entry = chain.append(event, &Actor::uid(0), &machine, at)?;
/// assert_eq!((entry.seq(), entry.prev()), (1, opened.hash()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chain {
    next: u64,
    head: Hash,
}

impl Chain {
    /// A new log, and its first entry.
    ///
    /// # Errors
    ///
    /// As [`Chain::append`].
    pub fn open(
        origin: &Origin,
        machine: &Machine,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<(Self, Entry), Error> {
        let event = Event::new(EventKind::LogOpened).with("format", 1i64);
        Self::open_with(
            origin,
            event.with("origin", origin.as_str()),
            machine,
            actor,
            at,
        )
    }

    pub(crate) fn open_with(
        origin: &Origin,
        event: Event,
        machine: &Machine,
        actor: &Actor,
        at: DateTime<Utc>,
    ) -> Result<(Self, Entry), Error> {
        let mut chain = Self {
            next: 0,
            head: origin.genesis(),
        };
        let entry = chain.append(event, actor, machine, at)?;
        Ok((chain, entry))
    }

    /// The chain that ends with this entry.
    #[must_use]
    pub fn after(entry: &Entry) -> Self {
        Self {
            next: entry.seq() + 1,
            head: entry.hash(),
        }
    }

    #[cfg(feature = "fs")]
    pub(crate) fn resume(next: u64, head: Hash) -> Self {
        Self { next, head }
    }

    /// The number that the next entry gets: also how many there are.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// The last entry's hash.
    #[must_use]
    pub fn head(&self) -> Hash {
        self.head
    }

    /// Makes the next entry.
    ///
    /// # Errors
    ///
    /// [`Error::FieldName`], [`Error::IntegerRange`], [`Error::TooDeep`], [`Error::TimeRange`]
    /// and [`Error::EntryTooLong`]; the chain is then as it was.
    pub fn append(
        &mut self,
        event: Event,
        actor: &Actor,
        machine: &Machine,
        at: DateTime<Utc>,
    ) -> Result<Entry, Error> {
        let entry = Entry::new(self.next, self.head, event, actor, machine, at)?;
        self.next += 1;
        self.head = entry.hash();
        Ok(entry)
    }
}
