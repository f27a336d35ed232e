//! What can go wrong with bytes and values. Errors of the log on disk are in `fs`.

use crate::entry::MAX_ENTRY_BYTES;

/// Why a value cannot be made, read or checked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A hash is not 64 lower-case hexadecimal digits.
    #[error("a hash is 64 lower-case hexadecimal digits")]
    NotAHash,
    /// An event's name is neither one of the format's nor a reverse-DNS name.
    #[error("event {name:?} is neither of this format nor a name like org.example.event")]
    EventName {
        /// The name.
        name: String,
    },
    /// A field's name in `subject` is not 1 to 64 letters, digits, `_`, `-` or `.`.
    #[error("field name {name:?} is not 1 to 64 ASCII letters, digits, '_', '-' or '.'")]
    FieldName {
        /// The name.
        name: String,
    },
    /// An integer is outside of what every JSON reader keeps exact (RFC 7493, section 2.2).
    #[error("integer {value} is outside of -(2^53-1) to 2^53-1")]
    IntegerRange {
        /// The integer.
        value: i64,
    },
    /// Objects and lists are nested too deeply.
    #[error("values are nested more than {limit} deep")]
    TooDeep {
        /// The greatest depth.
        limit: usize,
    },
    /// A time is outside of the years 0001 to 9999.
    #[error("the time is outside of the years 1 to 9999")]
    TimeRange,
    /// A line would be longer than the format allows.
    #[error("an entry of {bytes} bytes is longer than {MAX_ENTRY_BYTES}")]
    EntryTooLong {
        /// The line's length, without its line feed.
        bytes: usize,
    },
    /// A line is no entry of this format.
    #[error("not an entry: {0}")]
    NotAnEntry(String),
    /// The log's origin is empty, longer than 256 bytes, or has a space, `+` or control character.
    #[error("origin {origin:?} is empty, too long, or has a space, '+' or control character")]
    Origin {
        /// The origin.
        origin: String,
    },
    /// A key, note, checkpoint or proof cannot be read.
    #[error("{what} cannot be read: {why}")]
    Syntax {
        /// What was being read.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No signature of a trusted key is on the note.
    #[error("no signature by {key}")]
    NotSigned {
        /// The key that was expected, by name and number.
        key: String,
    },
    /// A signature that claims to be a trusted key's does not verify.
    #[error("the signature by {key} does not verify")]
    BadSignature {
        /// The key that the signature names.
        key: String,
    },
    /// A signer could not sign.
    #[error("cannot sign: {0}")]
    Signer(String),
    /// A proof asks for an entry or tree that does not exist.
    #[error("no proof of {index} in a tree of {size}")]
    NoSuchProof {
        /// The entry's number or the smaller tree's size.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// A proof does not lead to the root that it should.
    #[error("the proof does not lead to the tree's root")]
    ProofFails,
}
