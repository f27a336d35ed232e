//! What can go wrong.

/// A scanner that cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A rule is named that does not exist.
    #[error("no rule {id:?}")]
    UnknownRule {
        /// The name as it was given.
        id: String,
    },
}

/// A rules file that is not accepted.
#[cfg(feature = "config")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No TOML, or a key that is unknown or of another type.
    #[error("no rules file: {detail}")]
    Syntax {
        /// What the parser says, with the place.
        detail: String,
    },
    /// An own rule makes no sense.
    #[error("rule {id:?}: {detail}")]
    Rule {
        /// The rule's id as it was given.
        id: String,
        /// Why.
        detail: String,
    },
    /// An allow-list entry makes no sense.
    #[error("allow entry {number}: {detail}")]
    Allow {
        /// Its place in the file, from 1.
        number: usize,
        /// Why.
        detail: String,
    },
    /// More entries than are accepted.
    #[error("over the limit of {limit} entries")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}
