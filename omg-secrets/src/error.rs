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
