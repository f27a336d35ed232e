//! Entries in the forms that collectors of logs read. Each is one line for one entry, without a
//! line feed, and carries the entry's own line byte for byte, so that whoever gathers them can
//! still check the hashes.
//!
//! # Examples
//!
//! ```
//! use omg_auditlog::{Actor, Chain, Machine, export};
//!
//! let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).unwrap_or_default();
//! let machine = Machine::new("host", "boot");
//! let (_, entry) = Chain::open(&"example.org/log".parse()?, &machine, &Actor::uid(0), at)?;
//! let line = export::rfc5424(&entry);
//! assert!(line.starts_with("<110>1 2025-11-24T16:00:00.000000Z host omg - LogOpened [omg@32473 "));
//! assert!(line.ends_with(entry.line()));
//! # Ok::<(), omg_auditlog::Error>(())
//! ```

mod ocsf;
mod otlp;
mod syslog;

use std::collections::BTreeMap;

pub use self::ocsf::ocsf;
pub use self::otlp::otlp;
pub use self::syslog::rfc5424;

use crate::value::Value;

/// An object of these fields, canonically written: the same entry gives the same bytes.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter();
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Value::Object(fields.collect::<BTreeMap<_, _>>())
}

fn integer(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}
